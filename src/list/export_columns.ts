/** The columns that exports of the first versions end with. */
const FIRST_COLUMNS = [
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

/**
 * The columns that `export` adds to those of the list. Scripts rely on them, and an export used as a list is
 * recognised by them.
 */
export const LEDGER_COLUMNS = [
  ...FIRST_COLUMNS,
  "_template",
  "_run",
  "_accepted_at",
  "_accepted_reply",
  "_bytes",
  "_attachments",
] as const;

/** With `export --with-copies`, the address of a copy; such a row has none of the list's cells, so it is never mailed again. */
export const COPY_COLUMN = "_copy_to";

/** All sets of columns that `export` has ever added, the longest first. */
export const EXPORTED_SETS: readonly (readonly string[])[] = [
  [...LEDGER_COLUMNS, COPY_COLUMN],
  LEDGER_COLUMNS,
  FIRST_COLUMNS,
];

/** In JSON Lines, the key for cells of a refused row that belong to no column. A row that has any is refused again. */
export const SURPLUS_COLUMN = "_surplus";

/** Returns whether `export` wrote a list with these columns: all that it adds, or added once, are at the end. */
export function isExport(names: readonly string[]): boolean {
  return addedTo(names) !== undefined;
}

/** Returns the columns of a list without those that `export` added. */
export function ownColumns(names: readonly string[]): readonly string[] {
  const added = addedTo(names);
  return added === undefined ? names : names.slice(0, -added.length);
}

function addedTo(names: readonly string[]): readonly string[] | undefined {
  return EXPORTED_SETS.find((set) => set.every((name, at) => names.at(at - set.length) === name));
}

/**
 * Returns whether a spreadsheet would run the cell as a formula (OWASP, "CSV Injection"), including full-width signs;
 * some programs drop a line end before them.
 */
export function startsFormula(cell: string): boolean {
  return /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/.test(cell);
}
