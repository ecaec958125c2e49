import type { SqliteStore } from "../store.ts";
import { StateCounts } from "./state_counts.ts";
import * as sql from "../statements.ts";
import { stateOf } from "../state_numbers.ts";

/** The totals stored in a ledger's file. */
export interface StoredTally {
  readonly counts: StateCounts;
  /** Every row of the list up to this line is entered; some later ones may be, too. */
  readonly upToLine: number;
}

/**
 * Reads the counts of a ledger that no process is sending from: as stored when it was closed, or, if the process died,
 * counted by reading every row.
 */
export function readTally(store: SqliteStore): StoredTally {
  const { counts, upToLine, exact } = readLaggingTally(store);
  return { counts: exact ? counts : countRows(store), upToLine };
}

/** Reads the counts as last written; for a ledger in use, a moment ago. */
export function readLaggingTally(store: SqliteStore): StoredTally & { readonly exact: boolean } {
  const text = store.schema < 2 ? sql.READ_TALLY_OF_1 : sql.READ_TALLY;
  const stored = store.statement(text).get() as {
    counts: string;
    up_to_line: number;
    exact: number;
  };
  const counts = new StateCounts();
  counts.load(JSON.parse(stored.counts));
  return { counts, upToLine: stored.up_to_line, exact: stored.exact === 1 };
}

/** Counts rows claimed by a dead process in their former states. Reads every row, if there are any. */
export function releaseClaimed(store: SqliteStore, counts: StateCounts): void {
  if (counts.of("claimed") === 0) return;
  const { n } = store.statement(sql.COUNT_CLAIMED_IN_DOUBT).get() as { n: number };
  counts.move("claimed", "in-doubt", n);
  counts.move("claimed", "queued", counts.of("claimed"));
}

/** Reads every row. */
export function countRows(store: SqliteStore): StateCounts {
  const counts = new StateCounts();
  for (const row of store.statement(sql.COUNT_STATES).all()) {
    const { state, n } = row as { state: number; n: number };
    counts.set(stateOf(state), n);
  }
  return counts;
}
