import { basename, dirname, join, relative, resolve, sep } from "node:path";

/** What is never sent with a mail, whatever a cell or a template names. */
export interface Withheld {
  /** Files, by any name and through any link, with those beside them: journals, locks, older logs, copies. */
  readonly files: readonly string[];
  /** Folders, with everything in them. */
  readonly folders: readonly string[];
  /** The only folder that files named by a row come from; undefined: the template's. */
  readonly attachments?: string | undefined;
}

/** A file as the system knows it. */
export interface FileIdentity {
  readonly dev: number;
  /** null if the system has no such number. */
  readonly ino: number | null;
}

/** What programs append to a file's name for files beside it: SQLite, this program, logrotate, editors. */
const BESIDE =
  "(?:-(?:wal|shm|journal)|\\.(?:lock|saved|part|bak|old|orig|tmp|swp)|~|[-.]\\d[-\\d]*)*(?:\\.(?:gz|bz2|xz|zst|zip))?$";
const IS_BESIDE = new RegExp(`^${BESIDE}`, "i");

/** Private files, by their names: settings, ledgers, keys, secrets, logs. */
const PRIVATE = new RegExp(
  `(?:\\.(?:toml|ledger|pem|key|p12|pfx|jks|ppk|kdbx|secret|env|log)${BESIDE}|^id_(?:rsa|dsa|ecdsa|ed25519)$)`,
  "i",
);

/** Returns whether a part of a name begins with a dot, except "." and "..". */
export function isHidden(name: string): boolean {
  return name.split(/[\\/]/).some((part) => part.startsWith(".") && part !== "." && part !== "..");
}

/**
 * Returns whether a file must never be sent.
 *
 * @param path Of the file, without links.
 * @param identity Of the file that was opened.
 * @param folder That of the template, without links: if it is in a withheld folder, as with an outbox `.`, only the
 * mails there are withheld.
 */
export function isWithheld(
  { files, folders }: Withheld,
  path: string,
  identity: FileIdentity,
  folder: string,
): boolean {
  return PRIVATE.test(basename(path)) ||
    files.some((file) => isSame(file, path, identity) || isBeside(file, path)) ||
    folders.some((one) => {
      const withheld = realPathOf(one);
      if (!isWithin(withheld, path)) return false;
      return folder !== withheld && !isWithin(withheld, folder) || /\.eml$/i.test(path);
    });
}

/** Returns whether `path` is below `folder`; both are absolute. */
export function isWithin(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Returns whether two names lead to one file: through symbolic or hard links, or in a file system that ignores case. */
function isSame(file: string, path: string, { dev, ino }: FileIdentity): boolean {
  try {
    const own = Deno.statSync(file);
    return ino !== null && own.ino === ino && own.dev === dev || Deno.realPathSync(file) === path;
  } catch {
    return false;
  }
}

function isBeside(file: string, path: string): boolean {
  return [resolve(file), realPathOf(file)].some((own) => {
    if (realPathOf(dirname(own)) !== dirname(path)) return false;
    const [ofOwn, name] = [basename(own).toLowerCase(), basename(path).toLowerCase()];
    return name.startsWith(ofOwn) && IS_BESIDE.test(name.slice(ofOwn.length));
  });
}

/** A path without links, as far as it exists. */
export function realPathOf(path: string): string {
  const absolute = resolve(path);
  try {
    return Deno.realPathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(realPathOf(parent), relative(parent, absolute));
  }
}
