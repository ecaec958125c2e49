import fc from "fast-check";
import assert from "node:assert/strict";
import { backoffMs, FIRST_RETRY_MS } from "../../src/policy/backoff.ts";
import {
  type AttemptContext,
  judge,
  type Judgement,
  type RelayEvidence,
} from "../../src/policy/judge.ts";
import type { RetryPolicy } from "../../src/policy/retry_policy.ts";
import { describeRefusal } from "../../src/policy/replies/describe_refusal.ts";
import { SET_ASIDE } from "../../src/model/outcome.ts";
import { countsAsTry } from "../../src/model/outcome.ts";
import type { Attempt, Stage } from "../../src/model/attempt.ts";
import { reply } from "../ledger/ledgers.ts";

const HOUR = 3_600_000;
const POLICY: RetryPolicy = { retries: 5, retryForMs: 4 * HOUR, firstRetryMs: FIRST_RETRY_MS };
const NOW = 1_800_000_000_000;
/** A relay that has taken others, and of which nothing else is known. */
const RELAY: RelayEvidence = {
  blame: () => "unclear",
  takes: true,
  hasTaken: true,
  atLimit: false,
  spared: false,
  sick: false,
  restedMs: 0,
};
const FIRST: AttemptContext = {
  attempt: 1,
  firstTriedAt: NOW,
  now: NOW,
  random: 0.5,
  relay: RELAY,
};
const knowing = (relay: Partial<RelayEvidence>): AttemptContext => ({
  ...FIRST,
  relay: { ...RELAY, ...relay },
});

function refused(stage: Stage, code: number, enhanced?: string): Attempt {
  return { kind: "refused", stage, reply: reply(code, enhanced) };
}

function broken(stage: Stage, handedOver: boolean): Attempt {
  return { kind: "broken", stage, cause: "closed", handedOver, detail: "reset" };
}

/** "deferred uncounted, slow-down rate". */
function outline({ outcome, feedback: sign }: Judgement): string {
  const counted = outcome.state !== "deferred"
    ? ""
    : outcome.notBefore === SET_ASIDE
    ? " set aside"
    : outcome.counted
    ? " counted"
    : " uncounted";
  const of = sign.kind === "slow-down" ? ` ${sign.of}` : "";
  const accepted = sign.kind === "well" && sign.accepted ? " accepted" : "";
  const inDoubt = sign.kind === "lost" && sign.inDoubt ? " in doubt" : "";
  return `${outcome.state}${counted}, ${sign.kind}${of}${accepted}${inDoubt}`;
}

const ACCEPTED: Attempt = { kind: "accepted", reply: reply(250) };

