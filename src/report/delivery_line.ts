import { escapeLine } from "../text/escape.ts";
import type { Delivery } from "../pipeline/consumer/delivery.ts";

/** Wide enough for the longest usual state, so that addresses line up. */
const STATE_WIDTH = 8;

/** What became of one mail, as `-v` shows it: `sent      ada@example.com  250 2.0.0 queued as 4F1  (line 2, localhost:1025)`. */
export function deliveryLine(delivery: Delivery): string {
  const state = delivery.state.replace("-", " ").padEnd(STATE_WIDTH);
  const relay = delivery.relay === "" ? "" : `, ${escapeLine(delivery.relay)}`;
  const shown = [state, escapeLine(delivery.address), escapeLine(delivery.detail)]
    .filter((part) => part !== "");
  return `${shown.join("  ")}  (line ${delivery.line}${relay})`;
}
