import type { Stage } from "./attempt.ts";
import type { Reply } from "./reply.ts";

/** Facts of the dialogue that the ledger records beside the state. */
export interface ReplyFacts {
  readonly stage?: Stage;
  readonly reply?: Reply;
}

/** What becomes of a recipient after one try, or without any. */
export type Outcome =
  | ({ readonly state: "sent" } & ReplyFacts)
  | ({
    readonly state: "deferred";
    readonly notBefore: number;
    /** The try counts against `--retries`. */
    readonly counted: boolean;
    readonly reason: string;
  } & ReplyFacts)
  | ({ readonly state: "failed"; readonly reason: string } & ReplyFacts)
  | ({ readonly state: "in-doubt"; readonly reason: string } & ReplyFacts)
  | ({ readonly state: "invalid"; readonly reason: string } & ReplyFacts)
  | ({ readonly state: "skipped"; readonly reason: string } & ReplyFacts);

/** Returns whether the try counts against `--retries`. */
export function countsAsTry(outcome: Outcome): boolean {
  switch (outcome.state) {
    case "deferred":
      return outcome.counted;
    case "sent":
    case "failed":
    case "in-doubt":
      return true;
    case "invalid":
    case "skipped":
      return false;
  }
}

/**
 * The due time of recipients who are set aside until everybody else is done, in this run or the next. No clock reaches
 * it. Older versions of this program take it for a clock error and try these recipients at once.
 */
export const SET_ASIDE = Number.MAX_SAFE_INTEGER;

/** The longest deferral, whatever `[retry] first` says. A due time further ahead was not written by this program. */
export const LONGEST_DEFERRAL_MS = 2 * 3_600_000;