for (
  const [sentence, attempt, expected, tried] of [
    ["a mail that was taken is sent", ACCEPTED, "sent, well accepted"],
    ["no such user fails", refused("rcpt", 550, "5.1.1"), "failed, well"],
    [
      "a refusal that may be about us sets its recipient aside",
      refused("body", 554),
      "deferred set aside, suspect",
    ],
    [
      "the same is another relay's to judge where there is one",
      refused("rcpt", 554, "5.7.1"),
      "deferred uncounted, suspect",
      knowing({ blame: () => "elsewhere" }),
    ],
    [
      "the same is the recipient's where the relay takes others",
      refused("rcpt", 550),
      "failed, well",
      knowing({ blame: () => "recipient" }),
    ],
    [
      "a quota told of one recipient is a suspicion",
      refused("rcpt", 550, "5.4.5"),
      "deferred set aside, suspect",
    ],
    [
      "a quota told of several is the relay's",
      refused("body", 550, "5.4.5"),
      "deferred uncounted, slow-down rate",
      knowing({ atLimit: true }),
    ],
    [
      "a quota told at MAIL is the relay's",
      refused("mail", 550, "5.4.5"),
      "deferred uncounted, slow-down rate",
    ],
    [
      "a limit told of one recipient alone is that recipient's",
      refused("rcpt", 452),
      "deferred counted, well",
    ],
    [
      "the first times it may be the beginning of a limit, and are not counted",
      refused("body", 451, "4.3.2"),
      "deferred uncounted, none",
      knowing({ spared: true }),
    ],
    [
      "421 told of one recipient over and over, while others are taken, is that recipient's",
      refused("rcpt", 421),
      "deferred counted, well",
      knowing({ sick: true }),
    ],
    [
      "what means us is a suspicion where others were taken",
      refused("body", 550, "5.7.26"),
      "deferred set aside, suspect",
    ],
    [
      "who was put off for the last time is owed a mail still by a relay that takes nobody",
      refused("rcpt", 450),
      "deferred set aside, suspect",
      { ...knowing({ hasTaken: false }), attempt: 6 },
    ],
    [
      "the time in which a relay took nobody is nobody's",
      refused("rcpt", 450),
      "deferred counted, well",
      { ...knowing({ restedMs: 2 * HOUR }), firstTriedAt: NOW - 5 * HOUR, random: 0 },
    ],
    ["greylisting counts a try (23)", refused("rcpt", 450), "deferred counted, well"],
    ["4yz after the dot is certain (16)", refused("body", 451), "deferred counted, well"],
    [
      "421 counts none (4, 20)",
      refused("mail", 421),
      "deferred uncounted, slow-down connections",
    ],
    ["rate counts none (22)", refused("mail", 452), "deferred uncounted, slow-down rate"],
    [
      "too many recipients count none (24)",
      refused("rcpt", 452, "4.5.3"),
      "deferred uncounted, slow-down rate",
      knowing({ atLimit: true }),
    ],
    [
      "who refuses us burns nobody",
      refused("mail", 550, "5.7.26"),
      "deferred uncounted, refuses-us",
    ],
    [
      "who refuses us after the dot burns nobody",
      refused("body", 550, "5.7.515"),
      "deferred uncounted, refuses-us",
      knowing({ takes: false }),
    ],
    ["a reset before the dot counts none (13)", broken("rcpt", false), "deferred uncounted, lost"],
    ["a reset after the dot is in doubt (15)", broken("body", true), "in-doubt, lost in doubt"],
    ["a refused RSET is no news of the mail", refused("rset", 554), "deferred uncounted, none"],
    [
      "what the server cannot carry fails, and says nothing of the server",
      { kind: "unsendable", lacks: "size", detail: "too large" },
      "failed, none",
    ],
    [
      "the last try fails for good",
      refused("rcpt", 450),
      "failed, well",
      { ...FIRST, attempt: 6 },
    ],
    [
      "the try before the last does not",
      refused("rcpt", 450),
      "deferred counted, well",
      { ...FIRST, attempt: 5, random: 0 },
    ],
    [
      "a retry that would come after the time for retries fails now",
      refused("rcpt", 450),
      "failed, well",
      { ...FIRST, firstTriedAt: NOW - 4 * HOUR - 1, random: 0 },
    ],
    [
      "slow-down at MAIL is never the recipient's",
      refused("mail", 452),
      "deferred uncounted, slow-down rate",
      { ...FIRST, firstTriedAt: NOW - 400 * HOUR },
    ],
    [
      "a lost connection is never the recipient's",
      broken("data", false),
      "deferred uncounted, lost",
      { ...FIRST, attempt: 99, firstTriedAt: NOW - 400 * HOUR },
    ],
  ] as readonly (readonly [string, Attempt, string, AttemptContext?])[]
) {
  Deno.test(`judge(): ${sentence}`, () => {
    assert.equal(outline(judge(attempt, tried ?? FIRST, POLICY)), expected);
  });
}

Deno.test("judge() keeps reply and stage, and gives a reason for all but success", () => {
  const { outcome } = judge(refused("rcpt", 550, "5.1.1"), FIRST, POLICY);
  assert.equal(outcome.stage, "rcpt");
  assert.equal(outcome.reply?.code, 550);
  assert.equal("reason" in outcome && outcome.reason, "RCPT was refused: 550 5.1.1 text");
  const doubt = judge(broken("body", true), FIRST, POLICY).outcome;
  assert.match("reason" in doubt ? doubt.reason : "", /No reply after the mail was handed over/);
});

