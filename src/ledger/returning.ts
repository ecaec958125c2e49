import type { Recipient } from "../model/recipient.ts";

// Recipients whose rows are in the ledger and who may get a mail (again).

/** A recipient that the ledger returns for another try. */
export interface DueRecipient {
  readonly id: number;
  readonly recipient: Recipient;
  /** Counted tries so far. */
  readonly attempts: number;
  /** Time of the first try (ms since the epoch), never later than the claim; undefined if there was none. */
  readonly firstTriedAt: number | undefined;
}

/**
 * Why a recipient whose row is known can be claimed: the try is due, the recipient is set aside, in doubt (and may get
 * a second mail), or was left out by an earlier run (see `LeftOut`).
 */
export type ReturningKind = "due" | "set-aside" | "in-doubt" | "left-out";

/** Settled recipients to be tried again: those of the list in these states, and those who are named. */
export interface Retry {
  readonly states: readonly ("failed" | "invalid")[];
  /** Keys, or mailboxes, see `isNamedIn()`. */
  readonly keys: readonly string[];
}

/** The states of those whom a run leaves out: no mail could be made, or the suppression list ruled the recipient out. */
export const LEFT_OUT_STATES = ["invalid", "skipped"] as const;

/** A recipient whom an earlier run left out, and never mailed. */
export interface LeftOut {
  readonly id: number;
  readonly recipient: Recipient;
  readonly state: typeof LEFT_OUT_STATES[number];
  readonly reason: string | undefined;
}

/** Which of those left out are asked for: up to `limit` in this state after the row `after`, or those among `rows`. */
export type LeftOutPlace =
  | { readonly state: LeftOut["state"]; readonly after: number; readonly limit: number }
  | { readonly rows: readonly number[] };

/** Waiting recipients who did not occur in a complete pass over the current list. */
export interface Missing {
  readonly count: number;
  /** Addresses of the first few. */
  readonly examples: readonly string[];
  /** At least so many recipients of an earlier list are in no ledger, as no run has reached them; missing: 0. */
  readonly leftBehind?: number;
}
