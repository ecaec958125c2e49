import { KeyFilter } from "../../keys/key_filter.ts";
import { KeyHash } from "../../keys/key_hash.ts";
import { mailboxKeyOf } from "../../model/recipient.ts";
import type { SqliteStore } from "./store.ts";
import * as sql from "./statements.ts";

/** Most keys held in memory before they are added to the index together: about 5 MB. */
const MOST_RECENT = 32_768;

/**
 * Finds the row of a recipient in the ledger by key.
 *
 * Addresses come in any order, so an index updated for each one writes a separate page per recipient; with a million
 * recipients, that costs more than everything else about a mail. Here, the keys of the newest rows are held in memory
 * and added to the index many at a time, sorted, so that each page is written only once. They are also in the rows,
 * and are read from there when a ledger is opened.
 */
export class KeyIndex {
  readonly #store: SqliteStore;
  /** Ids of the rows after `#upTo`, by key. */
  readonly #recent = new Map<string, number>();
  /** Made of `#recent` when a mailbox is looked up; undefined once `#recent` has changed. */
  #recentByMailbox: ReadonlyMap<string, readonly [key: string, id: number][]> | undefined;
  /** Keys of rows up to this id are in the index. */
  #upTo: number;
  /**
   * Filters over all keys in the index; undefined if an earlier process has filled it, so that the index itself must be
   * queried.
   */
  #filters: KeyFilter[] | undefined;
  readonly #hash = new KeyHash();

  /** Reads the keys that are not in the index yet, a few ten thousand at most. */
  constructor(store: SqliteStore) {
    this.#store = store;
    this.#upTo = (store.statement(sql.READ_KEYED).get() as { keyed_up_to: number }).keyed_up_to;
    this.#filters = this.#upTo === 0 ? [] : undefined;
    for (const row of store.statement(sql.KEYS_AFTER).iterate(this.#upTo)) {
      const { key, id } = row as { key: string; id: number };
      this.#recent.set(key, id);
    }
  }

  /** Returns the row with this key; undefined if there is none. */
  find(key: string): number | undefined {
    const recent = this.#recent.get(key);
    if (recent !== undefined || !this.#mayBeIndexed(key)) return recent;
    return (this.#store.statement(sql.FIND_KEY).get(key) as { id: number } | undefined)?.id;
  }

  /**
   * Returns the rows that a name stands for, in the order of the ledger: that of the recipient with this key, or, for a
   * mailbox, those of all recipients who have it.
   */
  rowsOf(name: string): readonly number[] {
    const own = this.find(name);
    if (name !== mailboxKeyOf(name)) return own === undefined ? [] : [own];
    const indexed = this.#store.statement(sql.FIND_OF_MAILBOX).all(`${name} `, `${name}!`);
    const ids = indexed.map((row) => (row as { id: number }).id);
    ids.push(...this.#recentOf(name));
    if (own !== undefined) ids.push(own);
    return ids.sort((a, b) => a - b);
  }

  /** Notes that a row was entered; call it inside the transaction. */
  entered(key: string, id: number): void {
    this.#recent.set(key, id);
    this.#recentByMailbox = undefined;
  }

  /** Undoes `entered()` after a failed transaction. */
  takenBack(key: string): void {
    this.#recent.delete(key);
    this.#recentByMailbox = undefined;
  }

  /** Whether the keys in memory should be added to the index. */
  get isFull(): boolean {
    return this.#recent.size >= MOST_RECENT;
  }

  /** Adds the keys in memory to the index, in a separate transaction. */
  merge(): void {
    const upTo = this.#store.commit(() => {
      this.#store.statement(sql.INDEX_KEYS).run(this.#upTo);
      const { id } = this.#store.statement(sql.LAST_KEYED).get() as { id: number };
      this.#store.statement(sql.WRITE_KEYED).run(id);
      return id;
    });
    this.#upTo = upTo;
    this.#filters?.push(new KeyFilter(this.#recent.keys(), this.#recent.size));
    this.#recent.clear();
    this.#recentByMailbox = undefined;
  }

  /** The rows in memory of a mailbox's recipients who are identified by more than the mailbox. */
  #recentOf(mailbox: string): readonly number[] {
    if (this.#recentByMailbox === undefined) {
      const parts = [...this.#recent].filter(([key]) => mailboxKeyOf(key) !== key);
      this.#recentByMailbox = Map.groupBy(parts, ([key]) => mailboxKeyOf(key));
    }
    return this.#recentByMailbox.get(mailbox)?.map(([, id]) => id) ?? [];
  }

  /** Saves most lookups: nearly all keys of a list are new, and the filters show that ten times as fast as the index. */
  #mayBeIndexed(key: string): boolean {
    if (this.#filters === undefined) return true;
    if (this.#filters.length === 0) return false;
    const hash = this.#hash.of(key);
    return this.#filters.some((filter) => filter.mayHold(hash));
  }
}
