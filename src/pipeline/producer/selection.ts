import { InputError } from "../../model/input_error.ts";
import { offerNames } from "../../list/named.ts";
import { NearestName } from "../../text/nearest.ts";
import { quote } from "../../text/quote.ts";
import { shardOf } from "../../keys/shard.ts";
import type { Where } from "../../compose/template/syntax/where.ts";
import { isNamedIn, mailboxKeyOf, type Recipient } from "../../model/recipient.ts";

/** Which recipients of the list to mail. */
export interface SelectionOptions {
  /** Leaves out rows; they are not among those that the list gives. */
  readonly where?: Where | undefined;
  /** Rows to skip at the top of the list. */
  readonly offset: number;
  /** Keys (see `Recipient`) or mailboxes of the only recipients to mail; empty: all. */
  readonly only: readonly string[];
  /** Part `index`, counted from 1, of `count`. */
  readonly shard: { readonly index: number; readonly count: number } | undefined;
  /** Most recipients to mail; undefined: no limit. */
  readonly limit: number | undefined;
}

/** Returns whether nobody is left out by name, place or condition: every recipient of the ledger may be mailed or dropped. */
export function choosesFromAll(
  { where, only, offset }: Pick<SelectionOptions, "where" | "only" | "offset">,
): boolean {
  return where === undefined && only.length === 0 && offset === 0;
}

/** Most missing recipients that a message names. */
const EXAMPLES = 3;

/** Thrown if the list has nobody whom `--only` or `--offset` selects: a usage error, and nothing was begun. */
export class NobodyChosen extends InputError {}

/** Selects the rows and recipients of a run. */
export class Selection {
  /** Whether rows are chosen by a condition, and by nothing else but a limit. */
  readonly choosesByCondition: boolean;
  readonly #isConditional: boolean;
  readonly #offset: number;
  readonly #only: ReadonlySet<string> | undefined;
  readonly #shard: SelectionOptions["shard"];
  readonly #limit: number;
  /** Whether a row after `--offset` was seen. */
  #isBehindOffset = false;
  /** The keys of `--only` that were not found in the list so far. */
  readonly #notFound: Set<string>;
  /** The nearest key in the list for each of them; kept only for a list that can be read just once. */
  readonly #nearest: ReadonlyMap<string, NearestName>;
  /** Keys taken so far; kept only if there is a limit. */
  readonly #taken = new Set<string>();

  /** @param readOnce The list was not scanned before, so missing recipients are detected only now. */
  constructor(
    options: SelectionOptions,
    readOnce = false,
  ) {
    this.#isConditional = options.where !== undefined;
    this.choosesByCondition = this.#isConditional && options.offset === 0 &&
      options.only.length === 0;
    this.#offset = options.offset;
    this.#only = options.only.length === 0 ? undefined : new Set(options.only);
    this.#notFound = new Set(options.only);
    this.#nearest = new Map(
      readOnce ? options.only.slice(0, EXAMPLES).map((key) => [key, new NearestName(key)]) : [],
    );
    this.#shard = options.shard;
    this.#limit = options.limit ?? Infinity;
  }

  /** Whether every row is entered in turn, so that the place reached in the list tells which rows are in the ledger. */
  get whole(): boolean {
    return !this.picks && this.#shard === undefined;
  }

  /** Whether `--where`, `--only` or `--offset` excludes recipients in the ledger. (A ledger always has the same shard.) */
  get picks(): boolean {
    return this.#isConditional || this.#offset > 0 || this.#only !== undefined;
  }

  /** Whether some waiting recipients are not selected. */
  get isNarrow(): boolean {
    return this.picks || this.#limit !== Infinity;
  }

  /** The keys of `--only` that were not found so far. */
  get notFound(): readonly string[] {
    return [...this.#notFound];
  }

  /**
   * Checks the selection after the whole list was read, for lists that cannot be scanned first.
   *
   * @throws {NobodyChosen} if the list has no selected recipient
   */
  assertFoundAny(list: string): void {
    const name = list === "-" ? "on standard input" : `'${list}'`;
    if (this.#offset > 0 && !this.#isBehindOffset) {
      throw new NobodyChosen(
        `--offset must be less than the number of rows of the list ${name}: found '${this.#offset}'`,
      );
    }
    const only = this.#only;
    if (only === undefined || this.#notFound.size < only.size) return;
    const found = [...this.#nearest.values()].flatMap((one) => one.found ?? []);
    const near = [...new Set(found)];
    throw new NobodyChosen(
      `--only must name recipients of the list ${name}: found ${
        this.notFound.slice(0, EXAMPLES).map(quote).join(", ")
      }`,
      near.length === 0
        ? {}
        : { hint: near.map((key) => `Did you mean ${quote(key)}?`).join("\n  ") },
    );
  }

  /** Number of recipients that may still be taken. */
  get room(): number {
    return this.#limit - this.#taken.size;
  }

  /** Returns whether the row at this place (from 0) is selected by its position. */
  covers(place: number): boolean {
    if (place < this.#offset) return false;
    return this.#isBehindOffset = true;
  }

  chooses({ key }: Recipient): boolean {
    const mailbox = mailboxKeyOf(key);
    for (const one of this.#nearest.values()) offerNames(one, key);
    if (this.#only !== undefined && !isNamedIn(this.#only, key)) return false;
    this.#notFound.delete(key);
    this.#notFound.delete(mailbox);
    // By mailbox, so that one machine sends everything that goes to it.
    return this.#shard === undefined ||
      shardOf(mailbox, this.#shard.count) === this.#shard.index - 1;
  }

  /** Notes that a recipient is mailed. Copies of the mail do not count against the limit. */
  took({ key, copyOf }: Recipient): void {
    if (this.#limit !== Infinity) this.#taken.add(copyOf?.key ?? key);
  }
}
