import { guarded } from "../sqlite/guarded.ts";

/** Runs a function that uses a suppression list, as {@link guarded} does for a ledger. */
export function guardedList<T>(action: string, run: () => T): T {
  return guarded(action, run, "suppression-list");
}
