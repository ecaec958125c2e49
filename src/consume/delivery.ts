import type { Recipient } from "../produce/recipient.ts";
import type { Outcome } from "../record/outcome.ts";
import type { Delivery } from "../report/talk.ts";
import { replyLine } from "../smtp/reply.ts";

/** What `-v` and the log say of one recipient. */
export function deliveryOf(recipient: Recipient, relay: string, outcome: Outcome): Delivery {
  const { line, address } = recipient;
  return { line, address, relay, state: outcome.state, detail: detailOf(outcome) };
}

function detailOf(outcome: Outcome): string {
  if (outcome.state !== "sent") return outcome.reason;
  return outcome.reply === undefined ? "" : replyLine(outcome.reply);
}
