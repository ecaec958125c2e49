import { stringify } from "csv-stringify/sync";
import type { Condition } from "../compose/template/syntax/condition.ts";
import type { LedgerRow } from "../ledger/ledger.ts";
import { replyLine } from "../model/reply.ts";
import { escapeLine, jsonLine } from "../text/escape.ts";
import {
  COPY_COLUMN,
  isExport,
  LEDGER_COLUMNS,
  ownColumns,
  startsFormula,
  SURPLUS_COLUMN,
} from "../list/export_columns.ts";

/** Rows made into text at a time: few writes, little memory. */
const ROWS_A_PIECE = 500;

/** How an export is written. */
export interface ExportFormat {
  readonly format: "csv" | "jsonl";
  /** In CSV, every cell that a spreadsheet would run as a formula gets a leading apostrophe. Such a file cannot be read as a list. */
  readonly spreadsheet: boolean;
  /** With a row for each copy, and a column that says to whom it went. */
  readonly copies?: boolean;
}

const BYTE_ORDER_MARK = "\ufeff";

/**
 * The ledger's rows as CSV (RFC 4180, with a byte order mark and a header) or as JSON lines, piece by piece.
 *
 * The list's own cells are as they were, so that `send` reads the same rows from it: the mark says that it is UTF-8, whatever
 * the encoding of the campaign's list, and the columns added here show the delimiter. These contain text from servers: it is
 * escaped, as people look at it on terminals, and in CSV no spreadsheet runs it.
 *
 * Cells beyond the list's header follow at the row's end, in JSON under {@linkcode SURPLUS_COLUMN}: such a row was refused, and
 * would be accepted without them.
 */
export async function* exportText(
  columns: readonly string[],
  rows: AsyncIterable<LedgerRow>,
  { format, spreadsheet, copies = false }: ExportFormat,
): AsyncGenerator<string> {
  // By position: several columns may have no name.
  const own = ownColumns(columns).length;
  const added = copies ? [...LEDGER_COLUMNS, COPY_COLUMN] : LEDGER_COLUMNS;
  const names = [...exportedNames(columns, format), ...added];
  const textOf = format === "csv"
    ? (piece: readonly string[][]) => csvText(piece, spreadsheet ? undefined : [own, names.length])
    : (piece: readonly string[][]) => jsonText(piece, names, own);
  if (format === "csv") yield `${BYTE_ORDER_MARK}${textOf([names])}`;
  let piece: string[][] = [];
  for await (const row of rows) {
    const isCopy = row.copyOf !== undefined;
    if (isCopy && !copies) continue;
    // A copy has none of the list's cells: read as a list, the row must not mail the recipient again.
    const cells = Array.from({ length: own }, (_, at) => isCopy ? "" : row.fields[at] ?? "");
    const copyTo = copies ? [isCopy ? row.address : ""] : [];
    const surplus = row.fields.slice(columns.length);
    piece.push([...cells, ...ledgerCells(row), ...copyTo, ...surplus]);
    if (piece.length < ROWS_A_PIECE) continue;
    yield textOf(piece);
    piece = [];
  }
  if (piece.length > 0) yield textOf(piece);
}

/** The columns of an export, as its conditions name them. */
export function exportColumns(columns: readonly string[]): readonly string[] {
  return [...ownColumns(columns), ...LEDGER_COLUMNS];
}

/**
 * The rows that a condition chooses by their cells in the export.
 *
 * @param onFault Called with a row that cannot be judged, and why; it is left out.
 */
export async function* chosenRows(
  columns: readonly string[],
  rows: AsyncIterable<LedgerRow>,
  { judge }: Condition,
  onFault: (row: LedgerRow, reason: string) => void,
): AsyncGenerator<LedgerRow> {
  const own = ownColumns(columns).length;
  for await (const row of rows) {
    const cells = Array.from({ length: own }, (_, place) => row.fields[place] ?? "");
    const judgement = judge([...cells, ...ledgerCells(row)]);
    if (judgement === true) yield row;
    else if (judgement !== false) onFault(row, judgement.reason);
  }
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
    ...evidenceCells(row),
  ];
}

/** Characters of the template's digest that are shown: enough to tell templates apart. */
const DIGEST_SHOWN = 12;

function evidenceCells({ template, run, accepted, size, attachments = [] }: LedgerRow): string[] {
  return [
    template?.slice(0, DIGEST_SHOWN) ?? "",
    run === undefined ? "" : String(run),
    accepted === undefined ? "" : new Date(accepted.at).toISOString(),
    accepted === undefined ? "" : escapeLine(replyLine(accepted)),
    size === undefined ? "" : String(size),
    attachments.map(({ name, sha256 }) => `${escapeLine(name)} sha256:${sha256}`).join("; "),
  ];
}

/**
 * The names of the list's own columns. The names of the columns that `export` adds are reserved; in JSON, where a key has
 * one value, all columns without a name but the first are numbered.
 */
function exportedNames(
  columns: readonly string[],
  format: ExportFormat["format"],
): readonly string[] {
  const own = ownColumns(columns);
  const ours: readonly string[] = [...LEDGER_COLUMNS, COPY_COLUMN, SURPLUS_COLUMN];
  const taken = new Set([...ours, ...own]);
  const free = (name: string): string => {
    const unique = taken.has(name) ? free(`_${name}`) : name;
    taken.add(unique);
    return unique;
  };
  return own.map((name, place) => {
    const isOurs = isExport(columns) && name === SURPLUS_COLUMN && place === own.length - 1;
    if (ours.includes(name) && !isOurs) return free(`_list${name}`);
    const isRepeated = name === "" && own.indexOf("") < place;
    return isRepeated && format === "jsonl" ? free(`_column_${place + 1}`) : name;
  });
}

/** @param added The columns in which formulas are neutralised; undefined: in all. */
function csvText(
  piece: readonly string[][],
  added: readonly [from: number, to: number] | undefined,
): string {
  const [from, to] = added ?? [0, Infinity];
  const rows = piece.map((cells) =>
    cells.map((cell, at) => at < from || at >= to ? cell : withoutFormula(cell))
  );
  // If the record delimiter is given, csv-stringify quotes no other line end.
  return stringify(rows, { record_delimiter: "\r\n", quote_record_delimiter: true });
}

function withoutFormula(cell: string): string {
  return startsFormula(cell) ? `'${cell}` : cell;
}

/** @param own How many of the names are the list's. */
function jsonText(piece: readonly string[][], names: readonly string[], own: number): string {
  return piece.map((cells) => {
    const members = names.map((name, index): [string, unknown] => [name, cells[index]]);
    const surplus = cells.slice(names.length);
    if (surplus.length > 0) {
      const has = names[own - 1] === SURPLUS_COLUMN;
      const before = has && cells[own - 1] !== "" ? [cells[own - 1]] : [];
      // Before the columns that `export` adds, by which an export is recognised.
      members.splice(has ? own - 1 : own, has ? 1 : 0, [SURPLUS_COLUMN, [...before, ...surplus]]);
    }
    // Object.fromEntries makes "__proto__" a plain key.
    return jsonLine(Object.fromEntries(members));
  }).join("");
}
