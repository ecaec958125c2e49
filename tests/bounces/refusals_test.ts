import assert from "node:assert/strict";
import fc from "fast-check";
import { diagnose } from "../../src/bounces/reading/status.ts";
import { judgeRefusal, type RefusalVerdict, refusedAddress } from "../../src/bounces/refusals.ts";
import type { LedgerRow } from "../../src/ledger/ledger.ts";

Deno.test("judgeRefusal() says what a refusal at RCPT is about, by its codes", () => {
  const table: [code: number | undefined, enhanced: string | undefined, RefusalVerdict][] = [
    [550, "5.1.1", "address"],
    [551, "5.1.6", "address"],
    [553, "5.1.3", "address"],
    [550, "5.1.2", "address"],
    [550, "5.1.10", "address"],
    [550, "5.1.351", "address"],
    [550, "5.2.1", "address"],
    [550, "5.4.4", "address"],
    [550, "5.4.310", "address"],
    [550, "5.7.17", "address"],
    [550, "5.7.18", "address"],
    [550, "5.7.1", "policy"],
    [554, "5.7.27", "policy"],
    [550, "5.7.509", "policy"],
    [552, "5.2.2", "no-room"],
    [550, "5.2.2", "no-room"],
    [552, undefined, "no-room"],
    [552, "5.1.1", "no-room"],
    [552, "5.3.4", "no-room"],
    [550, undefined, "unclear"],
    [550, "5.0.0", "unclear"],
    [550, "5.1.0", "unclear"],
    [501, "5.5.4", "unclear"],
    [550, "5.1.8", "other"],
    [550, "5.4.1", "other"],
    [554, "5.4.6", "other"],
    [450, "4.1.1", "temporary"],
    [450, "5.1.1", "temporary"],
    [550, "4.2.1", "temporary"],
    [undefined, undefined, "temporary"],
  ];
  for (const [code, enhanced, verdict] of table) {
    assert.equal(judgeRefusal({ stage: "rcpt", code, enhanced }), verdict, `${code} ${enhanced}`);
  }
});

Deno.test("judgeRefusal() judges only what was refused at RCPT", () => {
  for (const stage of ["mail", "data", "body", "bounce", undefined]) {
    assert.equal(judgeRefusal({ stage, code: 550, enhanced: "5.1.1" }), "not-at-rcpt");
  }
});

Deno.test("judgeRefusal() finds the address at fault exactly where a bounce with these codes alone is hard", () => {
  const code = fc.integer({ min: 400, max: 599 });
  const part = (max: number) => fc.integer({ min: 0, max });
  const enhanced = fc.oneof(
    fc.tuple(fc.constantFrom(4, 5), part(7), part(30)).map((parts) => parts.join(".")),
    fc.constantFrom("5.1.351", "5.4.310", "5.7.17", undefined),
  );
  fc.assert(fc.property(code, enhanced, (code, enhanced) => {
    const reply = [code, enhanced].filter(Boolean).join(" ");
    const isHard = diagnose("", reply).verdict === "hard";
    assert.equal(judgeRefusal({ stage: "rcpt", code, enhanced }) === "address", isHard, reply);
  }));
});

Deno.test("refusedAddress() gives the mailbox, and the reply on one line without control characters", () => {
  const row = {
    key: "ann@x.test INV-7",
    at: 5,
    code: 550,
    enhanced: "5.1.1",
    reply: "No such\r\nuser \u009b31m",
  } as LedgerRow;
  assert.deepEqual(refusedAddress(row), {
    key: "ann@x.test",
    at: 5,
    reply: "550 5.1.1 No such user \\x9b31m",
  });
});
