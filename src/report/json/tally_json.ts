import { countText } from "../../text/quantity.ts";
import type { Tally } from "../../model/tally.ts";

/** The counts of a ledger, as `--json` names them. */
export interface TallyJson {
  readonly total: number;
  readonly sent: number;
  readonly failed: number;
  readonly invalid: number;
  readonly skipped: number;
  /** Part of `skipped`; null: the ledger could not be read any more. */
  readonly suppressed: number | null;
  readonly in_doubt: number;
  readonly deferred: number;
  /** Ready to be sent, including those that a consumer has taken. */
  readonly queued: number;
}

/** Returns the counts with those names, in the order of the documentation. */
export function tallyJson(tally: Tally, suppressed: number | undefined): TallyJson {
  return {
    total: tally.total,
    sent: tally.sent,
    failed: tally.failed,
    invalid: tally.invalid,
    skipped: tally.skipped,
    suppressed: suppressed ?? null,
    in_doubt: tally.inDoubt,
    deferred: tally.deferred,
    queued: tally.queued + tally.claimed,
  };
}

/** The part of the skipped that is suppressed, to follow their count: " (1,200 suppressed)"; empty if there are none. */
export function suppressedPart(suppressed: number | undefined): string {
  return suppressed ? ` (${countText(suppressed)} suppressed)` : "";
}
