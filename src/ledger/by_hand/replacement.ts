import type { State } from "../../model/state.ts";

/** What a person decides about a recipient whose mail another one gets instead: an address that was corrected. */
export interface Replacement {
  /** The address of an invalid row as it is in the list, or another name of a recipient's. */
  readonly old: string;
  /** The recipient's key, or mailbox; undefined if the address is invalid. */
  readonly key: string | undefined;
  /** Key, or mailbox, of the recipient who gets the mail; must be in the ledger. */
  readonly by: string;
}

/** The result of such a decision. */
export type ReplacementResult =
  | { readonly kind: "replaced"; readonly before: State }
  /** Several recipients have this mailbox; only a key tells which one is meant. */
  | { readonly kind: "several"; readonly which: "old" | "by" }
  /** The row is invalid and has no key, in a ledger where a key tells recipients apart: it could not be found again. */
  | { readonly kind: "no-key" }
  /** The first or the second of them is not in the ledger. */
  | { readonly kind: "unknown"; readonly which: "old" | "by" }
  /** The recipient is in a state that cannot be overruled. */
  | { readonly kind: "refused"; readonly state: State }
  /** Nobody would get the mail, because both are the same recipient. */
  | { readonly kind: "itself" }
  /** Nobody would get the mail, because the second recipient is replaced by this one. */
  | { readonly kind: "passed-on"; readonly to: string };

/** States of recipients who can be replaced: those who should have got a mail, and perhaps did not. */
export const REPLACEABLE = ["failed", "invalid", "in-doubt"] as const;
