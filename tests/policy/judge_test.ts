import assert from "node:assert/strict";
import { judge } from "../../src/policy/judge.ts";
import type { AttemptContext, Judgement } from "../../src/policy/judgement.ts";
import { SET_ASIDE } from "../../src/model/outcome.ts";
import type { Attempt } from "../../src/model/attempt.ts";
import { broken, FIRST, HOUR, knowing, NOW, POLICY, refused } from "./judging.ts";

/** The outcome and the feedback in words, such as "deferred uncounted, slow-down rate". */
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
      "the same refusal is the recipient's if the relay accepts others",
      refused("rcpt", 550),
      "failed, well",
      knowing({ blame: () => "recipient" }),
    ],
    [
      "a quota reported for one recipient is a suspicion",
      refused("rcpt", 550, "5.4.5"),
      "deferred set aside, suspect",
    ],
    [
      "a quota reported for several recipients is the relay's",
      refused("body", 550, "5.4.5"),
      "deferred uncounted, slow-down rate",
      knowing({ atLimit: true }),
    ],
    [
      "a quota reported at MAIL is the relay's",
      refused("mail", 550, "5.4.5"),
      "deferred uncounted, slow-down rate",
    ],
    [
      "a limit reported for only one recipient is that recipient's",
      refused("rcpt", 452),
      "deferred counted, well",
    ],
    [
      "its first occurrences may be the start of a limit, and do not count",
      refused("body", 451, "4.3.2"),
      "deferred uncounted, none",
      knowing({ isSeldom: true }),
    ],
    [
      "421 for one recipient over and over, while others are accepted, is that recipient's",
      refused("rcpt", 421),
      "deferred counted, well",
      knowing({ isOwnLimit: true }),
    ],
    [
      "a refusal of us is a suspicion if others were accepted",
      refused("body", 550, "5.7.26"),
      "deferred set aside, suspect",
    ],
    [
      "a recipient deferred on the last try is set aside if the relay accepts nobody",
      refused("rcpt", 450),
      "deferred set aside, suspect",
      { ...knowing({ hasTaken: false }), attempt: 6 },
    ],
    [
      "time in which the relay accepted nobody does not count against the recipient",
      refused("rcpt", 450),
      "deferred counted, well",
      { ...knowing({ restedMs: 2 * HOUR }), firstTriedAt: NOW - 5 * HOUR, random: 0 },
    ],
    ["4yz after the dot counts as a try (16)", refused("body", 451), "deferred counted, well"],
    [
      "421 does not count as a try (4, 20)",
      refused("mail", 421),
      "deferred uncounted, slow-down connections",
    ],
    [
      "a rate limit does not count as a try (22)",
      refused("mail", 452),
      "deferred uncounted, slow-down rate",
    ],
    [
      "too many recipients do not count as a try (24)",
      refused("rcpt", 452, "4.5.3"),
      "deferred uncounted, slow-down rate",
      knowing({ atLimit: true }),
    ],
    [
      "a refusal of us fails nobody",
      refused("mail", 550, "5.7.26"),
      "deferred uncounted, refuses-us",
    ],
    [
      "a refusal of us after the dot fails nobody",
      refused("body", 550, "5.7.515"),
      "deferred uncounted, refuses-us",
      knowing({ takes: false }),
    ],
    [
      "the last try fails permanently",
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
