import assert from "node:assert/strict";
import { judge } from "../../src/policy/judge.ts";
import type { AttemptContext, Judgement } from "../../src/policy/judgement.ts";
import { SET_ASIDE } from "../../src/model/outcome.ts";
import type { Attempt } from "../../src/model/attempt.ts";
import { broken, FIRST, HOUR, knowing, NOW, POLICY, refused } from "./judging.ts";

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

for (
  const [sentence, attempt, expected, tried] of [
    [
      "a refusal that may be about us sets its recipient aside",
      refused("body", 554),
      "deferred set aside, suspect",
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
      knowing({ isSeldom: true }),
    ],
    [
      "421 told of one recipient over and over, while others are taken, is that recipient's",
      refused("rcpt", 421),
      "deferred counted, well",
      knowing({ isOwnLimit: true }),
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
