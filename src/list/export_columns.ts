/**
 * The columns that `export` adds to those of the list. Scripts rely on them, and an export used as a list is
 * recognised by them.
 */
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

/** In JSON Lines, the key for cells of a refused row that belong to no column. A row that has any is refused again. */
export const SURPLUS_COLUMN = "_surplus";

/** Returns whether `export` wrote a list with these columns: all that it adds are at the end. */
export function isExport(names: readonly string[]): boolean {
  return LEDGER_COLUMNS.every((name, at) => names.at(at - LEDGER_COLUMNS.length) === name);
}

/** Returns the columns of a list without those that `export` added. */
export function ownColumns(names: readonly string[]): readonly string[] {
  return isExport(names) ? names.slice(0, -LEDGER_COLUMNS.length) : names;
}

/**
 * Returns whether a spreadsheet would run the cell as a formula (OWASP, "CSV Injection"), including full-width signs;
 * some programs drop a line end before them.
 */
export function startsFormula(cell: string): boolean {
  return /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/.test(cell);
}
