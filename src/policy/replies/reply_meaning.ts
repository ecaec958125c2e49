import type { StopKind } from "../../model/stop_kind.ts";

/** What a refusal is about. */
export type ReplyMeaning =
  /** This recipient, permanently. */
  | { readonly kind: "recipient" }
  /** This recipient, this message, or us; what happens to others will tell. */
  | { readonly kind: "suspicion" }
  /** A quota or rate limit of ours, whoever the recipient is. */
  | { readonly kind: "limit" }
  /** This recipient, temporarily: try again, counted. */
  | { readonly kind: "later" }
  /** Too many connections or too high a rate: try again, not counted. */
  | { readonly kind: "slow-down"; readonly of: "connections" | "rate" }
  /** This session, whoever the recipient is: try again on a new one, not counted. */
  | { readonly kind: "session" }
  /** Us, so there is no point in trying others. */
  | { readonly kind: "refuses-us"; readonly why: StopKind; readonly hint: string };
