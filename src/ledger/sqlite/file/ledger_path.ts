import { basename, dirname, isAbsolute } from "node:path";

/** The path of a ledger as given, and the file it leads to. Log, index and lock are beside the file, not beside a link to it. */
export interface LedgerPath {
  readonly name: string;
  /** Absolute and free of symbolic links, if the file's folder exists. */
  readonly file: string;
  /** The path that messages use for files beside the ledger: the name, unless that is a link. */
  readonly shown: string;
}

/** The same limit as in Linux. */
const MOST_LINKS = 40;

/** Resolves links once, so that every name of a ledger leads to the same files. */
export function ledgerPath(name: string): LedgerPath {
  const file = withoutLinks(name);
  return { name, file, shown: linkTarget(name) === undefined ? name : file };
}

function withoutLinks(name: string): string {
  let file = name;
  for (let links = 0; links < MOST_LINKS; links++) {
    const real = realPath(file);
    if (real !== undefined) return real;
    // There is no file yet. The folder may be a link, or the name a dangling link.
    const folder = realPath(dirname(file));
    if (folder === undefined) break;
    file = `${folder}/${basename(file)}`;
    const target = linkTarget(file);
    if (target === undefined) return file;
    file = isAbsolute(target) ? target : `${folder}/${target}`;
  }
  return name; // opening it reports what is wrong
}

/** Returns undefined if there is no such file. */
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
