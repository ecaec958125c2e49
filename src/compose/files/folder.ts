import { hash } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { isHidden, isWithheld, isWithin, realPathOf, type Withheld } from "./withheld.ts";

/** A regular file inside the folder. */
export interface FoundFile {
  /** Without links. */
  readonly path: string;
  readonly size: number;
}

/** An open file that may be sent: what is read is what was checked, whatever its name leads to by then. */
export interface OpenedFile extends FoundFile, Disposable {
  /** @throws what the system says. */
  read(): Uint8Array;
}

/** Why a file is not sent with a mail; worded to follow the name of its use. */
export const NOT_SENT = {
  missing: "not found in the template's folder",
  outside: "is outside the template's folder",
  "not-a-file": "is not a regular file",
  withheld: "is one of the campaign's own files, which are never sent",
  "not-an-attachment": "is outside the attachments folder",
};

const NOTHING: Withheld = { files: [], folders: [] };

/**
 * The template's folder: the only source of includes, layouts, images and attachments.
 *
 * Links are followed before a file counts as inside; only regular files are read, so a pipe or a device cannot stall or
 * flood a run.
 */
export class Folder {
  readonly path: string;
  readonly #withheld: Withheld;
  #real: string | undefined;
  /** Digests of the files that were read for the template, by their paths in the folder. */
  readonly #sources = new Map<string, string>();

  /** @param withheld What is never sent, such as the list of recipients. */
  constructor(path: string, withheld: Withheld = NOTHING) {
    this.path = resolve(path);
    this.#withheld = withheld;
  }

  /** The folder of a file, which itself is never sent. */
  static of(file: string, withheld: Withheld = NOTHING): Folder {
    return new Folder(dirname(resolve(file)), { ...withheld, files: [file, ...withheld.files] });
  }

  /**
   * Opens a file that may be sent with a mail: not one of the campaign's own, and not hidden or in a hidden folder.
   *
   * The name may come from a cell, which must not send anybody the list of all addresses, or a key. The file is opened
   * first and then checked, so that a link or a file that replaces it in the meantime is not read.
   *
   * @param whose A file that the row names comes from the attachments folder, if there is one.
   */
  openToSend(name: string, whose: "template" | "row"): OpenedFile | keyof typeof NOT_SENT {
    const found = this.find(name);
    if (typeof found === "string") return found;
    const below = relative(this.#real!, found.path);
    if (isHidden(name) || isHidden(below)) return "withheld";
    const { attachments } = this.#withheld;
    if (
      whose === "row" && attachments !== undefined && !isWithin(realPathOf(attachments), found.path)
    ) {
      return "not-an-attachment";
    }
    let file: OpenFile;
    try {
      file = new OpenFile(found.path, (bytes) => {
        if (whose === "template") this.noteSource(found.path, bytes);
      });
    } catch {
      return "missing";
    }
    const fault = file.isRegular && file.isStill(found.path)
      ? isWithheld(this.#withheld, found.path, file, this.#real!) ? "withheld" : undefined
      : "not-a-file";
    if (fault === undefined) return file;
    file[Symbol.dispose]();
    return fault;
  }

  /** Notes what was read from a file, because the mails are made from it. How the lines of a text end shows in none. */
  noteSource(path: string, content: Uint8Array | string): void {
    const made = typeof content === "string" ? content.replaceAll("\r\n", "\n") : content;
    this.#sources.set(relative(this.#real ?? this.path, path), hash("sha256", made, "hex"));
  }

  /** The files that the template has named so far, with their SHA-256, in the order of their paths. */
  sources(): readonly (readonly [path: string, sha256: string])[] {
    return [...this.#sources].sort(([a], [b]) => a < b ? -1 : 1);
  }

  /** A regular file inside the folder. */
  find(name: string): FoundFile | "missing" | "outside" | "not-a-file" {
    // A name with a scheme is looked up as a file name, or not found; nothing is ever fetched.
    if (name === "" || name.includes("\0")) return "missing";
    try {
      this.#real ??= Deno.realPathSync(this.path);
      const wanted = resolve(this.path, name);
      if (!isWithin(this.path, wanted) && !isWithin(this.#real, wanted)) return "outside";
      const path = Deno.realPathSync(wanted);
      if (!isWithin(this.#real, path)) return "outside";
      const { isFile, size } = Deno.statSync(path);
      return isFile ? { path, size } : "not-a-file";
    } catch {
      return "missing";
    }
  }
}

/** A file behind its handle. */
class OpenFile implements OpenedFile {
  readonly path: string;
  readonly size: number;
  readonly dev: number;
  readonly ino: number | null;
  readonly isRegular: boolean;
  readonly #handle: number;
  readonly #onRead: (bytes: Uint8Array) => void;

  /** @param path Without links. @throws what the system says, also if a link has replaced it. */
  constructor(path: string, onRead: (bytes: Uint8Array) => void) {
    this.#onRead = onRead;
    // Opening a pipe would wait for a writer.
    const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
    this.path = path;
    this.#handle = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const stat = fstatSync(this.#handle);
      this.size = stat.size;
      this.dev = stat.dev;
      this.ino = Deno.build.os === "windows" ? null : stat.ino;
      this.isRegular = stat.isFile();
    } catch (error) {
      closeSync(this.#handle);
      throw error;
    }
  }

  /** Returns whether the path leads to this file without any link: no folder on the way has been replaced. */
  isStill(path: string): boolean {
    try {
      const { dev, ino } = Deno.lstatSync(path);
      return Deno.realPathSync(path) === path &&
        (this.ino === null || ino === this.ino && dev === this.dev);
    } catch {
      return false;
    }
  }

  read(): Uint8Array {
    const bytes = new Uint8Array(this.size);
    let length = 0;
    while (length < bytes.length) {
      const count = readSync(this.#handle, bytes, length, bytes.length - length, length);
      if (count === 0) break;
      length += count;
    }
    const content = bytes.subarray(0, length);
    this.#onRead(content);
    return content;
  }

  [Symbol.dispose](): void {
    closeSync(this.#handle);
  }
}
