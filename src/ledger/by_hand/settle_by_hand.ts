import type { State } from "../../model/state.ts";

/** What a person can decide about a recipient. */
export type HandState = "sent" | "failed" | "queued";

/** The result of such a decision. */
export type HandResult =
  | { readonly key: string; readonly kind: "settled"; readonly before: State }
  /** The recipient is in a state that was not selected, or that cannot be overruled. */
  | { readonly key: string; readonly kind: "refused"; readonly state: State }
  /** Another recipient gets the mail instead; only another replacement can overrule that. */
  | { readonly key: string; readonly kind: "replaced"; readonly by: string }
  | { readonly key: string; readonly kind: "unknown" };

/** Excludes `sent`, which the server's reply settled, and `invalid`, which is no recipient. */
export const SETTLED_BY_HAND = ["in-doubt", "failed", "deferred", "queued", "skipped"] as const;

/** What a person decided about recipients, most of them in doubt. */
export interface HandDecision {
  /** Recipients' keys, or mailboxes, see `isNamedIn()`. */
  readonly keys: readonly string[];
  /** All of them are keys: none stands for all recipients of a mailbox. */
  readonly exact?: boolean;
  /** `queued`: they get a mail in the next run. */
  readonly to: HandState;
  /** Recipients in other states stay as they are. */
  readonly from: readonly State[];
}
