import type { Tally } from "./tally.ts";

/**
 * Returns the exit code for a ledger.
 *
 * @param stopped Defined if the run ended early.
 * @param notChosen How many recipients wait for another run, as this one was not to mail them.
 */
export function exitCodeOf(tally: Tally, stopped: unknown, notChosen = 0): ExitCode {
  const waiting = tally.queued + tally.claimed + tally.deferred;
  if (stopped !== undefined || waiting > notChosen) return 3;
  return tally.failed + tally.invalid + tally.inDoubt > 0 ? 1 : 0;
}

/** See the table of exit codes in the README. */
export type ExitCode = 0 | 1 | 2 | 3;
