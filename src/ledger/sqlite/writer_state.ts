import type { KeyIndex } from "./key_index.ts";
import type { Retry } from "../ledger.ts";
import { StateCounts } from "./tally/state_counts.ts";

/** Ids a process has: taken from the queue, or handed over to the relay. */
export type Hold = "claimed" | "handed-over";

/**
 * What the process that writes a ledger keeps in memory of it; the file holds the same, written with every commit.
 *
 * What a transaction changed here is taken back when the file did not take it: else the next commit would write down
 * recipients that are not there, and a place in the list that was never reached.
 */
export class WriterState {
  readonly keys: KeyIndex;
  readonly counts = new StateCounts();
  /** Every row of the present list up to this line is entered. */
  upToLine = 0;
  /** Counts the lists: rows met in the present one carry its number. */
  revision = 1;
  /** Who is to be tried again in this run. */
  retry: Retry = { states: [], keys: [] };
  /** Of the claimed ones, those that were in doubt before, and are again if they are not handed over. */
  readonly wereInDoubt = new Set<number>();
  readonly #open = new Map<number, Hold>();
  #undo: (() => void)[] | undefined;

  constructor(keys: KeyIndex) {
    this.keys = keys;
  }

  /** Ids this process has. */
  get open(): ReadonlyMap<number, Hold> {
    return this.#open;
  }

  /** A recipient has a row now. */
  enter(key: string, id: number): void {
    this.#undo?.push(() => this.keys.takenBack(key));
    this.keys.entered(key, id);
  }

  hold(id: number, hold: Hold): void {
    this.#remember(id);
    this.#open.set(id, hold);
  }

  letGo(id: number): void {
    this.#remember(id);
    this.#open.delete(id);
    if (this.wereInDoubt.delete(id)) this.#undo?.push(() => this.wereInDoubt.add(id));
  }

  /** Runs a transaction; when it throws, all is as it was before. */
  transact<T>(run: () => T): T {
    const { upToLine, revision } = this;
    const counts = [...this.counts.toJSON()];
    const undo: (() => void)[] = this.#undo = [];
    try {
      return run();
    } catch (error) {
      this.counts.load(counts);
      Object.assign(this, { upToLine, revision });
      while (undo.length > 0) undo.pop()!();
      throw error;
    } finally {
      this.#undo = undefined;
    }
  }

  #remember(id: number): void {
    const before = this.#open.get(id);
    this.#undo?.push(() => {
      if (before === undefined) this.#open.delete(id);
      else this.#open.set(id, before);
    });
  }
}
