import type { Tally } from "../model/tally.ts";

/** The counts of a ledger, as `--json` names them. */
export interface TallyJson {
  readonly total: number;
  readonly sent: number;
  readonly failed: number;
  readonly invalid: number;
  readonly skipped: number;
  readonly in_doubt: number;
  readonly deferred: number;
  /** Ready to be sent, including those that a consumer has taken. */
  readonly queued: number;
}

/** Returns the counts with those names, in the order of the documentation. */
export function tallyJson(tally: Tally): TallyJson {
  return {
    total: tally.total,
    sent: tally.sent,
    failed: tally.failed,
    invalid: tally.invalid,
    skipped: tally.skipped,
    in_doubt: tally.inDoubt,
    deferred: tally.deferred,
    queued: tally.queued + tally.claimed,
  };
}
