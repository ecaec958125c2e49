import { InputError } from "../../model/input_error.ts";
import { NearestName } from "../../text/nearest.ts";
import { quote } from "../../text/quote.ts";
import { shardOf } from "../../keys/shard.ts";
import type { Recipient } from "../../model/recipient.ts";

/** Which recipients of the list a run is about. */
export interface SelectionOptions {
  /** Rows to skip at the top of the list. */
  readonly offset: number;
  /** Keys (see `Recipient`) of the only recipients to mail; empty: all. */
  readonly only: readonly string[];
  /** Part `index`, counted from 1, of `count`. */
  readonly shard: { readonly index: number; readonly count: number } | undefined;
  /** Most recipients to mail; undefined: no limit. */
  readonly limit: number | undefined;
}

/** How many of the recipients that the list lacks are named. */
const EXAMPLES = 3;

/** The list holds nobody whom `--only` or `--offset` chooses: a mistake of the user, and nothing was begun. */
export class NobodyChosen extends InputError {}

/** Which rows of the list this run is about, and which recipients. */
export class Selection {
  readonly #offset: number;
  readonly #only: ReadonlySet<string> | undefined;
  readonly #shard: SelectionOptions["shard"];
  readonly #limit: number;
  /** A row after `--offset` was looked at. */
  #isBehindOffset = false;
  /** The keys of `--only` that no row has named so far. */
  readonly #unmet: Set<string>;
  /** What in the list comes nearest to each of them; kept only for a list that can be read once. */
  readonly #nearest: ReadonlyMap<string, NearestName>;
  /** Keys taken so far, kept only if there is a limit. */
  readonly #taken = new Set<string>();

  /** @param readOnce Nobody has looked through the list before, so that those who are not in it are found out only now. */
  constructor(
    options: SelectionOptions,
    readOnce = false,
  ) {
    this.#offset = options.offset;
    this.#only = options.only.length === 0 ? undefined : new Set(options.only);
    this.#unmet = new Set(options.only);
    this.#nearest = new Map(
      readOnce ? options.only.slice(0, EXAMPLES).map((key) => [key, new NearestName(key)]) : [],
    );
    this.#shard = options.shard;
    this.#limit = options.limit ?? Infinity;
  }

  /** Every row is looked at in turn, so that the place reached in the list tells which rows are in the ledger. */
  get whole(): boolean {
    return !this.picks && this.#shard === undefined;
  }

  /** Some of the ledger's recipients are not chosen: `--only`, `--offset`. A ledger is about one shard for good. */
  get picks(): boolean {
    return this.#offset > 0 || this.#only !== undefined;
  }

  /** Not everybody who is owed a mail is chosen. */
  get isNarrow(): boolean {
    return this.picks || this.#limit !== Infinity;
  }

  /** Recipients named by the user whom no row so far has named. */
  get unmet(): readonly string[] {
    return [...this.#unmet];
  }

  /**
   * Call this once the whole list has been looked at: a list that can be read only once is not scanned before.
   *
   * @throws {NobodyChosen} if it holds nobody who was chosen
   */
  assertFoundAny(list: string): void {
    const name = list === "-" ? "on standard input" : `'${list}'`;
    if (this.#offset > 0 && !this.#isBehindOffset) {
      throw new NobodyChosen(
        `--offset must be less than the rows of the list ${name}: found '${this.#offset}'`,
      );
    }
    const only = this.#only;
    if (only === undefined || this.#unmet.size < only.size) return;
    const near = [...this.#nearest.values()].flatMap((one) => one.found ?? []);
    throw new NobodyChosen(
      `--only must name recipients of the list ${name}: found ${
        this.unmet.slice(0, EXAMPLES).map(quote).join(", ")
      }`,
      near.length === 0
        ? {}
        : { hint: near.map((key) => `Did you mean ${quote(key)}?`).join("\n  ") },
    );
  }

  /** How many more recipients may be taken. */
  get room(): number {
    return this.#limit - this.#taken.size;
  }

  /** Returns whether the row at this place (from 0) may be taken at all. */
  covers(place: number): boolean {
    if (place < this.#offset) return false;
    return this.#isBehindOffset = true;
  }

  chooses({ key }: Recipient): boolean {
    for (const one of this.#nearest.values()) one.offer(key);
    if (this.#only !== undefined && !this.#only.has(key)) return false;
    this.#unmet.delete(key);
    return this.#shard === undefined || shardOf(key, this.#shard.count) === this.#shard.index - 1;
  }

  took({ key }: Recipient): void {
    if (this.#limit !== Infinity) this.#taken.add(key);
  }
}
