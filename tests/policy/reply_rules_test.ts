import assert from "node:assert/strict";
import { RULES } from "../../src/policy/replies/reply_rules.ts";
import { judgeReply } from "../../src/policy/replies/judge_reply.ts";
import type { ReplyMeaning } from "../../src/policy/replies/reply_meaning.ts";
import type { Stage } from "../../src/model/attempt.ts";
import { reply } from "../ledger/ledgers.ts";

/** "slow-down connections", "refuses-us". */
function outline(meaning: ReplyMeaning): string {
  return meaning.kind === "slow-down" ? `${meaning.kind} ${meaning.of}` : meaning.kind;
}

/** Sentence, stage, code, enhanced code, meaning. */
const TABLE: readonly (readonly [string, Stage, number, string | undefined, string])[] = [
  // The recipient.
  ["No such user", "rcpt", 550, "5.1.1", "recipient"],
  ["The domain does not exist", "rcpt", 550, "5.1.2", "recipient"],
  ["The mailbox is disabled", "rcpt", 550, "5.2.1", "recipient"],
  ["The mailbox is full for good", "rcpt", 552, "5.2.2", "suspicion"],
  [
    "550 alone to RCPT is about the mailbox, or about relaying or a quota",
    "rcpt",
    550,
    undefined,
    "suspicion",
  ],
  ["551 alone: user not local", "rcpt", 551, undefined, "suspicion"],
  ["552 alone: the mailbox is over quota", "rcpt", 552, undefined, "suspicion"],
  ["553 alone: the mailbox name is not allowed", "rcpt", 553, undefined, "suspicion"],
  ["A mailbox may be judged as late as after the dot", "body", 550, "5.1.1", "recipient"],
  ["No mail for the domain (RFC 7505)", "rcpt", 556, "5.1.10", "recipient"],
  ["It has moved", "rcpt", 551, "5.1.6", "recipient"],
  ["The domain's syntax", "data", 550, "5.1.3", "recipient"],
  ["An ambiguous address", "rcpt", 553, "5.1.4", "suspicion"],
  ["A route that does not exist", "rcpt", 554, "5.4.4", "suspicion"],
  // The message, or perhaps us.
  ["Content is refused after the dot", "body", 554, "5.6.0", "suspicion"],
  ["554 alone after the dot may be anything", "body", 554, undefined, "suspicion"],
  ["Relay access denied may be us", "rcpt", 554, "5.7.1", "suspicion"],
  ["DATA refused after all", "data", 554, undefined, "suspicion"],
  ["Bad sequence at DATA", "data", 503, undefined, "suspicion"],
  ["The mail is too large for the relay", "mail", 552, "5.3.4", "suspicion"],
  ["552 alone to MAIL is its size", "mail", 552, undefined, "suspicion"],
  ["The address cannot be carried", "mail", 550, "5.6.7", "suspicion"],
  ["A mailbox too small for the mail", "mail", 550, "5.2.3", "suspicion"],
  ["Too many recipients at RCPT, for good", "rcpt", 550, "5.5.3", "suspicion"],
  ["A code nobody knows counts by its first digit", "rcpt", 559, undefined, "suspicion"],
  // Later.
  ["Greylisting", "rcpt", 450, "4.7.1", "later"],
  ["Greylisting without a word", "rcpt", 450, undefined, "later"],
  ["451 to RCPT", "rcpt", 451, undefined, "later"],
  ["A full mailbox is the recipient's, although the code is 452", "rcpt", 452, "4.2.2", "later"],
  ["4yz after the dot", "body", 451, "4.6.0", "later"],
  ["450 after DATA", "data", 450, undefined, "later"],
  ["459 counts by its first digit", "rcpt", 459, undefined, "later"],
  ["A code that ends in 1.8", "rcpt", 450, "4.7.18", "later"],
  ["A 2yz that is out of place settles nothing", "rcpt", 299, undefined, "later"],
  // Slow down.
  ["421 to MAIL", "mail", 421, "4.7.0", "slow-down connections"],
  ["421 to RCPT", "rcpt", 421, undefined, "slow-down connections"],
  ["421 after the dot", "body", 421, undefined, "slow-down connections"],
  ["421 as banner", "greeting", 421, undefined, "slow-down connections"],
  ["432 of Exchange Online at the greeting", "greeting", 432, undefined, "slow-down connections"],
  ["4yz at the greeting", "greeting", 450, undefined, "slow-down connections"],
  ["4yz at EHLO", "ehlo", 450, undefined, "slow-down connections"],
  ["Concurrent connections of Exchange Online", "mail", 432, "4.3.2", "slow-down connections"],
  ["432 after the dot", "body", 432, "4.3.2", "slow-down connections"],
  ["432 at RCPT", "rcpt", 432, "4.3.2", "slow-down connections"],
  ["432 at EHLO", "ehlo", 432, undefined, "slow-down connections"],
  ["432 at DATA", "data", 432, undefined, "slow-down connections"],
  ["The login server is busy", "auth", 454, "4.7.0", "slow-down connections"],
  ["TLS is not available now", "starttls", 454, undefined, "slow-down connections"],
  ["450 to MAIL", "mail", 450, undefined, "slow-down rate"],
  ["451 to MAIL", "mail", 451, "4.7.1", "slow-down rate"],
  ["452 to MAIL", "mail", 452, undefined, "slow-down rate"],
  ["454 to MAIL", "mail", 454, undefined, "slow-down rate"],
  ["454 to RCPT: throttling of SES", "rcpt", 454, undefined, "slow-down rate"],
  ["452 after the dot: out of storage", "body", 452, "4.3.1", "slow-down rate"],
  ["Out of storage at RCPT", "rcpt", 452, "4.3.1", "slow-down rate"],
  ["454 to DATA", "data", 454, undefined, "slow-down rate"],
  ["System not accepting messages", "rcpt", 451, "4.3.2", "slow-down rate"],
  ["Rate of Gmail, after the dot", "body", 450, "4.7.28", "slow-down rate"],
  ["Congestion", "rcpt", 451, "4.4.5", "slow-down rate"],
  ["Too many recipients", "rcpt", 452, "4.5.3", "slow-down rate"],
  ["Too many recipients, the old code", "rcpt", 552, "5.5.3", "slow-down rate"],
  // The session.
  ["Exim has counted too many commands", "rset", 554, undefined, "session"],
  ["A server that does not know RSET", "rset", 502, "5.5.1", "session"],
  ["421 to RSET", "rset", 421, undefined, "slow-down connections"],
  // Us.
  ["No service here", "greeting", 554, undefined, "refuses-us"],
  ["This host takes no mail", "greeting", 521, undefined, "refuses-us"],
  ["Our name is refused", "ehlo", 550, undefined, "refuses-us"],
  ["Our name's syntax is refused", "ehlo", 504, undefined, "refuses-us"],
  ["A wrong password", "auth", 535, "5.7.8", "refuses-us"],
  ["A mechanism too weak", "auth", 534, undefined, "refuses-us"],
  ["A login is wanted at AUTH", "auth", 530, undefined, "refuses-us"],
  ["Encryption is wanted", "auth", 538, undefined, "refuses-us"],
  ["A login is wanted at MAIL", "mail", 530, "5.7.0", "refuses-us"],
  ["A login is wanted at RCPT", "rcpt", 530, undefined, "refuses-us"],
  ["A password transition is needed", "auth", 432, undefined, "refuses-us"],
  ["The server does not know AUTH", "auth", 502, undefined, "refuses-us"],
  ["STARTTLS is not to be had", "starttls", 502, undefined, "refuses-us"],
  ["Policy at MAIL", "mail", 550, "5.7.1", "refuses-us"],
  ["Sender refused at MAIL", "mail", 553, "5.1.8", "refuses-us"],
  ["550 alone to MAIL is about the sender", "mail", 550, undefined, "refuses-us"],
  ["The account's day is used up (Gmail)", "rcpt", 550, "5.4.5", "limit"],
  ["The same at MAIL", "mail", 550, "5.4.5", "limit"],
  ["The same after the dot", "body", 550, "5.4.5", "limit"],
  ["The account's day is used up (Microsoft)", "body", 550, "5.1.90", "limit"],
  ["A throttled sender (Microsoft)", "body", 550, "5.2.252", "limit"],
  ["Throttled after many errors (Microsoft)", "rcpt", 550, "5.2.255", "limit"],
  ["Ranges of addresses (Microsoft)", "rcpt", 550, "5.7.508", "limit"],
  ["Recipients a day of a tenant (Microsoft)", "rcpt", 550, "5.7.232", "limit"],
  ["External recipients a day (Microsoft)", "rcpt", 550, "5.7.233", "limit"],
  ["Too many recipients, after the dot", "body", 554, "5.5.3", "limit"],
  ["The old code for too many recipients, after the dot", "body", 552, "5.5.3", "limit"],
  ["Too many recipients at DATA", "data", 554, "5.5.3", "limit"],
  ["A rate of unsolicited mail (Gmail)", "mail", 550, "5.7.28", "limit"],
  ["Send-as denied, or a quota (Microsoft)", "body", 554, "5.2.0", "suspicion"],
  ["A routing loop", "rcpt", 550, "5.4.6", "suspicion"],
  ["Something about an address, which may be the sender's", "rcpt", 550, "5.1.0", "suspicion"],
  ["The sender's domain cannot be found now", "rcpt", 450, "4.1.8", "limit"],
  ["The sender cannot be verified now, at MAIL", "mail", 450, "4.1.8", "limit"],
  ["The sender cannot be verified now, at DATA", "data", 451, "4.1.7", "limit"],
  ["The sender cannot be verified now, after the dot", "body", 451, "4.1.7", "limit"],
  ["The sender's address does not work", "rcpt", 550, "5.1.7", "refuses-us"],
  ["The sender's domain is refused", "body", 550, "5.1.8", "refuses-us"],
  ...["25", "26", "27", "29", "30", "509", "515"].flatMap((detail) =>
    (["mail", "rcpt", "body"] as const).map((stage) =>
      [
        `Reputation and authentication 5.7.${detail} at ${stage}`,
        stage,
        550,
        `5.7.${detail}`,
        "refuses-us",
      ] as const
    )
  ),
];

