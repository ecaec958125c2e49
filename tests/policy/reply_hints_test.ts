import assert from "node:assert/strict";
import { judgeReply } from "../../src/policy/replies/judge_reply.ts";
import type { Stage } from "../../src/model/attempt.ts";
import { reply } from "../ledger/ledgers.ts";

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
