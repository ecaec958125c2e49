import { Buffer } from "node:buffer";
import { type InfoRecord, parse } from "csv-parse/stream";
import { isBlank } from "../../text/blank.ts";
import { sizeText } from "../../text/quantity.ts";
import type { BadRow, CsvRow } from "../../model/recipient.ts";
import { countQuotes, LineBuffer } from "./line_buffer.ts";
import { lineEnd } from "./lines.ts";
import { mayBeLooselyQuoted, withoutBlanksBehindQuotes } from "./quoted_cells.ts";

/**
 * Maximum number of bytes in a record. It limits the memory that a cell can take. A mail is built from a row, and few
 * servers accept more than 10 MiB, so no valid row comes near the limit.
 */
export const RECORD_LIMIT = 1024 * 1024;

/** A quote that is not closed, or not within the limit, so that the rest of the file would be one cell. */
export class OpenQuote extends Error {
  override readonly name = "OpenQuote";
  constructor(/** The physical line the quote is on. */ readonly line: number) {
    super("A quote opens here and is not closed");
  }
}

/** The format of the records in a file. */
export interface Dialect {
  /** One ASCII character. */
  readonly delimiter: string;
  /** Whether lines that begin with "#" are comments. */
  readonly comments: boolean;
}

/**
 * Parses CSV and determines the physical line on which each record starts.
 *
 * csv-parse does the parsing, through its web stream. Two things are done here. Records are returned in batches, one
 * per write, through the parser's `on_record` instead of the stream's readable side, which would cost a promise per
 * row (387,000 rows/s against 605,000). And lines are counted here, from the offset at which csv-parse ends each
 * record: it counts a CRLF inside quotes twice, and reports where a record ends, not where it starts.
 *
 * Line ends can be LF, CRLF or CR, even mixed. A quote inside an unquoted cell is an ordinary character; blanks after
 * a closing quote are dropped. Records with only blank cells are ignored.
 */
export class RecordParser {
  readonly #dialect: Dialect;
  #writer: WritableStreamDefaultWriter<Uint8Array>;
  /** Bytes given to the parser that are not part of a complete record yet. */
  #pending: LineBuffer;
  #batch: (CsvRow | BadRow)[] = [];
  #fault: OpenQuote | undefined;
  /** An incomplete record over the limit; its bytes are dropped. */
  #oversized: { readonly line: number; quotes: number } | undefined;

  /** @param line The physical line on which the text begins. */
  constructor(dialect: Dialect, line = 1) {
    this.#dialect = dialect;
    this.#pending = new LineBuffer(line);
    this.#writer = this.#newParser();
  }

  /**
   * Takes UTF-8 text, split anywhere, and returns the records it completes.
   *
   * @throws {OpenQuote} if a record of several lines exceeds the limit.
   */
  async push(bytes: Uint8Array): Promise<(CsvRow | BadRow)[]> {
    const rest = this.#oversized === undefined ? bytes : this.#skipOversized(bytes);
    if (rest.length > 0) {
      this.#pending.append(rest);
      await this.#writer.write(Buffer.from(rest.buffer, rest.byteOffset, rest.length));
      if (this.#fault !== undefined) throw this.#fault;
      this.#pending.dropIdle(this.#dialect.comments);
      if (this.#pending.length > RECORD_LIMIT) await this.#dropOversized();
    }
    return this.#takeBatch();
  }

  /**
   * Returns the last record, which may lack its line end.
   *
   * @throws {OpenQuote} if a quote is not closed.
   */
  async end(): Promise<(CsvRow | BadRow)[]> {
    if (this.#oversized !== undefined) this.#endOversized(this.#oversized);
    else await this.#close();
    if (this.#fault !== undefined) throw this.#fault;
    return this.#takeBatch();
  }

  /** Returns the physical line reached after this text, if it came next. */
  lineAfter(text: Uint8Array): number {
    return this.#pending.line + this.#pending.breaks(text);
  }

  #newParser(): WritableStreamDefaultWriter<Uint8Array> {
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

  /** Returns null to keep the record out of the readable side. */
  #onRecord(cells: string[], endsAt: number): null {
    this.#pending.dropIdle(this.#dialect.comments);
    const { line } = this.#pending;
    const written = mayBeLooselyQuoted(cells) ? this.#pending.textTo(endsAt) : undefined;
    const length = this.#pending.takeTo(endsAt);
    if (length > RECORD_LIMIT) this.#refuseOversized(line, this.#pending.line - line > 1);
    else {
      const { delimiter } = this.#dialect;
      const exact = written === undefined
        ? cells
        : withoutBlanksBehindQuotes(written, cells, delimiter);
      if (!isBlankRow(exact)) this.#batch.push({ kind: "row", line, cells: exact });
    }
    return null;
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
      // The quote follows the last delimiter, where csv-parse reports the end of the last cell; or, if it is the
      // first in its record, it follows the empty lines there.
      this.#pending.dropIdle(this.#dialect.comments);
      this.#fault = new OpenQuote(this.#pending.lineAt(error.bytes));
    }
  }

  /** Handles an incomplete record over the limit: a fault of the file, or a row to be skipped. */
  async #dropOversized(): Promise<void> {
    if (this.#pending.breaks() > 0) {
      await this.#close();
      throw this.#fault ?? new OpenQuote(this.#pending.line);
    }
    this.#oversized = { line: this.#pending.line, quotes: this.#pending.quotes() };
    this.#pending = new LineBuffer(this.#pending.line);
  }

  /** Skips to the line end of the oversized record; the rest goes to a new parser. */
  #skipOversized(bytes: Uint8Array): Uint8Array {
    const record = this.#oversized;
    if (record === undefined) return bytes;
    const end = lineEnd(bytes, 0, bytes.length);
    record.quotes += countQuotes(end < 0 ? bytes : bytes.subarray(0, end));
    if (end < 0) return bytes.subarray(bytes.length);
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
   * Refuses an oversized record. On one line it is one bad row. With line ends in it, it most likely has a stray quote
   * and contains other recipients, so it must not count as one bad row.
   */
  #refuseOversized(line: number, severalLines: boolean): void {
    if (severalLines) {
      this.#fault ??= new OpenQuote(line);
      return;
    }
    const reason = `Row is longer than ${sizeText(RECORD_LIMIT)}`;
    this.#batch.push({ kind: "bad-row", line, address: "", fields: [], reason });
  }
}

/** Returns whether all cells are blank, as in rows that spreadsheets leave behind. */
export function isBlankRow(cells: readonly string[]): boolean {
  for (const cell of cells) {
    if (!isBlank(cell)) return false;
  }
  return true;
}

function isOpenQuote(error: unknown): error is Error & { readonly bytes: number } {
  return error instanceof Error && "code" in error && error.code === "CSV_QUOTE_NOT_CLOSED" &&
    "bytes" in error && typeof error.bytes === "number";
}
