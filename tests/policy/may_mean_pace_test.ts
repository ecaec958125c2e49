import assert from "node:assert/strict";
import { mayMeanPace } from "../../src/policy/replies/judge_reply.ts";
import { reply } from "../ledger/ledgers.ts";

for (
  const [sentence, stage, code, enhanced, expected] of [
    ["greylisting", "rcpt", 450, "4.7.1", true],
    ["450 without an enhanced code", "rcpt", 450, undefined, true],
    ["4yz after the dot", "body", 451, "4.6.0", true],
    ["an enhanced code that begins with the same digits", "rcpt", 450, "4.0.1", true],
    ["a mailbox that is busy", "rcpt", 450, "4.2.1", false],
    ["a mailbox that is full", "rcpt", 452, "4.2.2", false],
    ["an address that does not work now", "rcpt", 450, "4.1.1", false],
    ["a rate by its enhanced code, which says so itself", "rcpt", 451, "4.3.2", false],
    ["421, which says so itself", "rcpt", 421, undefined, false],
    ["4yz at MAIL, which names nobody", "mail", 450, "4.7.1", false],
    ["a limit of the sender", "rcpt", 450, "4.1.8", false],
    ["no such user", "rcpt", 550, "5.1.1", false],
    ["a permanent refusal that may be about us", "rcpt", 550, "5.7.1", false],
    ["a refusal of us", "rcpt", 550, "5.7.26", false],
  ] as const
) {
  Deno.test(`mayMeanPace() is ${expected} for ${sentence}`, () => {
    assert.equal(mayMeanPace({ stage, reply: reply(code, enhanced) }), expected);
  });
}
