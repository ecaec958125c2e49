import type { List } from "../list/list.ts";
import { recipientOf } from "../list/recipient.ts";
import {
  type BadRow,
  type CsvRow,
  isNamedIn,
  mailboxKeyOf,
  type Recipient,
} from "../model/recipient.ts";
import { InputError } from "../model/input_error.ts";
import { countOf, countText } from "../text/quantity.ts";
import { Sample } from "./sample.ts";

/** The rows to render; if none is chosen, the first. */
export interface Choice {
  /** Rows of the list, counted from 1 without the header. */
  readonly rows: readonly number[];
  /** Keys of recipients, or mailboxes, see `isNamedIn()`; the first row of each recipient counts. */
  readonly keys: readonly string[];
  /** How many more, spread over the list (see `Sample`); undefined: none. */
  readonly sample?: number | undefined;
}

/** A chosen row. */
export interface ChosenRow {
  /** Its place in the list, counted from 1 without the header. */
  readonly number: number;
  readonly entry: Recipient | BadRow;
}

/** The list that rows are chosen from. */
export interface Choosing {
  readonly list: List;
  /** For messages. */
  readonly listName: string;
  /** Indexes of the columns that the template requires. */
  readonly required: readonly number[];
  readonly signal: AbortSignal;
}

/**
 * Reads the list, no further than necessary, and returns the chosen rows in its order.
 *
 * A sample is taken from the rows that can be mailed; `check` reports what is wrong with the others.
 *
 * @throws {InputError} where a chosen row does not exist, or the file cannot be read
 */
export async function chooseRows(
  choice: Choice,
  { list, listName, required, signal }: Choosing,
): Promise<readonly ChosenRow[]> {
  const rows = new Set(choice.rows);
  const named = new NamedRows(choice.keys, list.columns.key !== undefined);
  const sample = choice.sample === undefined ? undefined : new Sample(choice.sample);
  if (rows.size + choice.keys.length === 0 && sample === undefined) rows.add(1);

  const chosen = new Map<number, ChosenRow>();
  let number = 0;
  reading: for await (const batch of list.rows) {
    signal.throwIfAborted();
    for (const row of batch) {
      number++;
      const entry = entryOf(row, list, required);
      const byNumber = rows.delete(number);
      const byKey = entry.kind === "recipient" && named.take(entry.key);
      if (byNumber || byKey) chosen.set(number, { number, entry });
      if (entry.kind === "recipient") sample?.add({ number, entry });
      if (sample === undefined && rows.size === 0 && named.isComplete) break reading;
    }
  }
  for (const row of sample?.rows() ?? []) chosen.set(row.number, row);
  const missing = rows.size > 0
    ? `row ${[...rows][0]}`
    : named.missing === undefined
    ? undefined
    : `recipient ${named.missing}`;
  if (missing !== undefined) throw absent(missing, number, { list, listName });
  if (chosen.size === 0) throw absent("recipient who can be mailed", number, { list, listName });
  return [...chosen.values()].sort((a, b) => a.number - b.number);
}

/** The first row of each recipient who is named. */
class NamedRows {
  readonly #names: ReadonlySet<string>;
  /** Those for which no row was found yet. */
  readonly #missing: Set<string>;
  readonly #taken = new Set<string>();
  /** A name that is a mailbox can stand for any number of rows. */
  readonly #isOpen: boolean;

  constructor(names: readonly string[], hasKeyColumn: boolean) {
    this.#names = new Set(names);
    this.#missing = new Set(names);
    this.#isOpen = hasKeyColumn && names.some((name) => mailboxKeyOf(name) === name);
  }

  take(key: string): boolean {
    if (this.#names.size === 0 || !isNamedIn(this.#names, key) || this.#taken.has(key)) {
      return false;
    }
    this.#taken.add(key);
    this.#missing.delete(key);
    this.#missing.delete(mailboxKeyOf(key));
    return true;
  }

  /** Whether all rows have been found, as far as that is known before the end of the list. */
  get isComplete(): boolean {
    return !this.#isOpen && this.#missing.size === 0;
  }

  /** A name without a row. */
  get missing(): string | undefined {
    return this.#missing.values().next().value;
  }
}

function entryOf(
  row: CsvRow | BadRow,
  { columns }: List,
  required: readonly number[],
): Recipient | BadRow {
  return row.kind === "row" ? recipientOf(row, columns, required) : row;
}

function absent(
  what: string,
  rows: number,
  { list: { notChosen }, listName: file }: Pick<Choosing, "list" | "listName">,
): InputError {
  const others = notChosen === 0
    ? ""
    : `, and ${countText(notChosen)} that --where does not choose`;
  return new InputError(`The list has no ${what}: it has ${countOf(rows, "row")}${others}`, {
    place: { file },
  });
}
