import { stringify } from "csv-stringify/sync";
import type { LedgerRow } from "../record/ledger.ts";
import { escapeLine, jsonLine } from "./escape.ts";
import { LEDGER_COLUMNS } from "./export_columns.ts";

/** Rows made into text at a time: few writes, little memory. */
const ROWS_A_PIECE = 500;

/** How an export is written. */
export interface ExportFormat {
  readonly format: "csv" | "jsonl";
  /** In CSV, every cell that a spreadsheet would run as a formula gets an apostrophe in front of it. Such a file is no list. */
  readonly spreadsheet: boolean;
}

const BYTE_ORDER_MARK = "\ufeff";

/**
 * The ledger's rows as CSV (RFC 4180, with a byte order mark and a header) or as JSON lines, piece by piece.
 *
 * The list's own cells are as they were, so that `send` reads the same rows from it: the mark says that it is UTF-8, whatever encoding
 * the campaign's list has, and the columns added here tell the delimiter. What is added holds text from servers: it is escaped, as it is
 * looked at on terminals, and in CSV no spreadsheet runs it.
 */
export async function* exportText(
  columns: readonly string[],
  rows: AsyncIterable<LedgerRow>,
  { format, spreadsheet }: ExportFormat,
): AsyncGenerator<string> {
  const added: readonly string[] = LEDGER_COLUMNS;
  // By place: several columns may have no name.
  const places = [...columns.keys()].filter((place) => !added.includes(columns[place]!));
  const names = [...places.map((place) => columns[place]!), ...LEDGER_COLUMNS];
  const textOf = format === "csv"
    ? (piece: readonly string[][]) => csvText(piece, spreadsheet ? 0 : places.length)
    : (piece: readonly string[][]) => jsonText(piece, names);
  if (format === "csv") yield `${BYTE_ORDER_MARK}${textOf([names])}`;
  let piece: string[][] = [];
  for await (const row of rows) {
    piece.push([...places.map((place) => row.fields[place] ?? ""), ...ledgerCells(row)]);
    if (piece.length < ROWS_A_PIECE) continue;
    yield textOf(piece);
    piece = [];
  }
  if (piece.length > 0) yield textOf(piece);
}

function ledgerCells(row: LedgerRow): readonly string[] {
  return [
    row.state,
    String(row.attempts),
    row.code === undefined ? "" : String(row.code),
    row.enhanced ?? "",
    escapeLine(row.reply ?? ""),
    row.stage ?? "",
    row.relay ?? "",
    row.messageId ?? "",
    String(row.line),
    row.at === undefined ? "" : new Date(row.at).toISOString(),
    escapeLine(row.reason ?? ""),
  ];
}

/** @param from The first column in which formulas are neutralised. */
function csvText(piece: readonly string[][], from: number): string {
  const rows = piece.map((cells) =>
    cells.map((cell, at) => at < from ? cell : withoutFormula(cell))
  );
  // Where the record delimiter is given, csv-stringify quotes no other line end by itself.
  return stringify(rows, { record_delimiter: "\r\n", quote_record_delimiter: true });
}

/**
 * Spreadsheets run a cell that begins so (OWASP, "CSV Injection"), the full-width
 * signs too; some drop a line end before them.
 */
function withoutFormula(cell: string): string {
  return /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/.test(cell) ? `'${cell}` : cell;
}

function jsonText(piece: readonly string[][], names: readonly string[]): string {
  return piece.map((cells) => {
    // Object.fromEntries makes "__proto__" a plain key.
    return jsonLine(Object.fromEntries(names.map((name, index) => [name, cells[index]])));
  }).join("");
}
