import { type InfoRecord, parse } from "csv-parse/stream";
import type { BadRow, CsvRow } from "./recipient.ts";
import { countBreaks, joined, lineEnd, skipIdle } from "./lines.ts";

/**
 * Bytes of one record at the most. It bounds the memory that one cell can take; a mail is built from a row, and few
 * servers take 10 MiB, so no row that is meant comes near.
 */
export const RECORD_LIMIT = 1024 * 1024;

/** A quote that is never closed, or not within the limit: the rest of the file would be one cell. */
export class OpenQuote extends Error {
  override readonly name = "OpenQuote";
  constructor(/** The physical line the quote stands on. */ readonly line: number) {
    super("A quote opens here and is not closed");
  }
}

/** How the records of a file are written. */
export interface Dialect {
  /** One ASCII character. */
  readonly delimiter: string;
  /** Lines that begin with "#" are no records. */
  readonly comments: boolean;
}

const QUOTE = 0x22;
const NONE = new Uint8Array(0);

/**
 * Tells the records of a CSV text apart and says on which physical line each starts.
 *
 * Parsing is csv-parse's, by its web stream. Two things are done here. Records leave in batches, one for each write,
 * through the parser's `on_record` and not through the stream's readable side: that would cost a promise a row
 * (387,000 rows/s against 605,000). And lines are counted here, from the offset at which csv-parse ends each
 * record: it counts a CRLF inside quotes twice, and tells where a record ends, not where it starts.
 *
 * Line ends may be LF, CRLF or CR, and be mixed. A quote inside an unquoted cell is a character like any other.
 */
export class RecordParser {
  readonly #dialect: Dialect;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  /** What the parser has been given and not yet made a record of begins here, on this line. */
  #pending: Uint8Array = NONE;
  #at = 0;
  #line = 1;
  /** Offset of `#pending[0]`, as the parser counts. */
  #base = 0;
  #batch: (CsvRow | BadRow)[] = [];
  #fault: OpenQuote | undefined;
  /** A record over the limit whose end has not come yet; its bytes are not kept. */
  #oversized: { readonly line: number; quotes: number } | undefined;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
    this.#writer = this.#newParser();
  }

  /**
   * Takes UTF-8 text, split anywhere, and gives the records it completes.
   *
   * @throws {OpenQuote} if a record of several lines goes over the limit.
   */
  async push(bytes: Uint8Array): Promise<(CsvRow | BadRow)[]> {
    const rest = this.#oversized === undefined ? bytes : this.#skipOversized(bytes);
    if (rest.length > 0) {
      this.#pending = joined(this.#pending.subarray(this.#at), rest);
      this.#base += this.#at;
      this.#at = 0;
      await this.#writer.write(Buffer.from(rest.buffer, rest.byteOffset, rest.length));
      if (this.#fault !== undefined) throw this.#fault;
      this.#skipIdle();
      if (this.#pending.length - this.#at > RECORD_LIMIT) await this.#dropOversized();
    }
    return this.#takeBatch();
  }

  /**
   * Gives the last record, which may lack its line end.
   *
   * @throws {OpenQuote} if a quote is open.
   */
  async end(): Promise<(CsvRow | BadRow)[]> {
    if (this.#oversized !== undefined) this.#endOversized(this.#oversized);
    else await this.#close();
    if (this.#fault !== undefined) throw this.#fault;
    return this.#takeBatch();
  }

  /** The physical line that would follow if this text came next. */
  lineAfter(text: Uint8Array): number {
    const bytes = joined(this.#pending.subarray(this.#at), text);
    return this.#line + countBreaks(bytes, 0, bytes.length);
  }

  #newParser(): WritableStreamDefaultWriter<Uint8Array> {
    this.#base = 0;
    return parse({
      delimiter: this.#dialect.delimiter,
      record_delimiter: ["\r\n", "\n", "\r"],
      skip_empty_lines: true,
      relax_quotes: true,
      relax_column_count: true,
      comment: this.#dialect.comments ? "#" : null,
      comment_no_infix: true,
      on_record: (cells: string[], info: InfoRecord) => this.#onRecord(cells, info.bytes),
    }).writable.getWriter();
  }

  /** Answers null: the record has been taken and shall not go to the readable side. */
  #onRecord(cells: string[], endsAt: number): null {
    this.#skipIdle();
    const start = this.#at;
    const line = this.#line;
    this.#at = endsAt - this.#base;
    this.#line += countBreaks(this.#pending, start, this.#at);
    if (this.#at - start > RECORD_LIMIT) this.#refuseOversized(line, this.#line - line > 1);
    else this.#batch.push({ kind: "row", line, cells });
    return null;
  }

  #skipIdle(): void {
    const end = skipIdle(this.#pending, this.#at, this.#dialect.comments);
    if (end === this.#at) return;
    this.#line += countBreaks(this.#pending, this.#at, end);
    this.#at = end;
  }

  #takeBatch(): (CsvRow | BadRow)[] {
    const batch = this.#batch;
    this.#batch = [];
    return batch;
  }

  async #close(): Promise<void> {
    try {
      await this.#writer.close();
    } catch (error) {
      if (!isOpenQuote(error)) throw error;
      this.#fault = new OpenQuote(this.#lineOfQuote(error.bytes));
    }
  }

  /** The quote stands behind the last delimiter, which is where csv-parse says the last cell ended. */
  #lineOfQuote(lastCellEnd: number): number {
    this.#skipIdle();
    return this.#line + countBreaks(this.#pending, this.#at, lastCellEnd - this.#base);
  }

  /** The record under way has gone over the limit: a fault of the file, or a row to be skipped to its end. */
  async #dropOversized(): Promise<void> {
    const { length } = this.#pending;
    if (countBreaks(this.#pending, this.#at, length) > 0) {
      await this.#close();
      throw this.#fault ?? new OpenQuote(this.#line);
    }
    this.#oversized = {
      line: this.#line,
      quotes: countQuotes(this.#pending.subarray(this.#at)),
    };
    this.#pending = NONE;
    this.#at = 0;
  }

  /** Goes on to the line end behind the oversized record; what follows is for a new parser. */
  #skipOversized(bytes: Uint8Array): Uint8Array {
    const record = this.#oversized;
    if (record === undefined) return bytes;
    const end = lineEnd(bytes, 0);
    record.quotes += countQuotes(end < 0 ? bytes : bytes.subarray(0, end));
    if (end < 0) return NONE;
    this.#endOversized(record);
    if (this.#fault !== undefined) throw this.#fault;
    this.#oversized = undefined;
    this.#writer = this.#newParser();
    return bytes.subarray(end);
  }

  #endOversized(record: { readonly line: number; readonly quotes: number }): void {
    this.#refuseOversized(record.line, record.quotes % 2 === 1);
  }

  /**
   * A long row by itself is one bad row. A long row with line ends in it is most likely a quote too many, and has
   * swallowed other recipients: that nobody may take for one bad row.
   */
  #refuseOversized(line: number, severalLines: boolean): void {
    if (severalLines) {
      this.#fault ??= new OpenQuote(line);
      return;
    }
    const reason = `Row is longer than ${RECORD_LIMIT / 1024 / 1024} MiB`;
    this.#batch.push({ kind: "bad-row", line, address: "", fields: [], reason });
  }
}

function isOpenQuote(error: unknown): error is Error & { readonly bytes: number } {
  return error instanceof Error && "code" in error && error.code === "CSV_QUOTE_NOT_CLOSED" &&
    "bytes" in error && typeof error.bytes === "number";
}

function countQuotes(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(QUOTE); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) count++;
  return count;
}
