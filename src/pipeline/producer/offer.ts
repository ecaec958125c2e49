import type { DueRecipient } from "../../ledger/returning.ts";
import type { Job } from "../../model/recipient.ts";
import { now } from "../../time/steady_time.ts";
import type { ProducerContext } from "./producer_context.ts";
import type { Reserve } from "./reserve.ts";

/**
 * Offers recipients who are due, and those in doubt who are to be mailed again. Returns their number. With a reserve,
 * the last ones are held back, since an earlier run may have reached the end of the list.
 */
export async function offerReturning(
  production: ProducerContext,
  reserve?: Reserve,
): Promise<number> {
  const { returns, claimSize } = production;
  const doubted = await returns.claimInDoubt(claimSize, now());
  for (const owed of doubted) await offerAgain(production, owed, "in-doubt");
  const due = await returns.claimDue(now(), claimSize - doubted.length);
  for (const owed of due) await offerAgain(production, owed, "skipped", reserve);
  return doubted.length + due.length;
}

/** Offers one of them. A recipient who has been suppressed gets no mail, and the state `ruledOut`. */
export async function offerAgain(
  { recorder, channel, selection, suppression }: ProducerContext,
  { id, recipient, attempts, firstTriedAt }: DueRecipient,
  ruledOut: "skipped" | "in-doubt",
  reserve?: Reserve,
): Promise<void> {
  const { version: clearedBy } = suppression;
  const reason = suppression.why(recipient.key);
  if (reason !== undefined) {
    return recorder.settle({ id, relay: "", messageId: "" }, { state: ruledOut, reason });
  }
  selection.took(recipient);
  const job = { recipient, id, attempt: attempts + 1, firstTriedAt, clearedBy, ruledOut };
  await sendAll(channel, reserve?.holdBack(job) ?? [job]);
}

export async function sendAll(
  channel: ProducerContext["channel"],
  jobs: readonly Job[],
): Promise<void> {
  for (const job of jobs) await channel.send(job);
}
