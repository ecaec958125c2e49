import type { DueRecipient } from "../../ledger/returning.ts";
import { now } from "../../time/steady_time.ts";
import { sendAll } from "./offer.ts";
import type { ProducerContext } from "./producer_context.ts";

/**
 * Judges again those whom earlier runs left out: a file that a mail lacked may be there now, and somebody may have been
 * taken off the suppression list. Offers whoever gets a mail after all. The mail is made here once more than needed, so
 * that no connection is opened for rows that still make none.
 */
export async function offerLeftOut(production: ProducerContext): Promise<void> {
  const { returns, suppression, claimSize, stop } = production;
  const isFree = (key: string) => suppression.why(key) === undefined;
  while (!stop.signal.aborted) {
    const claimed = await returns.claimLeftOut(now(), claimSize, isFree);
    if (claimed === undefined) return;
    for (const one of claimed) await judgeAgain(production, one);
  }
}

async function judgeAgain(
  { recorder, channel, selection, suppression, reserve, unmailable }: ProducerContext,
  { id, recipient, attempts, firstTriedAt }: DueRecipient,
): Promise<void> {
  const nowhere = { id, relay: "", messageId: "" };
  const { version: clearedBy } = suppression;
  const suppressed = suppression.why(recipient.key);
  if (suppressed !== undefined) {
    return recorder.settle(nowhere, { state: "skipped", reason: suppressed });
  }
  const reason = unmailable(recipient);
  if (reason !== undefined) return recorder.settle(nowhere, { state: "invalid", reason });
  selection.took(recipient);
  const job = { recipient, id, attempt: attempts + 1, firstTriedAt, clearedBy };
  await sendAll(channel, reserve.holdBack(job));
}
