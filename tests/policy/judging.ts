import type { AttemptContext, RelayEvidence } from "../../src/policy/judgement.ts";
import type { RetryPolicy } from "../../src/policy/retry_policy.ts";
import type { Attempt, Stage } from "../../src/model/attempt.ts";
import { reply } from "../ledger/ledgers.ts";

export const HOUR = 3_600_000;
export const NOW = 1_800_000_000_000;
export const POLICY: RetryPolicy = { retries: 5, retryForMs: 4 * HOUR, firstRetryMs: 6_000 };

/** A relay that has taken others, and of which nothing else is known. */
const RELAY: RelayEvidence = {
  blame: () => "unclear",
  takes: true,
  hasTaken: true,
  atLimit: false,
  isSeldom: false,
  isOwnLimit: false,
  isAlone: () => true,
  restedMs: 0,
};

/** The first try, at such a relay. */
export const FIRST: AttemptContext = {
  attempt: 1,
  firstTriedAt: NOW,
  now: NOW,
  random: 0.5,
  relay: RELAY,
};

/** The same where more is known of the relay, or of the try. */
export const knowing = (
  relay: Partial<RelayEvidence>,
  tried: Partial<AttemptContext> = {},
): AttemptContext => ({
  ...FIRST,
  ...tried,
  relay: { ...RELAY, ...relay },
});

export function refused(
  stage: Stage,
  code: number,
  enhanced?: string,
): Extract<Attempt, { kind: "refused" }> {
  return { kind: "refused", stage, reply: reply(code, enhanced) };
}

export function broken(stage: Stage, handedOver: boolean): Attempt {
  return { kind: "broken", stage, cause: "closed", handedOver, detail: "reset" };
}
