import { createHash } from "node:crypto";
import type { ListOptions } from "../list_options.ts";
import { type Batch, type List, openList } from "../list.ts";
import type { ListFile } from "./list_file.ts";
import type { SourceDependencies } from "./source.ts";

/** One reading of the list. */
export interface ListPass {
  readonly rows: ReadableStream<Batch>;
  /** Returns whether the bytes read are those that were scanned; call it after the last row. */
  isAsScanned(): boolean;
  /** How many rows a condition has not chosen so far. */
  notChosen(): number;
}

/** Whether the rows read so far can be used. */
export type ListNews =
  | "as scanned"
  /** The file was rewritten with the same content: rows just read may be torn, but a new pass will be right. */
  | "read again"
  /** The content is different now. */
  | "changed";

/** The rows of the list to be claimed, and whether they are still those that were scanned. */
export interface SendingList {
  /** Starts a pass over the rows; those up to `line` are known and may be omitted. */
  rowsAfter(line: number): Promise<ListPass>;
  /** Checks the list before the rows just read are claimed. */
  news(): Promise<ListNews>;
  /** Returns whether the list, at the end of the run, differs from what was scanned. */
  hasChanged(): Promise<boolean>;
}

/** Fingerprint of the bytes read in one pass. */
export class PassFingerprint {
  readonly #hash = createHash("sha256");

  readonly onBytes = (bytes: Uint8Array): void => void this.#hash.update(bytes);

  /** Returns the SHA-256 of the bytes so far, in hexadecimal; call it once. */
  digest(): string {
    return this.#hash.digest("hex");
  }
}

/** Returns a list that can be read only once: standard input, or a named pipe. */
export function listReadOnce(list: List): SendingList {
  return {
    rowsAfter: () =>
      Promise.resolve({
        rows: list.rows,
        isAsScanned: () => true,
        notChosen: () => list.notChosen,
      }),
    news: () => Promise.resolve("as scanned"),
    hasChanged: () => Promise.resolve(false),
  };
}

/** What `ScannedList` reads. */
export interface ScannedListOptions {
  readonly options: ListOptions;
  readonly file: ListFile;
  readonly signal: AbortSignal;
  /** The fingerprint from the scan. */
  readonly fingerprint: string;
  /** The list as opened to read its header; `read` has seen the bytes. */
  readonly opened: List;
  readonly read: PassFingerprint;
}

/** A list in a file that was scanned before. */
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
    return {
      rows: opened.rows,
      isAsScanned: () => read.digest() === fingerprint,
      notChosen: () => opened.notChosen,
    };
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
    // A list that is gone has no rows that this run has not seen.
    return await file.compare(fingerprint, signal) === "changed";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open?.[Symbol.asyncDispose]();
    this.#open = undefined;
  }
}
