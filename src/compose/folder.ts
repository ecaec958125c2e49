import { dirname, relative, resolve, sep } from "node:path";

/** A regular file inside the folder. */
export interface Found {
  /** Without links. */
  readonly path: string;
  readonly size: number;
}

/** Why a file does not go out with a mail; follows what it was to be. */
export const NOT_SENT = {
  missing: "not found in the template's folder",
  outside: "is outside the template's folder",
  "not-a-file": "is not a regular file",
  withheld: "is a file of the campaign's own, which is never sent",
};

/**
 * Files that lie beside a template and are not meant for anybody: settings, ledgers (with what SQLite puts beside them), keys.
 */
const PRIVATE = /\.(?:toml|ledger(?:[-.]\w+)?|pem|key|p12|pfx|kdbx)$/i;

/**
 * The template's folder: the only place that includes, layouts, images and attachments come from.
 *
 * Links are followed before it is decided whether a file is inside; only regular files are read, so a pipe or a device
 * cannot stall or flood a run.
 */
export class Folder {
  readonly path: string;
  readonly #withheld: readonly string[];
  #real: string | undefined;

  /** @param withheld Files that are never sent, such as the list of recipients. */
  constructor(path: string, withheld: readonly string[] = []) {
    this.path = resolve(path);
    this.#withheld = withheld;
  }

  /** The folder of a file, which is never sent itself. */
  static of(file: string, withheld: readonly string[] = []): Folder {
    return new Folder(dirname(resolve(file)), [file, ...withheld]);
  }

  /**
   * A file that may go out with a mail: not one of the campaign's own, none that is hidden or lies in a hidden folder.
   *
   * The name may come from a cell, and the list of everybody's addresses must not reach somebody by it.
   */
  findToSend(name: string): Found | keyof typeof NOT_SENT {
    const found = this.find(name);
    if (typeof found === "string") return found;
    const below = relative(this.#real!, found.path);
    const isHidden = `${name}${sep}${below}`.split(/[\\/]/).some((part) => /^\.[^.]/.test(part));
    const isOwn = isHidden || PRIVATE.test(found.path) ||
      this.#withheld.some((file) => isSame(file, found.path));
    return isOwn ? "withheld" : found;
  }

  /** A regular file inside the folder. */
  find(name: string): Found | "missing" | "outside" | "not-a-file" {
    // A name with a scheme would be found as a file of that name or not at all; nothing is ever fetched.
    if (name === "" || name.includes("\0")) return "missing";
    try {
      this.#real ??= Deno.realPathSync(this.path);
      const wanted = resolve(this.path, name);
      if (!isInside(this.path, wanted) && !isInside(this.#real, wanted)) return "outside";
      const path = Deno.realPathSync(wanted);
      if (!isInside(this.#real, path)) return "outside";
      const { isFile, size } = Deno.statSync(path);
      return isFile ? { path, size } : "not-a-file";
    } catch {
      return "missing";
    }
  }
}

/** Two names lead to one file, over links and in a file system that does not tell letter case, too. */
function isSame(file: string, path: string): boolean {
  try {
    const [one, other] = [Deno.statSync(file), Deno.statSync(path)];
    return one.ino !== null && one.ino === other.ino && one.dev === other.dev ||
      Deno.realPathSync(file) === path;
  } catch {
    return false;
  }
}

function isInside(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
