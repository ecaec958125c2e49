import assert from "node:assert/strict";
import { envelopeFinding } from "../../src/check/relay/envelope_finding.ts";
import { reply } from "../ledger/ledgers.ts";
import { mailTo, relayAt } from "../smtp/fixtures.ts";

const ADDRESS = /^Correct the address/;
const EITHER =
  /may send through the relay.*If the relay accepts others, the fault is with this address$/;

for (
  const [stage, code, enhanced, level, fix] of [
    ["rcpt", 550, "5.1.1", "warning", ADDRESS],
    ["rcpt", 550, "5.1.2", "warning", ADDRESS],
    ["rcpt", 556, "5.1.10", "warning", ADDRESS],
    ["rcpt", 552, "5.2.2", "error", /mailbox and quota\. If the relay accepts others/],
    ["rcpt", 554, "5.7.1", "error", EITHER],
    ["rcpt", 550, "5.7.1", "error", EITHER],
    ["rcpt", 550, undefined, undefined, EITHER],
    ["rcpt", 553, undefined, undefined, EITHER],
    ["rcpt", 550, "5.1.8", undefined, /may send|as the From address/],
    ["rcpt", 550, "5.2.252", "error", /may send as/],
    ["rcpt", 530, "5.7.0", "error", /SMTP_PASSWORD/],
    ["mail", 550, "5.1.0", "error", /From address/],
    ["mail", 550, "5.7.1", "error", /./],
    ["rcpt", 450, "4.2.0", "note", /Nothing needs to be done/],
    ["mail", 451, undefined, "warning", /Nothing needs to be done/],
  ] as const
) {
  Deno.test(`envelopeFinding() says what ${code} ${enhanced ?? "without an enhanced code"} at ${stage} can mean: ${fix}`, () => {
    const finding = envelopeFinding(
      relayAt(587),
      { stage, reply: reply(code, enhanced) },
      mailTo("a@b.test"),
    );
    assert.match(finding.fix, fix);
    if (fix !== ADDRESS) assert.doesNotMatch(finding.fix, /correct the address/);
    if (level !== undefined) assert.equal(finding.level, level);
    assert.match(finding.what, new RegExp(`: ${code} `));
  });
}
