import type { State } from "../model/state.ts";

/** What a person can decide about a recipient. */
export type HandState = "sent" | "failed" | "queued";

/** What became of such a decision. */
export type HandResult =
  | { readonly key: string; readonly kind: "settled"; readonly before: State }
  /** The recipient is in a state that was not asked for, or that nobody can overrule. */
  | { readonly key: string; readonly kind: "refused"; readonly state: State }
  | { readonly key: string; readonly kind: "unknown" };

/** Neither sent nor invalid: the server's own reply settled the first, and the second is no recipient. */
export const SETTLED_BY_HAND = ["in-doubt", "failed", "deferred", "queued", "skipped"] as const;

/** What a person found out about recipients, most of them in doubt. */
export interface HandDecision {
  /** Recipients' keys, see `Recipient`. */
  readonly keys: readonly string[];
  /** `queued` sends them a mail in the next run. */
  readonly to: HandState;
  /** Recipients in other states stay as they are. */
  readonly from: readonly State[];
}
