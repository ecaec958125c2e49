import type { CampaignFacts } from "../../../ledger/ledger.ts";
import type { PreviousRun } from "../../previous/previous_run.ts";
import { differences } from "./made_from.ts";

/** What a changed campaign means for those of the last run. */
export interface SinceLastRun {
  /** What the mails are made from has changed in these points, and the campaign was done. */
  readonly changedSinceDone: readonly string[];
  /** Rows of another list, the last one, that no run has reached. */
  readonly leftBehind: number;
}

const UNCHANGED: SinceLastRun = { changedSinceDone: [], leftBehind: 0 };

/**
 * Compares a campaign with its last run. It was done if somebody was mailed, and nobody of its list was left. A changed
 * template is seldom meant for such a campaign: those who got the mail do not get the new one. And another list may be
 * a part of the last one: rows that were not reached are in no ledger, so nobody would miss them.
 */
export async function sinceLastRun(
  previous: PreviousRun | undefined,
  now: CampaignFacts,
): Promise<SinceLastRun> {
  if (previous === undefined) return UNCHANGED;
  const { tally: { sent, queued, claimed, deferred }, facts } = previous;
  const changed = differences(facts.madeFrom, now.madeFrom ?? {}) ?? [];
  const isOtherList = facts.list !== now.list && facts.list !== now.continues;
  const wasSettled = sent > 0 && queued + claimed + deferred === 0;
  if (!isOtherList && !(wasSettled && changed.length > 0)) return UNCHANGED;
  const notReached = await previous.notReached() ?? 0;
  return {
    changedSinceDone: wasSettled && notReached === 0 ? changed : [],
    leftBehind: isOtherList ? notReached : 0,
  };
}
