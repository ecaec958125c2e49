import { createHash } from "node:crypto";
import type { ListOptions } from "../list_options.ts";
import { type Batch, type List, openList } from "../list.ts";
import type { ListFile } from "./list_file.ts";
import type { SourceDependencies } from "./source.ts";

/** One reading of the list. */
export interface ListPass {
  readonly rows: ReadableStream<Batch>;
  /** Whether what was read is the list as it was scanned; asked when the rows are through. */
  isAsScanned(): boolean;
}

/** What became of the list since its scan, as far as the rows in hand are concerned. */
export type ListNews =
  | "as scanned"
  /** It was written to and holds the same: the rows in hand may be torn, a new pass has whole ones. */
  | "read again"
  /** It is another list now. */
  | "changed";

/** The rows of the list on their way to be claimed, and whether they are still those that were scanned. */
export interface SendingList {
  /** The rows; those up to `line` may be left out, as they are known. */
  rowsAfter(line: number): Promise<ListPass>;
  /** Looks at the list before rows that were read are claimed. */
  news(): Promise<ListNews>;
  /** Whether the list, when all is sent, has other rows than were scanned. */
  hasChanged(): Promise<boolean>;
}

/** The fingerprint of what one pass reads. */
export class PassFingerprint {
  readonly #hash = createHash("sha256");

  readonly onBytes = (bytes: Uint8Array): void => void this.#hash.update(bytes);

  /** SHA-256 in hexadecimal of the bytes so far; asked once. */
  digest(): string {
    return this.#hash.digest("hex");
  }
}

/** A list that is read once, as it comes: standard input, or a pipe with a name. */
export function listReadOnce(list: List): SendingList {
  return {
    rowsAfter: () => Promise.resolve({ rows: list.rows, isAsScanned: () => true }),
    news: () => Promise.resolve("as scanned"),
    hasChanged: () => Promise.resolve(false),
  };
}

/** What `ScannedList` reads. */
export interface ScannedListOptions {
  readonly options: ListOptions;
  readonly file: ListFile;
  readonly signal: AbortSignal;
  /** Of the scan. */
  readonly fingerprint: string;
  /** The list as it was opened for its header, whose bytes `read` has seen. */
  readonly opened: List;
  readonly read: PassFingerprint;
}

/** A list in a file, which was scanned before. */
export class ScannedList implements SendingList, AsyncDisposable {
  readonly #given: ScannedListOptions;
  #open: List | undefined;
  #passes = 0;

  constructor(given: ScannedListOptions) {
    this.#given = given;
    this.#open = given.opened;
  }

  async rowsAfter(line: number): Promise<ListPass> {
    const { options, file, signal, fingerprint } = this.#given;
    let { opened, read } = this.#given;
    if (this.#passes++ > 0 || line > 1) {
      await this[Symbol.asyncDispose]();
      read = new PassFingerprint();
      const dependencies: SourceDependencies = { signal, onBytes: read.onBytes, ...file.reading };
      this.#open = opened = await openList(options, dependencies, Math.max(1, line));
    }
    return { rows: opened.rows, isAsScanned: () => read.digest() === fingerprint };
  }

  async news(): Promise<ListNews> {
    const { file, fingerprint, signal } = this.#given;
    if (!file.isDisturbed) return "as scanned";
    switch (await file.compare(fingerprint, signal)) {
      case "same":
      case "touched":
        return "read again";
      case "changed":
      case "gone":
        return "changed";
    }
  }

  async hasChanged(): Promise<boolean> {
    const { file, fingerprint, signal } = this.#given;
    // A list that is there no more holds nobody whom this run has not met.
    return await file.compare(fingerprint, signal) === "changed";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open?.[Symbol.asyncDispose]();
    this.#open = undefined;
  }
}
