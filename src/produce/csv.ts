import type { ListOptions } from "../cli/options.ts";
import { InputError } from "../report/input_error.ts";
import { parseMailbox } from "./address.ts";
import { found } from "./found.ts";
import { readHeader } from "./header.ts";
import type { BadRow, Columns, CsvRow } from "./recipient.ts";
import { type Batch, openRecords, type RecordFile } from "./record_file.ts";
import type { Surroundings } from "./source.ts";

export type { Batch } from "./record_file.ts";
export type { Surroundings } from "./source.ts";

/** An opened list: its header is read, its rows come as they are asked for. */
export interface List {
  readonly columns: Columns;
  /** As WHATWG names it: "utf-8". */
  readonly encoding: string;
  /** One character. */
  readonly delimiter: string;
  /**
   * The rows below the header. Nothing is read ahead of a pull but the bytes of one batch.
   * Errors with an `InputError` when the file as a whole cannot be read, and with the signal's reason when aborted.
   */
  readonly rows: ReadableStream<Batch>;
  /** Closes the file; needed when the rows were not read to their end, harmless otherwise. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens the list of recipients and reads its header.
 *
 * @param fromLine Goes on in a list that was read before and has not changed since: the rows above this physical line
 * are passed over without being parsed (0.3 s for a million rows, not 1.9 s). It must be a line on which a row starts.
 * @throws {InputError} if the file cannot be read, is empty, or its header has no column for the address.
 */
export async function openList(
  options: ListOptions,
  surroundings: Surroundings,
  fromLine = 1,
): Promise<List> {
  const records = await openRecords(options, surroundings, { comments: false, fromLine });
  try {
    const first = await records.batches.next();
    const [header, ...rows] = first.done ? [] : first.value;
    if (header === undefined) {
      throw new InputError(
        "The list is empty: it needs a header line and a row for each recipient",
        {
          place: { file: records.file },
        },
      );
    }
    const place = { file: records.file, line: header.line };
    if (header.kind === "bad-row") throw new InputError(header.reason, { place });
    const columns = readHeader(header.cells, options.emailColumn, place);
    return {
      columns,
      encoding: records.encoding,
      delimiter: records.delimiter,
      rows: ReadableStream.from(listRows(columns, rows, records)),
      [Symbol.asyncDispose]: () => records.close(),
    };
  } catch (error) {
    await records.close();
    throw error;
  }
}

async function* listRows(
  columns: Columns,
  first: (CsvRow | BadRow)[],
  records: RecordFile,
): AsyncGenerator<Batch, void> {
  try {
    for (let batch: Batch = first;;) {
      const rows = fittedBatch(batch, columns, records.delimiter);
      if (rows.length > 0) yield rows;
      const next = await records.batches.next();
      if (next.done) return;
      batch = next.value;
    }
  } finally {
    await records.close();
  }
}

/** The batch itself where every row is as it should be, which is nearly always. */
function fittedBatch(batch: Batch, columns: Columns, delimiter: string): Batch {
  const width = columns.names.length;
  const isPlain = (row: CsvRow | BadRow) =>
    row.kind === "row" && row.cells.length === width && !spansLines(row.cells);
  return batch.every(isPlain) ? batch : batch.flatMap((row) => fitted(row, columns, delimiter));
}

/** A row that does not fit the header is a bad row; a line of blanks is none at all. */
function fitted(row: CsvRow | BadRow, columns: Columns, delimiter: string): (CsvRow | BadRow)[] {
  if (row.kind === "bad-row") return [row];
  const { line, cells } = row;
  if (columns.names.length > 1 && cells.length === 1 && cells[0]?.trim() === "") return [];
  const rule = cells.length === columns.names.length
    ? swallowsRows(cells, columns, delimiter)
    : otherWidth(cells, columns);
  if (rule === undefined) return [row];
  const lines = cells.reduce((sum, cell) => sum + breaksIn(cell), 0);
  const reason = lines === 0
    ? rule
    : `${rule} (the row goes on to line ${line + lines}; is there a quote too many?)`;
  return [{ kind: "bad-row", line, address: cells[columns.email] ?? "", fields: cells, reason }];
}

function otherWidth(cells: readonly string[], columns: Columns): string {
  const fields = `${cells.length} ${cells.length === 1 ? "field" : "fields"}`;
  const first = cells.find((cell) => cell.trim() !== "") ?? "";
  return `Row has ${fields} where the header has ${columns.names.length}, it begins with ${
    found(first)
  }`;
}

/**
 * A quote too many makes one cell of all rows up to the next quote. Their recipients would be lost without a word, so
 * a cell is refused in which a line reads as a row with an address.
 */
function swallowsRows(
  cells: readonly string[],
  columns: Columns,
  delimiter: string,
): string | undefined {
  for (const cell of cells) {
    for (const line of cell.split(/\r\n|\r|\n/).slice(1)) {
      const fields = line.split(delimiter);
      if (fields.length !== columns.names.length || fields.length === 1) continue;
      if (parseMailbox(fields[columns.email] ?? "").kind === "not-a-mailbox") continue;
      return `A cell of this row holds another row: ${found(line)}`;
    }
  }
  return undefined;
}

function spansLines(cells: readonly string[]): boolean {
  for (const cell of cells) {
    if (cell.includes("\n") || cell.includes("\r")) return true;
  }
  return false;
}

function breaksIn(cell: string): number {
  return cell.split(/\r\n|\r|\n/).length - 1;
}
