/** What a refusing reply is about. */
export type ReplyMeaning =
  /** This recipient: failed. */
  | { readonly kind: "recipient" }
  /** This recipient, this message, or us: what happens to others tells. */
  | { readonly kind: "suspicion" }
  /** A quota or a rate of ours is used up, whoever the recipient is. */
  | { readonly kind: "limit" }
  /** This recipient, but not for good: another try, counted. */
  | { readonly kind: "later" }
  /** We are too many or too fast: another try, not counted. */
  | { readonly kind: "slow-down"; readonly of: "connections" | "rate" }
  /** This session, whoever the recipient is: another try on a new one, not counted. */
  | { readonly kind: "session" }
  /** Us: nobody else needs to hear it. */
  | { readonly kind: "refuses-us"; readonly hint: string };
