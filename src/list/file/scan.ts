import { createHash } from "node:crypto";
import type { ListOptions } from "../list_options.ts";
import { InputError } from "../../model/input_error.ts";
import { openList } from "../list.ts";
import { KeySet } from "../../keys/key_set.ts";
import { recipientOf } from "../recipient.ts";
import type { BadRow, Columns, CsvRow, Recipient } from "../../model/recipient.ts";
import { findDiffering, MOST_COMPARED } from "./differing_rows.ts";
import { openSource, type SourceDependencies } from "./source.ts";
import type { Scan } from "../../model/scan.ts";

/** Most bad rows that are listed. */
const EXAMPLES = 20;

/** Longest row kept as the first one, in characters; it is written to the ledger with the rest of the scan. */
const LONGEST_FIRST = 10_000;

/**
 * Reads the whole list once before the first mail, in little memory: 11 to 21 bytes per row. If there are duplicates, and no
 * column that tells them apart, it is read once more, up to the last of them, to compare them.
 *
 * @param required Indexes of the columns that the template requires.
 * @param look Callbacks for each row with a recipient, including duplicates, and for all keys at the end: those of the
 * recipients, and those of everybody in the list, chosen or not.
 * @throws {InputError} if something is wrong with the file as a whole, or if no row follows its header.
 * @throws the signal's reason.
 */
export async function scanList(
  options: ListOptions,
  required: readonly number[],
  dependencies: Pick<SourceDependencies, "signal" | "open">,
  look: {
    readonly onRecipient?: (recipient: Recipient) => void;
    readonly onKeys?: (keys: KeySet, listed: Pick<KeySet, "has">) => void;
  } = {},
): Promise<Scan> {
  const read = new BytesRead();
  const onBytes = (bytes: Uint8Array): void => read.add(bytes);
  const others = new KeySet();
  const onNotChosen = (row: CsvRow): void => {
    const left = recipientOf(row, list.columns, []);
    if (left.kind === "recipient") others.add(left.key);
  };
  await using list = await openList(options, { ...dependencies, onBytes, onNotChosen });
  const count = new RowCount(list.columns, required, look.onRecipient);
  for await (const batch of list.rows) {
    for (const row of batch) count.add(row);
  }
  if (count.rows + list.notChosen === 0) {
    throw new InputError("The list has no recipients: nothing follows its header", {
      place: { file: options.recipients },
    });
  }
  look.onKeys?.(count.keys, { has: (key) => count.keys.has(key) || others.has(key) });
  const { repeated: keys, lastRepeated: lastLine } = count;
  const comparing = { ...dependencies, required, keys, lastLine };
  const differing = await findDiffering(options, comparing);
  return {
    columns: list.columns,
    ...count.found(),
    ...(differing && { differing }),
    ...(options.where !== undefined && { notChosen: list.notChosen }),
    encoding: list.encoding,
    delimiter: list.delimiter,
    ...read.found(),
  };
}

/**
 * Returns the fingerprint of a list without scanning it, about ten times as fast, to check whether an earlier scan
 * still holds.
 *
 * @throws {InputError} if the file cannot be read.
 */
export async function fingerprintOf(path: string, signal: AbortSignal): Promise<string> {
  return (await fingerprintsOf(path, Infinity, { signal })).whole;
}

/**
 * Returns the fingerprints of a list and of its first `length` bytes, in one pass. If the second is that of an earlier
 * list, rows were appended to it.
 *
 * @throws {InputError} if the file cannot be read.
 */
export async function fingerprintsOf(
  path: string,
  length: number,
  dependencies: Pick<SourceDependencies, "signal" | "open">,
): Promise<{ readonly whole: string; readonly beginning: string | undefined }> {
  const hash = createHash("sha256");
  let beginning: string | undefined;
  let size = 0;
  const source = await openSource(path, dependencies);
  try {
    for (let bytes; (bytes = await source.read()) !== undefined; size += bytes.length) {
      const rest = length - size;
      if (beginning === undefined && rest <= bytes.length) {
        beginning = hash.copy().update(bytes.subarray(0, rest)).digest("hex");
      }
      hash.update(bytes);
    }
  } finally {
    await source.close();
  }
  return { whole: hash.digest("hex"), beginning };
}

const LF = 0x0a;
const CR = 0x0d;

/** Fingerprint, size and last byte of the bytes read. */
class BytesRead {
  readonly #hash = createHash("sha256");
  #size = 0;
  #last = 0;

  add(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#size += bytes.length;
    this.#last = bytes.at(-1) ?? this.#last;
  }

  found(): Pick<Scan, "fingerprint" | "bytes" | "endsLine"> {
    return {
      fingerprint: this.#hash.digest("hex"),
      bytes: this.#size,
      // In UTF-16 a line end is two bytes, one of them 0, so such a list counts as changed.
      endsLine: this.#last === LF || this.#last === CR,
    };
  }
}

class RowCount {
  readonly #columns: Columns;
  readonly #required: readonly number[];
  readonly #onRecipient: ((recipient: Recipient) => void) | undefined;
  readonly keys = new KeySet();
  /** The keys of duplicates, as far as they are compared. */
  readonly repeated = new Set<string>();
  /** Line of the last duplicate; no row after it has to be compared. */
  lastRepeated = 0;
  readonly examples: { readonly line: number; readonly reason: string }[] = [];
  first: Recipient | undefined;
  rows = 0;
  invalid = 0;

  constructor(
    columns: Columns,
    required: readonly number[],
    onRecipient: ((recipient: Recipient) => void) | undefined,
  ) {
    this.#columns = columns;
    this.#required = required;
    this.#onRecipient = onRecipient;
  }

  found(): Pick<Scan, "rows" | "recipients" | "invalid" | "duplicates" | "first" | "examples"> {
    return {
      rows: this.rows,
      recipients: this.keys.size,
      invalid: this.invalid,
      duplicates: this.rows - this.invalid - this.keys.size,
      ...(this.first !== undefined && { first: this.first }),
      examples: this.examples,
    };
  }

  add(row: CsvRow | BadRow): void {
    this.rows++;
    const judged = row.kind === "row" ? recipientOf(row, this.#columns, this.#required) : row;
    if (judged.kind === "recipient") {
      if (this.keys.size === 0 && judged.fields.join("").length <= LONGEST_FIRST) {
        this.first = judged;
      }
      if (!this.keys.add(judged.key)) this.#repeat(judged);
      this.#onRecipient?.(judged);
      return;
    }
    this.invalid++;
    const { line, reason } = judged;
    if (this.examples.length < EXAMPLES) this.examples.push({ line, reason });
  }

  /** With a key column, rows that repeat one are said to be the same by the user. */
  #repeat({ key, line }: Recipient): void {
    if (this.#columns.key !== undefined) return;
    this.lastRepeated = line;
    if (this.repeated.size < MOST_COMPARED) this.repeated.add(key);
  }
}
