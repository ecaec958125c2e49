import { stringify } from "csv-stringify/sync";
import type { LedgerRow } from "../record/ledger.ts";
import { escapeLine, jsonLine } from "./escape.ts";

/** What `export` adds to the list's own columns; relied on from outside. */
const LEDGER_COLUMNS = [
  "_state",
  "_attempts",
  "_code",
  "_enhanced",
  "_reply",
  "_stage",
  "_relay",
  "_message_id",
  "_line",
  "_at",
  "_reason",
] as const;

/** Rows made into text at a time: few writes, little memory. */
const ROWS_A_PIECE = 500;

/**
 * The ledger's rows as CSV (RFC 4180, with a header) or as JSON lines, piece by piece.
 *
 * In CSV a cell that a spreadsheet would run as a formula gets an apostrophe in front of it. The list's own cells are as
 * they were; what servers said is escaped, as it is looked at on terminals.
 */
export async function* exportText(
  columns: readonly string[],
  rows: AsyncIterable<LedgerRow>,
  format: "csv" | "jsonl",
): AsyncGenerator<string> {
  const own = columns.filter((name) => !LEDGER_COLUMNS.some((added) => added === name));
  const names = [...own, ...LEDGER_COLUMNS];
  const places = own.map((name) => columns.indexOf(name));
  let piece: string[][] = format === "csv" ? [names] : [];
  for await (const row of rows) {
    piece.push([...places.map((place) => row.fields[place] ?? ""), ...ledgerCells(row)]);
    if (piece.length < ROWS_A_PIECE) continue;
    yield textOf(piece, names, format);
    piece = [];
  }
  if (piece.length > 0) yield textOf(piece, names, format);
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

function textOf(
  piece: readonly string[][],
  names: readonly string[],
  format: "csv" | "jsonl",
): string {
  if (format === "csv") {
    return stringify(piece as string[][], { record_delimiter: "\r\n", escape_formulas: true });
  }
  return piece.map((cells) => {
    // Object.fromEntries makes "__proto__" a plain key.
    return jsonLine(Object.fromEntries(names.map((name, index) => [name, cells[index]])));
  }).join("");
}
