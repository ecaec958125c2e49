import type { DueRecipient, LeftOut } from "../../ledger/returning.ts";
import type { Outcome } from "../../model/outcome.ts";
import { sleep } from "../../time/sleep.ts";
import { now } from "../../time/steady_time.ts";
import { sendAll } from "./offer.ts";
import type { ProducerContext } from "./producer_context.ts";

/** What is found out about somebody who was left out: why there is no mail, or that there is one. */
type Found = (Outcome & { readonly state: LeftOut["state"]; readonly reason: string }) | "mail";

/** Lets connections and signals have their turn while many mails are tried that cannot be made. */
const PAUSE_MS = 1;

/**
 * Judges again those whom earlier runs left out: a file that a mail lacked may be there now, and somebody may have been
 * taken off the suppression list. Offers whoever gets a mail after all, and records what else is new; the others stay as
 * they are, with their time. The mail is composed once more than needed, so that nobody is claimed, and no connection
 * opened, for rows that still make none.
 */
export async function offerLeftOut(production: ProducerContext): Promise<void> {
  const { returns, claimSize, stop, selection, suppression } = production;
  for (let made = 0; !stop.signal.aborted; made = 0) {
    const some = await returns.nextLeftOut(claimSize);
    if (some === undefined) return;
    const news = new Map<number, Found>();
    const { version: clearedBy } = suppression;
    let { room } = selection;
    for (const one of some) {
      const found = judge(production, one);
      if (found === "mail" || found.state === "invalid") made++;
      if (found === "mail" && room-- <= 0) break;
      if (found === "mail" || !isAsBefore(found, one)) news.set(one.id, found);
    }
    if (news.size === 0 && made > 0) await sleep(PAUSE_MS, stop.signal);
    if (news.size === 0) continue;
    for (const claimed of await returns.claimLeftOut([...news.keys()], now())) {
      const found = news.get(claimed.id)!;
      await recordOrOffer(production, claimed, { found, clearedBy });
    }
  }
}

function judge({ suppression, unmailable }: ProducerContext, { recipient }: LeftOut): Found {
  const suppressed = suppression.why(recipient.key);
  if (suppressed !== undefined) return { state: "skipped", reason: suppressed };
  const reason = unmailable(recipient);
  return reason === undefined ? "mail" : { state: "invalid", reason };
}

function isAsBefore(found: Exclude<Found, "mail">, { state, reason }: LeftOut): boolean {
  return found.state === state && found.reason === reason;
}

async function recordOrOffer(
  { recorder, channel, selection, reserve }: ProducerContext,
  { id, recipient, attempts, firstTriedAt }: DueRecipient,
  { found, clearedBy }: { readonly found: Found; readonly clearedBy: number },
): Promise<void> {
  if (found !== "mail") return recorder.settle({ id, relay: "", messageId: "" }, found);
  selection.took(recipient);
  const job = { recipient, id, attempt: attempts + 1, firstTriedAt, clearedBy };
  await sendAll(channel, reserve.holdBack(job));
}
