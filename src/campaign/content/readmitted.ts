import type { Composer } from "../../compose/composer.ts";
import type { CampaignFacts } from "../../ledger/ledger.ts";
import { openLedgerReader } from "../../ledger/open.ts";
import { isNamedIn, type Recipient } from "../../model/recipient.ts";
import { choosesFromAll } from "../../pipeline/producer/selection.ts";
import type { PreviousRun } from "../previous/previous_run.ts";
import type { SendOptions } from "../send_options.ts";
import type { Suppressing } from "../../suppression/suppression_files.ts";

/** Returns why no mail can be made for a recipient; undefined: one can. */
export function unmailableReason(
  composer: Pick<Composer, "compose">,
  recipient: Recipient,
): string | undefined {
  const mail = composer.compose(recipient, { eightBit: true });
  return "kind" in mail ? mail.reason : undefined;
}

/** What decides who of those left out gets a mail now. */
interface Judging {
  readonly previous: PreviousRun | undefined;
  readonly facts: CampaignFacts;
  readonly composer: Pick<Composer, "compose">;
  readonly suppression: Pick<Suppressing, "why">;
}

/**
 * Counts the recipients whom earlier runs over this very list left out and who would get a mail now, by what is judged
 * again: whether a mail can be made, and whether the suppression list rules the recipient out. Another list decides that
 * row by row.
 */
export async function countReadmitted(
  options: SendOptions,
  { previous, facts, composer, suppression }: Judging,
): Promise<number> {
  const isSameList = facts.list !== "" && previous?.facts.list === facts.list;
  if (previous === undefined || !isSameList || !choosesFromAll(options)) return 0;
  if (previous.tally.invalid + previous.tally.skipped === 0) return 0;
  const { ledger, retry } = options;
  const named = new Set(retry.keys);
  let count = 0;
  await using reader = await openLedgerReader(ledger);
  for await (const { state, recipient } of reader.leftOut()) {
    // `--retry` queues them whatever is judged, and counts them by itself.
    if (retry.states.some((one) => one === state) || isNamedIn(named, recipient.key)) continue;
    if (suppression.why(recipient.key) !== undefined) continue;
    if (unmailableReason(composer, recipient) === undefined) count++;
  }
  return count;
}
