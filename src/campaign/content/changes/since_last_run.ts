import type { CampaignFacts } from "../../../ledger/ledger.ts";
import type { PreviousRun } from "../../previous/previous_run.ts";
import { differences } from "./made_from.ts";

/** What a changed campaign means for those of the last run. */
export interface SinceLastRun {
  /** What the mails are made from has changed in these points, and the campaign was done. */
  readonly changedSinceDone: readonly string[];
  readonly leftBehind: LeftBehind;
}

/** Who is in no ledger, as no run has reached them, and is perhaps not in this list either. */
export interface LeftBehind {
  /** Rows of the last list. */
  readonly rows: number;
  /** Recipients of a list before that one, at least. */
  readonly earlier: number;
}

export const NOBODY_LEFT_BEHIND: LeftBehind = { rows: 0, earlier: 0 };

/**
 * Compares a campaign with its last run. It was done if somebody was mailed, and nobody of its lists was left. A changed
 * template is seldom meant for such a campaign: those who got the mail do not get the new one. And another list may be
 * a part of the last one: rows that were not reached are in no ledger, so nobody would miss them.
 */
export async function sinceLastRun(
  previous: PreviousRun | undefined,
  now: CampaignFacts,
): Promise<SinceLastRun> {
  if (previous === undefined) return { changedSinceDone: [], leftBehind: NOBODY_LEFT_BEHIND };
  const { tally: { sent, queued, claimed, deferred }, facts } = previous;
  const isNow = (list: string) => list === now.list || list === now.continues;
  const changed = differences(facts.madeFrom, now.madeFrom ?? {}) ?? [];
  const mayBeDone = sent > 0 && queued + claimed + deferred === 0 && changed.length > 0;
  const isOtherList = !isNow(facts.list);
  const notReached = isOtherList || mayBeDone ? await previous.notReached() ?? 0 : 0;
  const earlier = facts.earlier === undefined ? 0 : await previous.leftBehind();
  return {
    changedSinceDone: mayBeDone && notReached + earlier === 0 ? changed : [],
    leftBehind: {
      rows: isOtherList ? notReached : 0,
      earlier: facts.earlier === undefined || isNow(facts.earlier.list) ? 0 : earlier,
    },
  };
}
