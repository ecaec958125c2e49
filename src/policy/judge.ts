import { countOf } from "../text/quantity.ts";
import type { Attempt, Stage } from "../model/attempt.ts";
import { backoffMs } from "./backoff.ts";
import { judgeReply, mayMeanUs } from "./replies/judge_reply.ts";
import type { ReplyMeaning } from "./replies/reply_meaning.ts";
import type { AttemptContext, Judgement, RelayFeedback } from "./judgement.ts";
import { type Outcome, type ReplyFacts, SET_ASIDE } from "../model/outcome.ts";
import { describeRefusal, namesRecipient } from "./replies/describe_refusal.ts";
import type { RetryPolicy } from "./retry_policy.ts";

/** Longest pause after a failure that was not the recipient's fault; the relay's own pauses do the pacing. */
const UNCOUNTED_PAUSE_MS = 1_000;
/**
 * Limit of that pause when it is doubled with each connection that breaks during the same mail. Otherwise a mail that
 * some scanner on the way answers with a reset would use up connections, and its neighbours' time, endlessly.
 */
const LONGEST_UNCOUNTED_PAUSE_MS = 60_000;

/** Decides what an attempt means for the recipient and for the relay. Only here, and by fields, never by text. */
export function judge(attempt: Attempt, tried: AttemptContext, policy: RetryPolicy): Judgement {
  switch (attempt.kind) {
    case "accepted":
      return {
        outcome: { state: "sent", stage: "body", reply: attempt.reply },
        feedback: { kind: "well", accepted: true },
      };
    case "unsendable":
      return {
        outcome: { state: "failed", reason: attempt.detail, stage: "mail" },
        feedback: { kind: "none" },
      };
    case "broken":
      return judgeBroken(attempt, tried);
    case "refused":
      return judgeRefused(attempt, tried, policy);
  }
}

function judgeBroken(attempt: Attempt & { kind: "broken" }, tried: AttemptContext): Judgement {
  const { stage } = attempt;
  const outcome: Outcome = attempt.handedOver
    ? {
      state: "in-doubt",
      stage,
      reason: `No reply after the mail was handed over: ${attempt.detail}`,
    }
    : afterLoss(tried, { stage }, `Connection lost: ${attempt.detail}`);
  return { outcome, feedback: { kind: "lost", inDoubt: attempt.handedOver } };
}

function judgeRefused(
  attempt: Attempt & { kind: "refused" },
  tried: AttemptContext,
  policy: RetryPolicy,
): Judgement {
  const { stage, reply } = attempt;
  const facts = { stage, reply };
  const reason = describeRefusal(stage, reply);
  const meaning = tried.sessionOver ? SESSION_OVER : judgeReply(stage, reply);
  switch (meaning.kind) {
    case "recipient":
      return {
        outcome: { state: "failed", reason, ...facts },
        feedback: { kind: "well", accepted: false },
      };
    case "suspicion":
      return suspected(tried, facts, reason);
    case "limit":
      return limited(tried, policy, facts, reason);
    case "slow-down":
      return isOwnLimit(meaning.of, stage, tried)
        ? ofOne(tried, policy, facts, reason)
        : slowedDown(tried, facts, reason, meaning.of);
    case "later":
      return tried.throttled
        ? slowedDown(tried, facts, reason, "rate")
        : later(tried, policy, facts, reason);
    case "session":
      return { outcome: uncounted(tried, facts, reason), feedback: { kind: "none" } };
    case "refuses-us":
      if (namesRecipient(stage) && tried.relay.takes) return suspected(tried, facts, reason);
      return { outcome: uncounted(tried, facts, reason), feedback: meaning };
  }
}

const SESSION_OVER: ReplyMeaning = { kind: "session" };

/** Handles a limit: a quota of ours, or, while the relay accepts others, this recipient's own limit. */
function limited(
  tried: AttemptContext,
  policy: RetryPolicy,
  facts: Required<ReplyFacts>,
  reason: string,
): Judgement {
  if (!namesRecipient(facts.stage) || tried.relay.atLimit) {
    return slowedDown(tried, facts, reason, "rate");
  }
  return facts.reply.code < 500
    ? ofOne(tried, policy, facts, reason)
    : suspected(tried, facts, reason);
}

/** Returns whether "slow down" is only about this recipient, because others were not told so. */
function isOwnLimit(
  of: "connections" | "rate",
  stage: Stage,
  { relay, throttled }: AttemptContext,
): boolean {
  if (!namesRecipient(stage)) return false;
  return of === "rate" ? !(relay.atLimit || throttled === true) : relay.isOwnLimit;
}

