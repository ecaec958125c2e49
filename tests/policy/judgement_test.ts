import assert from "node:assert/strict";
import { judge } from "../../src/policy/judge.ts";
import type { AttemptContext, Judgement } from "../../src/policy/judgement.ts";
import { SET_ASIDE } from "../../src/model/outcome.ts";
import type { Attempt } from "../../src/model/attempt.ts";
import { reply } from "../ledger/ledgers.ts";
import { broken, FIRST, knowing, NOW, POLICY, refused } from "./judging.ts";

/** The recipient waits, half a second by default, and the try does not count. */
function waits(attempt: ReturnType<typeof refused>, reason: string, notBefore = NOW + 500) {
  const { stage, reply } = attempt;
  return { state: "deferred", counted: false, notBefore, stage, reply, reason } as const;
}

const WELL = { kind: "well", accepted: false } as const;
const RATE = { kind: "slow-down", of: "rate" } as const;
const GREYLISTED = refused("rcpt", 450);
const DENIED = refused("rcpt", 554, "5.7.1");
const QUOTA = refused("rcpt", 550, "5.4.5");
const SHORT = refused("rcpt", 452);

for (
  const [sentence, attempt, tried, expected] of [
    ["a mail that was accepted", { kind: "accepted", reply: reply(250) }, FIRST, {
      outcome: { state: "sent", stage: "body", reply: reply(250) },
      feedback: { kind: "well", accepted: true },
    }],
    [
      "a mail that the server cannot carry",
      { kind: "unsendable", lacks: "size", detail: "Too large" },
      FIRST,
      {
        outcome: { state: "failed", stage: "mail", reason: "Too large" },
        feedback: { kind: "none" },
      },
    ],
    [
      "a connection that breaks",
      broken("rcpt", false),
      FIRST,
      {
        outcome: {
          state: "deferred",
          counted: false,
          notBefore: NOW + 500,
          stage: "rcpt",
          reason: "Connection lost: reset",
        },
        feedback: { kind: "lost", inDoubt: false },
      },
    ],
    [
      "a mail without a reply",
      broken("body", true),
      FIRST,
      {
        outcome: {
          state: "in-doubt",
          stage: "body",
          reason: "No reply after the mail was handed over: reset",
        },
        feedback: { kind: "lost", inDoubt: true },
      },
    ],
    ["a recipient that does not exist", refused("rcpt", 550, "5.1.1"), FIRST, {
      outcome: {
        state: "failed",
        stage: "rcpt",
        reply: reply(550, "5.1.1"),
        reason: "RCPT was refused: 550 5.1.1 text",
      },
      feedback: WELL,
    }],
    ["a first try that is deferred", GREYLISTED, FIRST, {
      outcome: {
        state: "deferred",
        counted: true,
        // Halfway from a sixth of the first pause to the whole.
        notBefore: NOW + 3_500,
        stage: "rcpt",
        reply: reply(450),
        reason: "RCPT was put off: 450 text",
      },
      feedback: WELL,
    }],
    ["one recipient's limit at its first tries", SHORT, knowing({ isSeldom: true }), {
      outcome: waits(SHORT, "RCPT was put off: 452 text", NOW + 3_500),
      feedback: { kind: "none" },
    }],
    [
      "the same at a later try, which does not wait longer",
      SHORT,
      knowing({ isSeldom: true }, { attempt: 4 }),
      {
        outcome: waits(SHORT, "RCPT was put off: 452 text", NOW + 3_500),
        feedback: { kind: "none" },
      },
    ],
    ["a refusal that may be about us", DENIED, FIRST, {
      outcome: waits(DENIED, "RCPT was refused: 554 5.7.1 text", SET_ASIDE),
      feedback: { kind: "suspect" },
    }],
    ["the same refusal, for another relay", DENIED, knowing({ blame: () => "elsewhere" }), {
      outcome: waits(DENIED, "RCPT was refused: 554 5.7.1 text"),
      feedback: { kind: "suspect" },
    }],
    ["the same refusal, which is the recipient's", DENIED, knowing({ blame: () => "recipient" }), {
      outcome: {
        state: "failed",
        stage: "rcpt",
        reply: DENIED.reply,
        reason: "RCPT was refused: 554 5.7.1 text",
      },
      feedback: WELL,
    }],
    ["a quota reported for several recipients", QUOTA, knowing({ atLimit: true }), {
      outcome: waits(QUOTA, "RCPT was refused: 550 5.4.5 text"),
      feedback: RATE,
    }],
    ["a quota reported for one recipient with 4yz", refused("rcpt", 450, "4.1.8"), FIRST, {
      outcome: {
        state: "deferred",
        counted: true,
        notBefore: NOW + 3_500,
        stage: "rcpt",
        reply: reply(450, "4.1.8"),
        reason: "RCPT was put off: 450 4.1.8 text",
      },
      feedback: WELL,
    }],
    ["a quota with code 500", refused("rcpt", 500, "5.4.5"), FIRST, {
      outcome: waits(
        refused("rcpt", 500, "5.4.5"),
        "RCPT was refused: 500 5.4.5 text",
        SET_ASIDE,
      ),
      feedback: { kind: "suspect" },
    }],
    ["a recipient deferred because of our pace", GREYLISTED, { ...FIRST, throttled: true }, {
      outcome: waits(GREYLISTED, "RCPT was put off: 450 text"),
      feedback: RATE,
    }],
    ["a limit reported for one recipient while the pace is too fast", SHORT, {
      ...FIRST,
      throttled: true,
    }, { outcome: waits(SHORT, "RCPT was put off: 452 text"), feedback: RATE }],
    ["421 at RCPT", refused("rcpt", 421), FIRST, {
      outcome: waits(refused("rcpt", 421), "RCPT was put off: 421 text"),
      feedback: { kind: "slow-down", of: "connections" },
    }],
    [
      "421 at MAIL, even if this recipient got it before",
      refused("mail", 421),
      knowing({
        isOwnLimit: true,
      }),
      {
        outcome: waits(refused("mail", 421), "MAIL was put off: 421 text"),
        feedback: { kind: "slow-down", of: "connections" },
      },
    ],
    ["a session that has carried its mails", refused("mail", 550), {
      ...FIRST,
      sessionOver: true,
    }, {
      outcome: waits(refused("mail", 550), "MAIL was refused: 550 text"),
      feedback: { kind: "none" },
    }],
    ["a refused RSET", refused("rset", 554), FIRST, {
      outcome: waits(refused("rset", 554), "RSET was refused: 554 text"),
      feedback: { kind: "none" },
    }],
  ] as readonly (readonly [string, Attempt, AttemptContext, Judgement])[]
) {
  Deno.test(`judge() returns outcome and feedback for ${sentence}`, () => {
    assert.deepEqual(judge(attempt, tried, POLICY), expected);
  });
}

Deno.test("judge() asks for blame once, and only for a refusal that may be about us", () => {
  const cases = [[DENIED, 1], [QUOTA, 1], [GREYLISTED, 0], [refused("rcpt", 550, "5.1.1"), 0]];
  for (const [attempt, times] of cases as [ReturnType<typeof refused>, number][]) {
    const asked: unknown[] = [];
    judge(attempt, knowing({ blame: (reply) => (asked.push(reply), "unclear") }), POLICY);
    assert.deepEqual(asked, Array(times).fill(attempt.reply));
  }
});
