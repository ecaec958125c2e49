import { RowSet } from "../../keys/row_set.ts";
import type { KeyIndex } from "./key_index.ts";
import type { CampaignFacts } from "../ledger.ts";
import type { Retry } from "../returning.ts";
import { StateCounts } from "./tally/state_counts.ts";

/** How a process holds a recipient: taken from the queue, or handed over to the relay. */
export type Hold = "claimed" | "handed-over";

/**
 * The in-memory state of the process that writes a ledger. The file holds the same, written with every commit.
 *
 * When a transaction fails, its changes here are undone. Otherwise the next commit would record recipients that are
 * not there, and a place in the list that was never reached.
 */
export class WriterState {
  readonly keys: KeyIndex;
  readonly counts = new StateCounts();
  /** Every row of the current list up to this line is entered. */
  upToLine = 0;
  /** The number of the current list; rows entered from it carry this number. */
  revision = 1;
  /** What this run is about. */
  facts: CampaignFacts = { campaign: "", columns: [], list: "", template: "", relays: [] };
  /** The number of this run; undefined until it hands over its first mail. */
  run: number | undefined;
  /** The recipients to be tried again in this run. */
  retry: Retry = { states: [], keys: [] };
  /** Those of a run with a condition that were queued when they were found. */
  readonly retried = new RowSet();
  /** The claimed rows that were in doubt before, and are again if they are not handed over. */
  readonly wereInDoubt = new Set<number>();
  readonly #open = new Map<number, Hold>();
  #undo: (() => void)[] | undefined;

  constructor(keys: KeyIndex) {
    this.keys = keys;
  }

  /** The ids that this process holds. */
  get open(): ReadonlyMap<number, Hold> {
    return this.#open;
  }

  /** Nobody is queued or deferred, in this list or an earlier one, so no query is needed to find them. */
  get nobodyWaits(): boolean {
    return this.counts.of("queued") + this.counts.of("deferred") === 0;
  }

  /** Notes that a recipient has a row now. */
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

  /** Runs a transaction; if it throws, the state here is restored. */
  transact<T>(run: () => T): T {
    const { upToLine, revision, run: number, facts } = this;
    const before = { upToLine, revision, run: number, facts };
    const counts = [...this.counts.toJSON()];
    const undo: (() => void)[] = this.#undo = [];
    try {
      return run();
    } catch (error) {
      this.counts.load(counts);
      Object.assign(this, before);
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
