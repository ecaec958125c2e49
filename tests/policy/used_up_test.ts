import assert from "node:assert/strict";
import { judge } from "../../src/policy/judge.ts";
import type { AttemptContext, RelayEvidence } from "../../src/policy/judgement.ts";
import { SET_ASIDE } from "../../src/model/outcome.ts";
import type { Attempt } from "../../src/model/attempt.ts";
import { HOUR, knowing, NOW, POLICY, refused } from "./judging.ts";

// What becomes of recipients whose tries or time are used up if the reply may be about us.

const MAY_MEAN_PACE = refused("rcpt", 451, "4.7.0");
const LIMIT = refused("rcpt", 452, "4.5.3");

/** At a relay that accepts others, and is not known to defer only this recipient. */
function usedUp(
  relay: Partial<RelayEvidence> = {},
  tried: Partial<AttemptContext> = {},
): AttemptContext {
  return knowing({ isAlone: () => false, ...relay }, { attempt: 6, ...tried });
}

/** "deferred counted", "set aside", or the state. */
function outcomeOf(attempt: Attempt, tried: AttemptContext): string {
  const { outcome } = judge(attempt, tried, POLICY);
  if (outcome.state !== "deferred") return outcome.state;
  if (outcome.notBefore === SET_ASIDE) return "set aside";
  return outcome.counted ? "deferred counted" : "deferred";
}

const LATE = { attempt: 2, firstTriedAt: NOW - 5 * HOUR };

for (
  const [sentence, attempt, tried, expected] of [
    ["deferred like others", MAY_MEAN_PACE, usedUp(), "deferred counted"],
    ["deferred alone", MAY_MEAN_PACE, usedUp({ isAlone: () => true }), "failed"],
    ["deferred like others, out of time", MAY_MEAN_PACE, usedUp({}, LATE), "deferred counted"],
    ["deferred alone, out of time", MAY_MEAN_PACE, usedUp({ isAlone: () => true }, LATE), "failed"],
    ["told of a limit like others", LIMIT, usedUp(), "deferred counted"],
    ["told of a limit alone", LIMIT, usedUp({ isAlone: () => true }), "failed"],
    ["refused because of their own mailbox", refused("rcpt", 450, "4.2.1"), usedUp(), "failed"],
    [
      "deferred by a relay that accepts nobody now",
      MAY_MEAN_PACE,
      usedUp({ hasTaken: false, isAlone: () => true }),
      "set aside",
    ],
    [
      "found to be to blame, and deferred like others",
      MAY_MEAN_PACE,
      usedUp({ hasTaken: false, blame: () => "recipient" }),
      "deferred counted",
    ],
    [
      "found to be to blame, and deferred alone",
      MAY_MEAN_PACE,
      usedUp({ hasTaken: false, blame: () => "recipient", isAlone: () => true }),
      "failed",
    ],
    [
      "deferred alone after the relay accepted mail in an earlier run",
      MAY_MEAN_PACE,
      usedUp({ takes: false, isAlone: () => true }),
      "failed",
    ],
    [
      "told of a limit alone after the relay accepted mail only in an earlier run",
      LIMIT,
      usedUp({ takes: false, isAlone: () => true }),
      "set aside",
    ],
  ] as readonly (readonly [string, Attempt, AttemptContext, string])[]
) {
  Deno.test(`judge() of a recipient with no try left who is ${sentence}: ${expected}`, () => {
    assert.equal(outcomeOf(attempt, tried), expected);
  });
}

Deno.test("judge() asks whether only this recipient is deferred, with the number of tries, and only if they are used up", () => {
  for (const [attempt, expected] of [[1, []], [5, []], [6, [6]], [9, [9]]] as const) {
    const asked: number[] = [];
    const isAlone = (tries: number): boolean => asked.push(tries) > 1;
    judge(MAY_MEAN_PACE, usedUp({ isAlone }, { attempt }), POLICY);
    assert.deepEqual(asked, expected);
  }
});

Deno.test("judge() retries a recipient with no try left after the usual pause, but at most a minute", () => {
  for (
    const [firstRetryMs, random, expected] of [
      // The sixth pause of 1 ms: up to 7,776 ms.
      [1, 1, 7_776],
      [1, 0, 1_296],
      [6_000, 1, 60_000],
      [6_000, 0, 30_000],
    ] as const
  ) {
    const { outcome, feedback } = judge(
      MAY_MEAN_PACE,
      usedUp({}, { random }),
      { ...POLICY, firstRetryMs },
    );
    assert.ok(outcome.state === "deferred");
    assert.equal(outcome.notBefore - NOW, expected);
    assert.equal(outcome.reply?.code, 451);
    assert.equal(outcome.reason, "RCPT was put off: 451 4.7.0 text");
    assert.deepEqual(feedback, { kind: "well", accepted: false });
  }
});
