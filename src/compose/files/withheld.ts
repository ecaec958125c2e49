import { basename, dirname, join, relative, resolve, sep } from "node:path";

/** What never goes out with a mail, whatever a cell or a template names. */
export interface Withheld {
  /** Files, by any name and over any link, with what lies beside them: journals, locks, older logs, copies. */
  readonly files: readonly string[];
  /** Folders, with all that is in them. */
  readonly folders: readonly string[];
  /** The only folder that files named by a row come from; undefined: the template's. */
  readonly attachments?: string | undefined;
}

/** A file as the system knows it. */
export interface FileIdentity {
  readonly dev: number;
  /** null where the system has no such number. */
  readonly ino: number | null;
}

/** What programs put behind the name of a file they make beside it: SQLite, this one, logrotate, editors. */
const BESIDE =
  "(?:-(?:wal|shm|journal)|\\.(?:lock|saved|part|bak|old|orig|tmp|swp)|~|[-.]\\d[-\\d]*)*(?:\\.(?:gz|bz2|xz|zst|zip))?$";
const IS_BESIDE = new RegExp(`^${BESIDE}`, "i");

/** Files that are not meant for anybody, by their names: settings, ledgers, keys, secrets, logs. */
const PRIVATE = new RegExp(
  `(?:\\.(?:toml|ledger|pem|key|p12|pfx|jks|ppk|kdbx|secret|env|log)${BESIDE}|^id_(?:rsa|dsa|ecdsa|ed25519)$)`,
  "i",
);

/** Whether a name has a part that begins with a dot, but for "." and "..". */
export function isHidden(name: string): boolean {
  return name.split(/[\\/]/).some((part) => part.startsWith(".") && part !== "." && part !== "..");
}

/**
 * Whether a file is one that never goes out.
 *
 * @param path Of the file, without links.
 * @param identity Of the file that was opened.
 * @param folder That of the template, without links: where it lies in a folder that is withheld, as an outbox `.` would be, only
 * the mails there are.
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

/** `path` is below `folder`; both are absolute. */
export function isWithin(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

/** Two names lead to one file: over links, hard ones too, and in a file system that does not tell letter case. */
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

/** A path without links, as far as it is there. */
export function realPathOf(path: string): string {
  const absolute = resolve(path);
  try {
    return Deno.realPathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(realPathOf(parent), relative(parent, absolute));
  }
}
