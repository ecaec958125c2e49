/** What `export` adds to the list's own columns; relied on from outside, and what an export is known by when it is read as a list. */
export const LEDGER_COLUMNS = [
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

/** In JSON lines, where `export` puts the cells of a refused row that no column of the list holds. A row with any is refused again. */
export const SURPLUS_COLUMN = "_surplus";

/** Returns whether these are the columns of a list that `export` wrote: all that it adds are there, at the end. */
export function isExport(names: readonly string[]): boolean {
  return LEDGER_COLUMNS.every((name, at) => names.at(at - LEDGER_COLUMNS.length) === name);
}

/** The columns of a list without those that `export` added to it. */
export function ownColumns(names: readonly string[]): readonly string[] {
  return isExport(names) ? names.slice(0, -LEDGER_COLUMNS.length) : names;
}

/**
 * Returns whether a spreadsheet would run the cell (OWASP, "CSV Injection"), the full-width signs too; some drop a line end before them.
 */
export function startsFormula(cell: string): boolean {
  return /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/.test(cell);
}
