import { basename, dirname, isAbsolute } from "node:path";

/** A ledger by the name a person gave it, and by its file: log, index and lock lie beside the file, not beside a link to it. */
export interface LedgerPath {
  readonly name: string;
  /** Absolute and free of symbolic links, where the file's folder exists. */
  readonly file: string;
  /** What messages call the file when they name what lies beside it: the name, unless that is a link. */
  readonly shown: string;
}

/** As many as Linux follows. */
const MOST_LINKS = 40;

/** Follows links once and for all, so that whoever opens a ledger under any of its names means the same files. */
export function ledgerPath(name: string): LedgerPath {
  const file = withoutLinks(name);
  return { name, file, shown: linkTarget(name) === undefined ? name : file };
}

function withoutLinks(name: string): string {
  let file = name;
  for (let links = 0; links < MOST_LINKS; links++) {
    const real = realPath(file);
    if (real !== undefined) return real;
    // No file there yet: the folder may be behind a link, or the name be a link to nothing.
    const folder = realPath(dirname(file));
    if (folder === undefined) break;
    file = `${folder}/${basename(file)}`;
    const target = linkTarget(file);
    if (target === undefined) return file;
    file = isAbsolute(target) ? target : `${folder}/${target}`;
  }
  return name; // whoever opens it is told what is wrong with it
}

/** Undefined where it leads nowhere. */
function realPath(path: string): string | undefined {
  try {
    return Deno.realPathSync(path);
  } catch {
    return undefined;
  }
}

function linkTarget(path: string): string | undefined {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return undefined;
  }
}
