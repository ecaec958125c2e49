import { StateCounts } from "./state_counts.ts";

/** What the process that writes a ledger keeps in memory of it; the file holds the same, written with every commit. */
export interface Standing {
  readonly counts: StateCounts;
  /** Ids this process has. The smallest bounds what a successor has to look at. */
  readonly open: Map<number, "claimed" | "handed-over">;
  lastId: number;
  /** Every row of the present list up to this line is entered. */
  upToLine: number;
  /** Counts the lists: rows met in the present one carry its number. */
  revision: number;
}

export function newStanding(): Standing {
  return { counts: new StateCounts(), open: new Map(), lastId: 0, upToLine: 0, revision: 1 };
}
