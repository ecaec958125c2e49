/** The columns of the list, in the order of the file. */
export interface Columns {
  /** Names as written in the header. */
  readonly names: readonly string[];
  /** Index of the column that holds the address. */
  readonly email: number;
  /** Index of the column whose cell is part of `Recipient.key`; missing if the address alone identifies a recipient. */
  readonly key?: number;
}

/** Returns the name of the key column; undefined if there is none. */
export function keyColumnOf({ names, key }: Columns): string | undefined {
  return key === undefined ? undefined : names[key];
}

/** One record of the CSV file as parsed; `line` is the physical line it starts on, counted from 1 (the header is 1). */
export interface CsvRow {
  readonly kind: "row";
  readonly line: number;
  readonly cells: readonly string[];
}

/** A row that can be mailed. */
export interface Recipient {
  readonly kind: "recipient";
  /**
   * Identifies the recipient: the whole address in lower case, with the domain as A-labels. With a key column, a space
   * and the cell follow: `ann@example.com INV-7`. See `mailboxKeyOf()`.
   */
  readonly key: string;
  readonly line: number;
  /** The mailbox as it goes to the wire: local part as written, domain in lower case as A-labels. */
  readonly address: string;
  /** The cells, one for each of `Columns.names`. */
  readonly fields: readonly string[];
  /** The recipient whose mail this one gets a copy of; missing for a recipient of the list. */
  readonly copyOf?: { readonly key: string; readonly address: string };
}

/** A row that cannot be mailed; it ends in the ledger as `invalid`. */
export interface BadRow {
  readonly kind: "bad-row";
  readonly line: number;
  /** The address cell as found; empty if there is none. */
  readonly address: string;
  readonly fields: readonly string[];
  /** What is wrong, with the value found: "Address has no domain: 'a@'". */
  readonly reason: string;
}

/** A recipient on its way to the wire. */
export interface Job {
  readonly recipient: Recipient;
  /** The recipient's row in the ledger. */
  readonly id: number;
  /** Counted tries so far, this one included: 1 for the first. */
  readonly attempt: number;
  /** Time of the first try (ms since the epoch); undefined if this is it. */
  readonly firstTriedAt: number | undefined;
  /** The `Suppressing.version` at which the recipient was not suppressed; undefined if it was not checked. */
  readonly clearedBy?: number;
  /** The state of a recipient who is suppressed in a later version; "skipped" by default. */
  readonly ruledOut?: "skipped" | "in-doubt";
}

/** Returns the part of `Recipient.key` that is about the mailbox: all of it, or what precedes the first space. */
export function mailboxKeyOf(key: string): string {
  const end = key.indexOf(" ");
  return end === -1 ? key : key.slice(0, end);
}

/** Returns whether a recipient is named, by `Recipient.key` or by the mailbox, which names all recipients who have it. */
export function isNamedIn(names: Pick<ReadonlySet<string>, "has">, key: string): boolean {
  return names.has(key) || names.has(mailboxKeyOf(key));
}

/**
 * The cells of a row in a form to compare: case and blanks around them do not count, nor does the cell at `except`, the
 * address, which can be written in several ways.
 */
export function foldedCells(cells: readonly string[], except: number | undefined): string {
  return JSON.stringify(
    cells.map((cell, at) => at === except ? "" : cell.trim().toLowerCase()),
  );
}

/**
 * Returns the key of a copy to a mailbox. Two spaces tell it from a key with a cell, which has no blanks around it.
 *
 * @param main `Recipient.key` of the recipient whose mail it is
 */
export function copyKeyOf(mailbox: string, main: string): string {
  return `${mailbox}  ${main}`;
}

/** Returns the key of the recipient of the list: the key itself, or of a copy that of the mail's recipient. */
export function mainKeyOf(key: string): string {
  const end = key.indexOf(" ");
  return end !== -1 && key[end + 1] === " " ? key.slice(end + 2) : key;
}

/** Returns a key as people read it: of a copy, whose mail it is too. */
export function keyText(key: string): string {
  const main = mainKeyOf(key);
  return main === key ? key : `${mailboxKeyOf(key)} (copy of the mail to ${main})`;
}
