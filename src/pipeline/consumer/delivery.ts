import type { Recipient } from "../../model/recipient.ts";
import type { Outcome } from "../../model/outcome.ts";
import { replyLine } from "../../model/reply.ts";

/** Receives the outcome of each mail. */
export interface DeliveryReporter {
  delivery(delivery: Delivery): void;
}

/** Returns what `-v` and the log show about a recipient. */
export function deliveryOf(recipient: Recipient, relay: string, outcome: Outcome): Delivery {
  const { line, address } = recipient;
  return { line, address, relay, state: outcome.state, detail: detailOf(outcome) };
}

function detailOf(outcome: Outcome): string {
  if (outcome.state !== "sent") return outcome.reason;
  return outcome.reply === undefined ? "" : replyLine(outcome.reply);
}

/** The outcome of a mail, for `-v` and the log. */
export interface Delivery {
  readonly line: number;
  readonly address: string;
  readonly state: "sent" | "deferred" | "failed" | "in-doubt" | "invalid" | "skipped";
  /** "250 2.0.0 queued as 4F1" or the reason. */
  readonly detail: string;
  readonly relay: string;
}