/**
 * Fails the recipient if the rest of the run shows that the refusal is their own; otherwise sets them aside, without
 * counting the try.
 */
function suspected(tried: AttemptContext, facts: Required<ReplyFacts>, reason: string): Judgement {
  const blame = tried.relay.blame(facts.reply);
  if (blame === "recipient") {
    if (mayBeOurs(tried, facts)) return oneMore(tried, facts, reason);
    return {
      outcome: { state: "failed", reason, ...facts },
      feedback: { kind: "well", accepted: false },
    };
  }
  const outcome: Outcome = blame === "elsewhere"
    ? uncounted(tried, facts, reason)
    : { state: "deferred", notBefore: SET_ASIDE, counted: false, reason, ...facts };
  return { outcome, feedback: { kind: "suspect" } };
}

/** Defers without counting the try, since it is not about this recipient. */
function slowedDown(
  tried: AttemptContext,
  facts: ReplyFacts,
  reason: string,
  of: "connections" | "rate",
): Judgement {
  return { outcome: uncounted(tried, facts, reason), feedback: { kind: "slow-down", of } };
}

/**
 * Handles a limit of a single recipient while others are accepted: it slows down nobody, and the first few tries are
 * not counted.
 */
function ofOne(
  tried: AttemptContext,
  policy: RetryPolicy,
  facts: Required<ReplyFacts>,
  reason: string,
): Judgement {
  if (!tried.relay.isSeldom) return later(tried, policy, facts, reason);
  const notBefore = tried.now + backoffMs(1, policy.firstRetryMs, tried.random);
  return {
    outcome: { state: "deferred", notBefore, counted: false, reason, ...facts },
    feedback: { kind: "none" },
  };
}

/** Defers and counts the try; when the tries or the time are used up, fails if the relay accepts others at all. */
function later(
  tried: AttemptContext,
  policy: RetryPolicy,
  facts: Required<ReplyFacts>,
  reason: string,
): Judgement {
  const notBefore = tried.now + backoffMs(tried.attempt, policy.firstRetryMs, tried.random);
  const used = tried.attempt > policy.retries
    ? `given up after ${countOf(tried.attempt, "try", "tries")}`
    : notBefore - tried.firstTriedAt - tried.relay.restedMs > policy.retryForMs
    ? "given up: the time for retries is over"
    : undefined;
  const feedback: RelayFeedback = { kind: "well", accepted: false };
  if (used === undefined) {
    return { outcome: { state: "deferred", notBefore, counted: true, reason, ...facts }, feedback };
  }
  if (!takesOthers(tried, facts)) return suspected(tried, facts, reason);
  if (mayBeOurs(tried, facts)) return oneMore(tried, facts, reason, notBefore);
  return { outcome: { state: "failed", reason: `${reason} (${used})`, ...facts }, feedback };
}

/** Returns whether the relay accepts mail; in this run, if the reply is about the relay. */
function takesOthers({ relay }: AttemptContext, { stage, reply }: Required<ReplyFacts>): boolean {
  return relay.hasTaken && (relay.takes || judgeReply(stage, reply).kind === "later");
}

/** Returns whether the tries are too few to show that only this recipient is deferred, not everybody. */
function mayBeOurs({ attempt, relay }: AttemptContext, facts: Required<ReplyFacts>): boolean {
  return mayMeanUs(facts) && !relay.isAlone(attempt);
}

/** Defers once more although tries or time are used up, for a short time, to find that out. */
function oneMore(
  { now, random }: AttemptContext,
  facts: Required<ReplyFacts>,
  reason: string,
  backoff = Infinity,
): Judgement {
  const longest = now + Math.round(LONGEST_UNCOUNTED_PAUSE_MS * (0.5 + random / 2));
  const notBefore = Math.min(backoff, longest);
  return {
    outcome: { state: "deferred", notBefore, counted: true, reason, ...facts },
    feedback: { kind: "well", accepted: false },
  };
}

function afterLoss(tried: AttemptContext, facts: ReplyFacts, reason: string): Outcome {
  const longest = Math.min(
    LONGEST_UNCOUNTED_PAUSE_MS,
    UNCOUNTED_PAUSE_MS * 2 ** (tried.lost ?? 0),
  );
  const notBefore = tried.now + Math.round(tried.random * longest);
  return { state: "deferred", notBefore, counted: false, reason, ...facts };
}

function uncounted(tried: AttemptContext, facts: ReplyFacts, reason: string): Outcome {
  const notBefore = tried.now + Math.round(tried.random * UNCOUNTED_PAUSE_MS);
  return { state: "deferred", notBefore, counted: false, reason, ...facts };
}
