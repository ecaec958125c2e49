import type { Tally } from "./tally.ts";

/** The verdict on a ledger; `stopped`: the run was ended before its time. */
export function exitCodeOf(tally: Tally, stopped: unknown): ExitCode {
  if (stopped !== undefined || tally.queued + tally.claimed + tally.deferred > 0) return 3;
  return tally.failed + tally.invalid + tally.inDoubt > 0 ? 1 : 0;
}

/** The verdict of a run; see the table of exit codes in the README. */
export type ExitCode = 0 | 1 | 2 | 3;
