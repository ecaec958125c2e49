import assert from "node:assert/strict";
import { judgeReply, mayMeanPace } from "../../src/policy/replies/judge_reply.ts";
import type { Stage } from "../../src/model/attempt.ts";
import { reply } from "../ledger/ledgers.ts";

for (
  const [sentence, stage, code, enhanced, expected] of [
    ["greylisting", "rcpt", 450, "4.7.1", true],
    ["450 without an enhanced code", "rcpt", 450, undefined, true],
    ["4yz after the dot", "body", 451, "4.6.0", true],
    ["an enhanced code that begins alike", "rcpt", 450, "4.0.1", true],
    ["a mailbox that is busy", "rcpt", 450, "4.2.1", false],
    ["a mailbox that is full", "rcpt", 452, "4.2.2", false],
    ["an address that does not work now", "rcpt", 450, "4.1.1", false],
    ["a rate by its enhanced code, which says so itself", "rcpt", 451, "4.3.2", false],
    ["421, which says so itself", "rcpt", 421, undefined, false],
    ["4yz at MAIL, which names nobody", "mail", 450, "4.7.1", false],
    ["a limit of the sender", "rcpt", 450, "4.1.8", false],
    ["no such user", "rcpt", 550, "5.1.1", false],
    ["a refusal for good that may be about us", "rcpt", 550, "5.7.1", false],
    ["a refusal of us", "rcpt", 550, "5.7.26", false],
  ] as const
) {
  Deno.test(`mayMeanPace(): ${sentence}: ${expected ? "yes" : "no"}`, () => {
    assert.equal(mayMeanPace({ stage, reply: reply(code, enhanced) }), expected);
  });
}

const LOGIN = /^Check the user and SMTP_PASSWORD/;
const POLICY = /^Check SPF, DKIM and DMARC/;
const SENDER = /^Check that the relay lets this account send as the From address\./;
const HOST = /^The relay accepts no mail from this machine/;
const HELO = /\?name=HOST/;
const SECURITY = /^The relay requires TLS or a login/;

/** What can be done, by stage, code and enhanced code. */
const HINTS: readonly (readonly [Stage, number, string | undefined, RegExp])[] = [
  ["auth", 432, undefined, LOGIN],
  ...(["auth", "mail", "rcpt"] as const).flatMap((stage) =>
    [530, 534, 535, 538].map((code) => [stage, code, undefined, LOGIN] as const)
  ),
  ["auth", 500, undefined, LOGIN],
  ["auth", 334, undefined, LOGIN],
  ["greeting", 554, undefined, HOST],
  ["ehlo", 550, undefined, HELO],
  ["starttls", 502, undefined, SECURITY],
  ["rcpt", 550, "5.1.7", SENDER],
  ["data", 550, "5.1.8", SENDER],
  ["body", 550, "5.1.8", SENDER],
  ["mail", 550, "5.1.8", SENDER],
  ["body", 550, "5.7.26", POLICY],
  ["rcpt", 550, "5.7.515", POLICY],
  ["mail", 550, "5.7.1", POLICY],
  ["mail", 553, undefined, SENDER],
];

for (const [stage, code, enhanced, hint] of HINTS) {
  Deno.test(`judgeReply(): ${stage} ${code} ${enhanced ?? ""} refuses us, and the hint is ${hint}`, () => {
    const meaning = judgeReply(stage, reply(code, enhanced));
    assert.match("hint" in meaning ? meaning.hint : meaning.kind, hint);
  });
}

Deno.test("judgeReply() settles nothing by a 2yz or 3yz that is out of place, at any stage where commands are answered", () => {
  const stages = ["greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body"] as const;
  for (const stage of stages) {
    for (const [code, enhanced] of [[235, undefined], [299, "2.1.8"], [354, undefined]] as const) {
      assert.equal(judgeReply(stage, reply(code, enhanced)).kind, "later", `${stage} ${code}`);
    }
  }
});

for (
  const [sentence, stage, code, enhanced, kind] of [
    ["432 of Exchange Online at the greeting", "greeting", 432, undefined, "slow-down"],
    ["4yz at the greeting", "greeting", 450, undefined, "slow-down"],
    ["4yz at EHLO", "ehlo", 450, undefined, "slow-down"],
    ["432 after the dot", "body", 432, "4.3.2", "slow-down"],
    ["too many recipients at DATA", "data", 554, "5.5.3", "limit"],
    ["too many recipients at RCPT, for good", "rcpt", 550, "5.5.3", "suspicion"],
    ["the sender cannot be verified now, at MAIL", "mail", 450, "4.1.8", "limit"],
    ["the sender cannot be verified now, at DATA", "data", 451, "4.1.7", "limit"],
    ["the sender cannot be verified now, after the dot", "body", 451, "4.1.7", "limit"],
    ["a code that ends in 1.8", "rcpt", 450, "4.7.18", "later"],
    ["a mailbox too small for the mail", "mail", 550, "5.2.3", "suspicion"],
    ["ranges of addresses (Microsoft)", "rcpt", 550, "5.7.508", "limit"],
    ["recipients a day of a tenant (Microsoft)", "rcpt", 550, "5.7.232", "limit"],
    ["external recipients a day (Microsoft)", "rcpt", 550, "5.7.233", "limit"],
    ["throttled after many errors (Microsoft)", "rcpt", 550, "5.2.255", "limit"],
    ["an ambiguous address", "rcpt", 553, "5.1.4", "suspicion"],
    ["no mail for the domain (RFC 7505)", "rcpt", 556, "5.1.10", "recipient"],
    ["it has moved", "rcpt", 551, "5.1.6", "recipient"],
    ["the domain's syntax", "data", 550, "5.1.3", "recipient"],
    ["out of storage", "rcpt", 452, "4.3.1", "slow-down"],
    ["454 to DATA", "data", 454, undefined, "slow-down"],
    ["the old code for too many recipients, after the dot", "body", 552, "5.5.3", "limit"],
  ] as const
) {
  Deno.test(`judgeReply(): ${sentence}: ${stage} ${code} ${enhanced ?? ""} is ${kind}`, () => {
    assert.equal(judgeReply(stage, reply(code, enhanced)).kind, kind);
  });
}
