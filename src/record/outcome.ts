import type { Attempt, Stage } from "../smtp/attempt.ts";
import type { Reply } from "../smtp/reply.ts";
import { judgeReply } from "./reply_rules.ts";

/** The facts of the dialogue that go into the ledger beside the state. */
export interface Facts {
  readonly stage?: Stage;
  readonly reply?: Reply;
}

/** What becomes of a recipient after one try, or without any. */
export type Outcome =
  | ({ readonly state: "sent" } & Facts)
  | ({
    readonly state: "deferred";
    readonly notBefore: number;
    /** The try counts against `--retries`. */
    readonly counted: boolean;
    readonly reason: string;
  } & Facts)
  | ({ readonly state: "failed"; readonly reason: string } & Facts)
  | ({ readonly state: "in-doubt"; readonly reason: string } & Facts)
  | ({ readonly state: "invalid"; readonly reason: string } & Facts)
  | ({ readonly state: "skipped"; readonly reason: string } & Facts);

/** Whether the try counts against `--retries`. */
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

/** What the attempt says about the relay, beyond this one recipient. */
export type Sign =
  /** It does its work: it took the mail, or judged this recipient alone. */
  | { readonly kind: "well"; readonly accepted: boolean }
  /** It asks for less: fewer connections or a lower rate. */
  | { readonly kind: "slow-down"; readonly of: "connections" | "rate" }
  /** It refuses us, whoever the recipient is: stop. */
  | { readonly kind: "refuses-us"; readonly hint: string }
  /** It refused for a reason that may be us: many in a row, and nothing accepted, mean the same as `refuses-us`. */
  | { readonly kind: "suspect" }
  /** The connection broke; `inDoubt`: while this mail was handed over and not answered. */
  | { readonly kind: "lost"; readonly inDoubt: boolean }
  /** Nothing: it was not asked, or ended a session for its own reasons. */
  | { readonly kind: "none" };

export interface Judgement {
  readonly outcome: Outcome;
  readonly sign: Sign;
}

/** When to try again. */
export interface RetryPolicy {
  /** Counted tries after the first. */
  readonly retries: number;
  /** Time from the first try after which nothing is tried again, in ms. */
  readonly retryForMs: number;
  /** Longest pause before the first retry, in ms; each further one is up to `RETRY_GROWTH` times as long. */
  readonly firstRetryMs: number;
}

/** What is known of the recipient at the time of judging. */
export interface Try {
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
}

/**
 * 5 s, 30 s, 3 min, 18 min, 108 min at the longest: the first catches a hiccup, the sum of five outlasts the greylisting
 * of RFC 6647 (minutes) and most outages (hours, RFC 5321, 4.5.4.1).
 */
export const FIRST_RETRY_MS = 5_000;
export const RETRY_GROWTH = 6;
/** Nobody is deferred for longer, whatever `[retry] first` says: a due time further ahead is not one of ours. */
export const LONGEST_PAUSE_MS = 2 * 3_600_000;

/** Longest pause before trying anew what was not the recipient's fault: the relay's own pauses do the pacing. */
const UNCOUNTED_PAUSE_MS = 1_000;
/**
 * Doubled with each connection that breaks under the same mail, up to this: a mail that some scanner on the way answers
 * with a reset would else take connections, and its neighbours' time, without end.
 */
const LONGEST_UNCOUNTED_PAUSE_MS = 60_000;

/**
 * Exponential backoff with jitter: anywhere between the longest pause of the try before and that of this one, so retries never
 * march in step. Jitter down to nothing would let some recipients use up all their tries within minutes, and a greylisting
 * server burn them.
 */
export function backoffMs(attempt: number, firstRetryMs: number, random: number): number {
  const longest = Math.min(LONGEST_PAUSE_MS, firstRetryMs * RETRY_GROWTH ** (attempt - 1));
  const shortest = longest / RETRY_GROWTH;
  return Math.round(shortest + random * (longest - shortest));
}

/** The one place that decides what an attempt means, for the recipient and for the relay. Reads fields, never text. */
export function judge(attempt: Attempt, tried: Try, policy: RetryPolicy): Judgement {
  switch (attempt.kind) {
    case "accepted":
      return {
        outcome: { state: "sent", stage: "body", reply: attempt.reply },
        sign: { kind: "well", accepted: true },
      };
    case "unsendable":
      return {
        outcome: { state: "failed", reason: attempt.detail, stage: "mail" },
        sign: { kind: "none" },
      };
    case "broken":
      return judgeBroken(attempt, tried);
    case "refused":
      return judgeRefused(attempt, tried, policy);
  }
}

