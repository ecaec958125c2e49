import { parseMailbox } from "../list/address.ts";
import { isEmailName, readHeader } from "../list/header.ts";
import type { BadRow, CsvRow } from "../model/recipient.ts";
import { openRecords } from "../list/records/record_file.ts";

/** Most ignored lines that are listed. */
const EXAMPLES = 20;

/**
 * Tells who must get no mail. It is asked when a recipient is claimed, and again before the mail is sent if somebody was
 * added since.
 */
export interface Suppressing {
  /**
   * Returns why a recipient gets none, for the ledger: "Suppressed by suppress.csv:12".
   *
   * @param key `Recipient.key`, of which only the mailbox counts; for a copy, also that of the recipient whose mail it is
   */
  why(key: string): string | undefined;
  /** Changes when somebody may have been added. */
  readonly version: number;
}

/** The addresses of suppression files. */
export interface Suppression {
  /** Addresses, each counted once. */
  readonly size: number;
  /** Returns where a recipient's key was found, as "suppress.csv:12" (the first place if there are several), or undefined. */
  has(key: string): string | undefined;
  /** Returns each key once, in the order of the files. */
  keys(): Iterable<string>;
  /** Lines that hold no address and therefore suppress nobody: how many, and the first 20. */
  readonly ignored: {
    readonly count: number;
    readonly examples: readonly IgnoredLine[];
  };
}

/** A line of a suppression file that names no address. */
export interface IgnoredLine {
  readonly file: string;
  readonly line: number;
  readonly reason: string;
}

/** A file's lines, as read so far. */
interface FileReading {
  readonly file: string;
  /** The column that holds the address; undefined until the first record is read. */
  column: number | undefined;
}

/**
 * Reads addresses that must get no mail, by the rules of `parseMailbox`.
 *
 * Each file is a CSV file with an e-mail column, or has no header and holds one address per line, or rows with one
 * column for the address. Empty lines and lines that begin with "#" are ignored. Encoding and delimiter are detected
 * as for the list. An address takes about 80 bytes of memory.
 *
 * @throws {InputError} if a file cannot be read, or its header has no column for the address.
 */
export async function readSuppression(
  files: readonly string[],
  signal: AbortSignal,
): Promise<Suppression> {
  const read = new AddressesRead(files);
  for (const [index, path] of files.entries()) {
    const options = {
      recipients: path,
      encoding: undefined,
      delimiter: undefined,
      emailColumn: undefined,
    };
    const records = await openRecords(options, { signal }, { comments: true });
    const reading: FileReading = { file: records.file, column: undefined };
    try {
      for await (const batch of records.batches) {
        for (const row of batch) read.add(index, row.line, reading.file, entryOf(row, reading));
      }
    } finally {
      await records.close();
    }
  }
  return read;
}

/** The addresses of several files, and where they were found. */
class AddressesRead implements Suppression {
  readonly #files: readonly string[];
  /** One number for file and line; an object per entry would take more memory than everything else. */
  readonly #places = new Map<string, number>();
  readonly #examples: IgnoredLine[] = [];
  #ignored = 0;

  constructor(files: readonly string[]) {
    this.#files = files;
  }

  add(index: number, line: number, file: string, entry: SuppressionEntry | undefined): void {
    if (entry === undefined) return;
    if (entry.key === undefined) {
      if (this.#ignored++ < EXAMPLES) this.#examples.push({ file, line, reason: entry.reason });
    } else if (!this.#places.has(entry.key)) {
      this.#places.set(entry.key, line * this.#files.length + index);
    }
  }

  get size(): number {
    return this.#places.size;
  }

  has(key: string): string | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    const count = this.#files.length;
    return `${this.#files[place % count]}:${Math.floor(place / count)}`;
  }

  keys(): Iterable<string> {
    return this.#places.keys();
  }

  get ignored(): Suppression["ignored"] {
    return { count: this.#ignored, examples: this.#examples };
  }
}

type SuppressionEntry = { readonly key: string } | {
  readonly key: undefined;
  readonly reason: string;
};

/** Returns the entry of a record; undefined for a header. */
function entryOf(row: CsvRow | BadRow, reading: FileReading): SuppressionEntry | undefined {
  if (row.kind === "bad-row") return { key: undefined, reason: row.reason };
  if (reading.column === undefined) {
    const header = columnOf(row, reading);
    if (header) return undefined;
  }
  const result = parseMailbox(row.cells[reading.column ?? 0] ?? "");
  return result.kind === "mailbox" ? result : { key: undefined, reason: result.reason };
}

/** Finds the address column from the first record; returns whether that is a header. */
function columnOf(row: CsvRow, reading: FileReading): boolean {
  const { cells, line } = row;
  const address = cells.findIndex((cell) => parseMailbox(cell).kind === "mailbox");
  const isHeader = address < 0 && (cells.length > 1 || isEmailName(cells[0] ?? ""));
  reading.column = isHeader
    ? readHeader(cells, undefined, { file: reading.file, line }).email
    : Math.max(address, 0);
  return isHeader;
}
