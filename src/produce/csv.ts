import type { ListOptions } from "../cli/options.ts";
import { InputError } from "../report/input_error.ts";
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
 * @throws {InputError} if the file cannot be read, is empty, or its header has no column for the address.
 */
export async function openList(options: ListOptions, surroundings: Surroundings): Promise<List> {
  const records = await openRecords(options, surroundings, { comments: false });
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
    const width = columns.names.length;
    for (let batch: Batch = first;;) {
      const rows = batch.some((row) => row.kind === "row" && row.cells.length !== width)
        ? batch.flatMap((row) => fitted(row, columns))
        : batch;
      if (rows.length > 0) yield rows;
      const next = await records.batches.next();
      if (next.done) return;
      batch = next.value;
    }
  } finally {
    await records.close();
  }
}

/** A row of another width than the header is a bad row; a line of blanks is none at all. */
function fitted(row: CsvRow | BadRow, columns: Columns): (CsvRow | BadRow)[] {
  const width = columns.names.length;
  if (row.kind === "bad-row" || row.cells.length === width) return [row];
  const { line, cells } = row;
  if (cells.length === 1 && cells[0]?.trim() === "") return [];
  const fields = `${cells.length} ${cells.length === 1 ? "field" : "fields"}`;
  const shown = cells.find((cell) => cell.trim() !== "") ?? "";
  const reason = `Row has ${fields} where the header has ${width}, it begins with ${found(shown)}`;
  return [{ kind: "bad-row", line, address: cells[columns.email] ?? "", fields: cells, reason }];
}
