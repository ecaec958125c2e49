import type { Recipient } from "../../list/recipient.ts";
import type { Outcome } from "../../policy/judge.ts";
import type { Delivery } from "../../report/reporter.ts";
import { replyLine } from "../../smtp/wire/reply_parser.ts";

/** What `-v` and the log say of one recipient. */
export function deliveryOf(recipient: Recipient, relay: string, outcome: Outcome): Delivery {
  const { line, address } = recipient;
  return { line, address, relay, state: outcome.state, detail: detailOf(outcome) };
}

function detailOf(outcome: Outcome): string {
  if (outcome.state !== "sent") return outcome.reason;
  return outcome.reply === undefined ? "" : replyLine(outcome.reply);
}
