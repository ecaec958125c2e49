import { isBlank } from "../text/blank.ts";
import { isExport } from "./export_columns.ts";
import { parseMailbox } from "./address.ts";
import { type ExportJudge, exportJudge } from "./export_fault.ts";
import { quote } from "../text/quote.ts";
import type { BadRow, Columns, CsvRow } from "../model/recipient.ts";

/** Records read together, in file order: a few hundred, never zero. */
export type Batch = readonly (CsvRow | BadRow)[];

/**
 * Fits the rows of a batch to the width of the header. Empty cells at the end of a row may be missing, as Excel omits
 * them, or surplus; any other row that does not fit is bad.
 *
 * @returns The batch itself if every row fits, which is nearly always the case.
 */
export function fittedBatch(batch: Batch, columns: Columns, delimiter: string): Batch {
  const width = columns.names.length;
  const judge = exportJudge(columns);
  const isPlain = (row: CsvRow | BadRow) =>
    row.kind === "row" && row.cells.length === width && !spansLines(row.cells) &&
    judge?.(row.cells) === undefined;
  return batch.every(isPlain) ? batch : batch.map((row) => fitted(row, columns, delimiter, judge));
}

function fitted(
  row: CsvRow | BadRow,
  columns: Columns,
  delimiter: string,
  judge: ExportJudge | undefined,
): CsvRow | BadRow {
  if (row.kind === "bad-row") return row;
  const { line, cells } = row;
  const exact = ofWidth(cells, columns);
  const swallowed = exact === undefined ? undefined : swallowsRows(cells, columns, delimiter);
  const rule = exact === undefined ? otherWidth(cells, columns) : swallowed ?? judge?.(cells);
  if (exact !== undefined && rule === undefined) {
    return exact === cells ? row : { ...row, cells: exact };
  }
  const lines = cells.reduce((sum, cell) => sum + breaksIn(cell), 0);
  const reason = lines === 0
    ? rule
    : `${rule} (the row continues to line ${line + lines}; is there a stray quote?)`;
  return {
    kind: "bad-row",
    line,
    address: cells[columns.email] ?? "",
    // In an export the other cells would be in order, so the fault is kept with them and the row is refused again.
    fields: swallowed === undefined ? cells : [...exact!, swallowed],
    reason: reason!,
  };
}

/** Pads the row with empty cells, or drops blank ones at the end; returns undefined if it still does not fit. */
function ofWidth(
  cells: readonly string[],
  { names, email }: Columns,
): readonly string[] | undefined {
  if (cells.length === names.length) return cells;
  if (cells.length > names.length) {
    const more = cells.slice(names.length);
    return more.every((cell) => isBlank(cell)) ? cells.slice(0, names.length) : undefined;
  }
  // A row too short to have an address is a fragment of another one.
  if (cells.length <= email) return undefined;
  return [...cells, ...Array<string>(names.length - cells.length).fill("")];
}

function otherWidth(cells: readonly string[], columns: Columns): string {
  const fields = `${cells.length} ${cells.length === 1 ? "field" : "fields"}`;
  const first = cells.find((cell) => !isBlank(cell)) ?? "";
  return `Row has ${fields} but the header has ${columns.names.length}; it begins with ${
    quote(first)
  }`;
}

/**
 * Returns a reason if a cell contains another row. A stray quote makes one cell of all rows up to the next quote, and
 * their recipients would be lost silently. So a cell is refused if one of its lines looks like a row with an address.
 */
function swallowsRows(
  cells: readonly string[],
  columns: Columns,
  delimiter: string,
): string | undefined {
  for (const [index, cell] of cells.entries()) {
    const [first = "", ...others] = cell.split(/\r\n|\r|\n/);
    if (others.length === 0) continue;
    // If the cell begins like the rest of a row, the rows that follow may be as short as that one. In an export the
    // quotes are right.
    const begins = !isExport(columns.names) &&
      isAddress(first.split(delimiter)[columns.email - index]);
    for (const line of others) {
      const fields = line.split(delimiter);
      if (fields.length === 1 || !isAddress(fields[columns.email])) continue;
      const isRow = fields.length === columns.names.length || begins ||
        (fields.length > columns.names.length && ofWidth(fields, columns) !== undefined);
      if (isRow) return `A cell of this row contains another row: ${quote(line)}`;
    }
  }
  return undefined;
}

function isAddress(field: string | undefined): boolean {
  return field !== undefined && parseMailbox(field).kind === "mailbox";
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