for (const [sentence, stage, code, enhanced, meaning] of TABLE) {
  Deno.test(`judgeReply(): ${sentence}: ${stage} ${code} ${enhanced ?? ""} means ${meaning}`, () => {
    assert.equal(outline(judgeReply(stage, reply(code, enhanced))), meaning);
  });
}

Deno.test("judgeReply() reads fields, never the text", () => {
  for (const text of ["5.7.26 try again later", "greylisted", "mailbox full", "", "535 421"]) {
    for (const [stage, code] of [["rcpt", 550], ["mail", 450], ["body", 554]] as const) {
      assert.deepEqual(
        judgeReply(stage, reply(code, undefined, text)),
        judgeReply(stage, reply(code, undefined, "x")),
      );
    }
  }
});

Deno.test("judgeReply() never fails a recipient for a reply below 500, at any stage", () => {
  const stages: readonly Stage[] = ["greeting", "ehlo", "auth", "mail", "rcpt", "data", "body"];
  for (const stage of stages) {
    for (let code = 400; code < 500; code++) {
      for (const enhanced of [undefined, "4.1.1", "4.2.2", "4.3.0", "4.7.1", "4.7.26"]) {
        const { kind } = judgeReply(stage, reply(code, enhanced));
        assert.ok(kind !== "recipient" && kind !== "suspicion", `${stage} ${code} ${enhanced}`);
      }
    }
  }
});

Deno.test("judgeReply() settles nothing by a 2yz or 3yz that is out of place, at any stage where commands are answered", () => {
  const stages = ["greeting", "ehlo", "starttls", "auth", "mail", "rcpt", "data", "body"] as const;
  for (const stage of stages) {
    for (const [code, enhanced] of [[235, undefined], [299, "2.1.8"], [354, undefined]] as const) {
      assert.equal(judgeReply(stage, reply(code, enhanced)).kind, "later", `${stage} ${code}`);
    }
  }
});

Deno.test("Every rule says why, in words of its own", () => {
  const reasons = RULES.map(({ because }) => because);
  for (const because of reasons) assert.match(because, /^\S+ \S+ .*\S$/);
  assert.equal(new Set(reasons).size, reasons.length);
});
