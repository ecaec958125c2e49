import type { Tally } from "./tally.ts";

/** Returns the exit code for a ledger. `stopped` is defined if the run ended early. */
export function exitCodeOf(tally: Tally, stopped: unknown): ExitCode {
  if (stopped !== undefined || tally.queued + tally.claimed + tally.deferred > 0) return 3;
  return tally.failed + tally.invalid + tally.inDoubt > 0 ? 1 : 0;
}

/** See the table of exit codes in the README. */
export type ExitCode = 0 | 1 | 2 | 3;
