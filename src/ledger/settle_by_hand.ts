import type { State } from "../model/state.ts";

/** What a person can decide about a recipient. */
export type HandState = "sent" | "failed" | "queued";

/** The result of such a decision. */
export type HandResult =
  | { readonly key: string; readonly kind: "settled"; readonly before: State }
  /** The recipient is in a state that was not selected, or that cannot be overruled. */
  | { readonly key: string; readonly kind: "refused"; readonly state: State }
  | { readonly key: string; readonly kind: "unknown" };

/** Excludes `sent`, which the server's reply settled, and `invalid`, which is no recipient. */
export const SETTLED_BY_HAND = ["in-doubt", "failed", "deferred", "queued", "skipped"] as const;

/** What a person decided about recipients, most of them in doubt. */
export interface HandDecision {
  /** Recipients' keys, see `Recipient`. */
  readonly keys: readonly string[];
  /** `queued`: they get a mail in the next run. */
  readonly to: HandState;
  /** Recipients in other states stay as they are. */
  readonly from: readonly State[];
}