Deno.test("judge() says why it gave up", () => {
  const reasonOf = (tried: AttemptContext) => {
    const { outcome } = judge(refused("rcpt", 450), tried, POLICY);
    return "reason" in outcome ? outcome.reason : "";
  };
  assert.match(reasonOf({ ...FIRST, attempt: 6 }), /\(given up after 6 tries\)$/);
  const once = judge(refused("rcpt", 450), FIRST, { ...POLICY, retries: 0 }).outcome;
  assert.match("reason" in once ? once.reason : "", /\(given up after 1 try\)$/);
  assert.match(
    reasonOf({ ...FIRST, firstTriedAt: NOW - 5 * HOUR }),
    /\(given up: the time for retries is over\)$/,
  );
});

Deno.test("judge() makes as many tries as configured, and no retry if there is none", () => {
  for (const retries of [0, 1, 3]) {
    let attempt = 1;
    while (
      judge(refused("rcpt", 450), { ...FIRST, attempt, random: 0 }, { ...POLICY, retries })
        .outcome.state === "deferred"
    ) attempt++;
    assert.equal(attempt, retries + 1);
  }
});

Deno.test("judge() waits longer and longer for a mail that breaks connections, at most a minute", () => {
  const pauses = [0, 1, 2, 5, 6, 50].map((lost) => {
    const { outcome } = judge(broken("rcpt", false), { ...FIRST, random: 1, lost }, POLICY);
    return outcome.state === "deferred" ? outcome.notBefore - NOW : NaN;
  });
  assert.deepEqual(pauses, [1_000, 2_000, 4_000, 32_000, 60_000, 60_000]);
});

Deno.test("backoffMs() lies between a sixth of the try's pause and the whole, which grows six times, up to two hours", () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(fc.property(fc.integer({ min: 1, max: 1_000 }), random, (attempt, random) => {
    const pause = backoffMs(attempt, FIRST_RETRY_MS, random);
    const longest = Math.min(2 * HOUR, 5_000 * 6 ** (attempt - 1));
    assert.ok(Number.isSafeInteger(pause) && pause <= longest);
    assert.ok(pause >= Math.floor(longest / 6));
  }));
  assert.deepEqual([1, 2, 3, 4, 5, 6].map((attempt) => backoffMs(attempt, FIRST_RETRY_MS, 1)), [
    5_000,
    30_000,
    180_000,
    1_080_000,
    6_480_000,
    7_200_000,
  ]);
});

Deno.test("backoffMs() never spends five retries within twenty minutes, so greylisting fails nobody", () => {
  const least = [1, 2, 3, 4, 5].reduce(
    (sum, attempt) => sum + backoffMs(attempt, FIRST_RETRY_MS, 0),
    0,
  );
  assert.ok(least > 20 * 60_000);
});

Deno.test("countsAsTry() counts what the recipient's server has judged", () => {
  const at = { notBefore: 0, reason: "" };
  assert.ok(countsAsTry({ state: "sent" }));
  assert.ok(countsAsTry({ state: "failed", reason: "" }));
  assert.ok(countsAsTry({ state: "in-doubt", reason: "" }));
  assert.ok(countsAsTry({ state: "deferred", counted: true, ...at }));
  assert.ok(!countsAsTry({ state: "deferred", counted: false, ...at }));
  assert.ok(!countsAsTry({ state: "invalid", reason: "" }));
  assert.ok(!countsAsTry({ state: "skipped", reason: "" }));
});

Deno.test("describeRefusal() puts stage, code and text in one line", () => {
  assert.equal(
    describeRefusal("rcpt", reply(450, "4.2.0", "later")),
    "RCPT was put off: 450 4.2.0 later",
  );
  assert.equal(describeRefusal("body", reply(554, undefined, "")), "The message was refused: 554");
});