function judgeBroken(attempt: Attempt & { kind: "broken" }, tried: Try): Judgement {
  const { stage } = attempt;
  const outcome: Outcome = attempt.handedOver
    ? {
      state: "in-doubt",
      stage,
      reason: `No reply after the mail was handed over: ${attempt.detail}`,
    }
    : afterLoss(tried, { stage }, `Connection lost: ${attempt.detail}`);
  return { outcome, sign: { kind: "lost", inDoubt: attempt.handedOver } };
}

function judgeRefused(
  attempt: Attempt & { kind: "refused" },
  tried: Try,
  policy: RetryPolicy,
): Judgement {
  const { stage, reply } = attempt;
  const facts = { stage, reply };
  const meaning = judgeReply(stage, reply);
  const reason = describeRefusal(stage, reply);
  switch (meaning.kind) {
    case "recipient":
      return {
        outcome: { state: "failed", reason, ...facts },
        sign: { kind: "well", accepted: false },
      };
    case "message":
      return { outcome: { state: "failed", reason, ...facts }, sign: { kind: "suspect" } };
    case "later":
      if (tried.throttled) {
        return {
          outcome: slowedDown(tried, policy, facts, reason),
          sign: { kind: "slow-down", of: "rate" },
        };
      }
      return {
        outcome: later(tried, policy, facts, reason),
        sign: { kind: "well", accepted: false },
      };
    case "slow-down":
      return { outcome: slowedDown(tried, policy, facts, reason), sign: meaning };
    case "session":
      return { outcome: uncounted(tried, facts, reason), sign: { kind: "none" } };
    case "refuses-us":
      return { outcome: uncounted(tried, facts, reason), sign: meaning };
  }
}

/** Not counted, but a server that says "slow down" about the same recipient for hours says no. */
function slowedDown(tried: Try, policy: RetryPolicy, facts: Facts, reason: string): Outcome {
  const overdue = tried.now - tried.firstTriedAt > policy.retryForMs;
  const named = facts.stage === "rcpt" || facts.stage === "data" || facts.stage === "body";
  if (!overdue || !named) return uncounted(tried, facts, reason);
  return {
    state: "failed",
    reason: `${reason} (given up: the time for retries is over)`,
    ...facts,
  };
}

/** Deferred with the try counted, or failed when the tries or the time are used up. */
function later(tried: Try, policy: RetryPolicy, facts: Facts, reason: string): Outcome {
  if (tried.attempt > policy.retries) {
    return {
      state: "failed",
      reason: `${reason} (given up after ${tried.attempt} tries)`,
      ...facts,
    };
  }
  const notBefore = tried.now + backoffMs(tried.attempt, policy.firstRetryMs, tried.random);
  if (notBefore - tried.firstTriedAt > policy.retryForMs) {
    return {
      state: "failed",
      reason: `${reason} (given up: the time for retries is over)`,
      ...facts,
    };
  }
  return { state: "deferred", notBefore, counted: true, reason, ...facts };
}

function afterLoss(tried: Try, facts: Facts, reason: string): Outcome {
  const longest = Math.min(
    LONGEST_UNCOUNTED_PAUSE_MS,
    UNCOUNTED_PAUSE_MS * 2 ** (tried.lost ?? 0),
  );
  const notBefore = tried.now + Math.round(tried.random * longest);
  return { state: "deferred", notBefore, counted: false, reason, ...facts };
}

function uncounted(tried: Try, facts: Facts, reason: string): Outcome {
  const notBefore = tried.now + Math.round(tried.random * UNCOUNTED_PAUSE_MS);
  return { state: "deferred", notBefore, counted: false, reason, ...facts };
}

/** "RCPT was refused: 550 5.1.1 No such user" - for people and the ledger; nothing reads it back. */
export function describeRefusal(stage: Stage, reply: Reply): string {
  const status = reply.enhanced === undefined ? "" : ` ${reply.enhanced}`;
  const what = stage === "body" ? "The message" : stage.toUpperCase();
  const verb = reply.code < 500 ? "was put off" : "was refused";
  return `${what} ${verb}: ${reply.code}${status} ${reply.text}`.trimEnd();
}
