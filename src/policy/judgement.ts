import type { Reply } from "../model/reply.ts";
import type { Outcome } from "../model/outcome.ts";

/** What the attempt says about the relay, beyond this one recipient. */
export type RelayFeedback =
  /** It does its work: it took the mail, or judged this recipient alone. */
  | { readonly kind: "well"; readonly accepted: boolean }
  /** It asks for less: fewer connections or a lower rate. */
  | { readonly kind: "slow-down"; readonly of: "connections" | "rate" }
  /** It refuses us, whoever the recipient is: stop. */
  | { readonly kind: "refuses-us"; readonly hint: string }
  /** It refused for a reason that may be us. */
  | { readonly kind: "suspect" }
  /** The connection broke; `inDoubt`: while this mail was handed over and not answered. */
  | { readonly kind: "lost"; readonly inDoubt: boolean }
  /** Nothing: it was not asked, or ended a session for its own reasons. */
  | { readonly kind: "none" };

export interface Judgement {
  readonly outcome: Outcome;
  readonly feedback: RelayFeedback;
}

/** What is known of the recipient at the time of judging. */
export interface AttemptContext {
  /** Counted tries, this one included. */
  readonly attempt: number;
  /** When the first try began (ms since the epoch). */
  readonly firstTriedAt: number;
  readonly now: number;
  /** Uniform in [0, 1). */
  readonly random: number;
  /** How often in a row, this time not included, the connection broke under this very mail; 0 where not given. */
  readonly lost?: number;
  /** The relay's "later" is taken to mean our pace, not this recipient; false where not given. */
  readonly throttled?: boolean;
  /** What is known of the relay. */
  readonly relay: RelayEvidence;
  /** The refusal is taken to mean that the session has carried its mails; false where not given. */
  readonly sessionOver?: boolean;
}

/** What the rest of the run says about a relay, as far as it tells how a refusal is to be read. */
export interface RelayEvidence {
  /** Whose fault a refusal is that may be about us; asked once, and only about such a refusal. */
  readonly blame: (reply: Reply) => "recipient" | "elsewhere" | "unclear";
  /** It has taken mail from us in this run. */
  readonly takes: boolean;
  /** It has taken mail of this campaign, in this run or another, and does not put off everybody now. */
  readonly hasTaken: boolean;
  /** Several recipients in a row were told to come later, or that a limit is reached: it is the relay's, not theirs. */
  readonly atLimit: boolean;
  /** This recipient was told so a few times only: it may be the beginning of a limit. */
  readonly spared: boolean;
  /** It was told so again, after others were taken: it is this recipient's. */
  readonly sick: boolean;
  /**
   * Whether being put off in so many tries, as seldom as others are, means this recipient; asked once a try, and only about who would
   * fail.
   */
  readonly isAlone: (tries: number) => boolean;
  /** For how much of the time since this recipient's first try the relay took nobody, ms. */
  readonly restedMs: number;
}
