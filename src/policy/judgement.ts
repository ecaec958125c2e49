import type { Reply } from "../model/reply.ts";
import type { StopKind } from "../model/stop_kind.ts";
import type { Outcome } from "../model/outcome.ts";

/** What an attempt says about the relay, beyond this one recipient. */
export type RelayFeedback =
  /** It works: it accepted the mail, or judged only this recipient. */
  | { readonly kind: "well"; readonly accepted: boolean }
  /** It asks for less: fewer connections or a lower rate. */
  | { readonly kind: "slow-down"; readonly of: "connections" | "rate" }
  /** It refuses us, whoever the recipient is. */
  | { readonly kind: "refuses-us"; readonly why: StopKind; readonly hint: string }
  /** It refused for a reason that may be us. */
  | { readonly kind: "suspect" }
  /** The connection broke; with `inDoubt`, after this mail was handed over and before it was answered. */
  | { readonly kind: "lost"; readonly inDoubt: boolean }
  /** Nothing: it was not contacted, or ended a session for its own reasons. */
  | { readonly kind: "none" };

export interface Judgement {
  readonly outcome: Outcome;
  readonly feedback: RelayFeedback;
}

/** What is known about the recipient when the attempt is judged. */
export interface AttemptContext {
  /** Counted tries, this one included. */
  readonly attempt: number;
  /** Start of the first try (ms since the epoch). */
  readonly firstTriedAt: number;
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: number;
  /** How many times in a row the connection broke during this mail before; 0 by default. */
  readonly lost?: number;
  /** Whether the relay's "later" is taken to mean our pace, not this recipient; false by default. */
  readonly throttled?: boolean;
  /** What is known about the relay. */
  readonly relay: RelayEvidence;
  /** Whether the refusal is taken to mean that the session has carried its number of mails; false by default. */
  readonly sessionOver?: boolean;
}

/** What the rest of the run says about a relay, for interpreting a refusal. */
export interface RelayEvidence {
  /** Attributes a refusal that may be about us; called once, and only for such a refusal. */
  readonly blame: (reply: Reply) => "recipient" | "elsewhere" | "unclear";
  /** Whether it has accepted mail from us in this run. */
  readonly takes: boolean;
  /** Whether it has accepted mail of this campaign, in this run or another, and does not defer everybody now. */
  readonly hasTaken: boolean;
  /** Whether several recipients in a row were deferred or hit a limit, which is then the relay's, not theirs. */
  readonly atLimit: boolean;
  /** Whether this happened to this recipient only a few times, so that it may be the start of a limit of the relay. */
  readonly isSeldom: boolean;
  /** Whether it happened again after others were accepted, so that it is this recipient's. */
  readonly isOwnLimit: boolean;
  /**
   * Returns whether being deferred in this many tries, while few others are, means this recipient; called once per try,
   * and only if the recipient would fail.
   */
  readonly isAlone: (tries: number) => boolean;
  /** For how much of the time since this recipient's first try the relay accepted nobody, ms. */
  readonly restedMs: number;
}
