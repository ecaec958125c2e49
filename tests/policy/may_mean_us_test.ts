import assert from "node:assert/strict";
import { mayMeanUs } from "../../src/policy/replies/judge_reply.ts";
import { reply } from "../ledger/ledgers.ts";

for (
  const [sentence, code, enhanced, expected] of [
    ["450 without an enhanced code", 450, undefined, true],
    ["greylisting", 450, "4.7.1", true],
    ["a mailbox that is busy", 450, "4.2.1", false],
    ["an address that does not work now", 450, "4.1.1", false],
    ["a mailbox that is full", 452, "4.2.2", false],
    ["a rate by its enhanced code", 451, "4.3.2", true],
    ["452 without an enhanced code", 452, undefined, true],
    ["421", 421, "4.2.1", true],
    ["a limit of the sender", 450, "4.1.8", true],
    ["no such user", 550, "5.1.1", false],
    ["a refusal of us, which is not temporary", 530, undefined, false],
  ] as const
) {
  Deno.test(`mayMeanUs() is ${expected} for ${sentence}`, () => {
    assert.equal(mayMeanUs({ stage: "rcpt", reply: reply(code, enhanced) }), expected);
  });
}
