import { KeyFilter } from "../../keys/key_filter.ts";
import { KeyHash } from "../../keys/key_hash.ts";
import type { SqliteStore } from "./store.ts";
import * as sql from "./statements.ts";

/** Maximum number of keys held in memory before they go into the index together: about 5 MB. */
const MOST_RECENT = 32_768;

/**
 * Which row of a ledger is whose, by the recipient's key.
 *
 * Addresses come in any order, so an index that takes each as it comes writes a page of its own for every recipient: at a
 * million of them more than all the rest of a mail. Here the keys of the newest rows are held in memory and go into the index
 * many at a time, in their order, by which a page is written once for all that belong on it. What is in memory is in the
 * rows as well, and is read from there when a ledger is opened.
 */
export class KeyIndex {
  readonly #store: SqliteStore;
  /** Ids of the rows behind `#upTo`, by key. */
  readonly #recent = new Map<string, number>();
  /** Keys of rows up to this id are in the index. */
  #upTo: number;
  /** What went into the index, all of it; undefined where an earlier process has filled it: that is asked instead. */
  #filters: KeyFilter[] | undefined;
  readonly #hash = new KeyHash();

  /** Reads the keys that are not in the index: at most some ten thousand. */
  constructor(store: SqliteStore) {
    this.#store = store;
    this.#upTo = (store.statement(sql.READ_KEYED).get() as { keyed_up_to: number }).keyed_up_to;
    this.#filters = this.#upTo === 0 ? [] : undefined;
    for (const row of store.statement(sql.KEYS_AFTER).iterate(this.#upTo)) {
      const { key, id } = row as { key: string; id: number };
      this.#recent.set(key, id);
    }
  }

  /** The row with this key; undefined: there is none. */
  find(key: string): number | undefined {
    const recent = this.#recent.get(key);
    if (recent !== undefined || !this.#mayBeIndexed(key)) return recent;
    return (this.#store.statement(sql.FIND_KEY).get(key) as { id: number } | undefined)?.id;
  }

  /** A row was entered; inside its transaction. */
  entered(key: string, id: number): void {
    this.#recent.set(key, id);
  }

  /** The transaction that entered it did not come about. */
  takenBack(key: string): void {
    this.#recent.delete(key);
  }

  /** So many keys are held that they should go into the index. */
  get isFull(): boolean {
    return this.#recent.size >= MOST_RECENT;
  }

  /** Brings the keys that are held into the index, in a transaction of its own. */
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
  }

  /** Nearly all keys of a list are new, and to see that in memory takes a tenth of what the index takes. */
  #mayBeIndexed(key: string): boolean {
    if (this.#filters === undefined) return true;
    if (this.#filters.length === 0) return false;
    const hash = this.#hash.of(key);
    return this.#filters.some((filter) => filter.mayHold(hash));
  }
}
