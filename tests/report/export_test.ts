import assert from "node:assert/strict";
import type { LedgerRow } from "../../src/record/ledger.ts";
import { exportText } from "../../src/report/export.ts";
import { HOSTILE, HOSTILE_SHOWN } from "../support/report_examples.ts";

const ROW: LedgerRow = {
  key: undefined,
  id: 1,
  line: 2,
  address: "a@b.test",
  fields: ["=1+1", "a@b.test"],
  state: "failed",
  attempts: 1,
  code: 550,
  enhanced: undefined,
  reply: `no ${HOSTILE}`,
  stage: "rcpt",
  relay: "mx.test:25",
  messageId: undefined,
  at: undefined,
  notBefore: undefined,
  reason: `RCPT was refused: 550 no ${HOSTILE}`,
};

async function exported(format: "csv" | "jsonl"): Promise<string> {
  const pieces = exportText(["Name", "Email"], ReadableStream.from([ROW]), format);
  return (await Array.fromAsync(pieces)).join("");
}

Deno.test("exportText() shows what a server said escaped, and disarms formulas", async () => {
  const csv = await exported("csv");
  assert.ok(csv.startsWith("Name,Email,_state,"));
  assert.ok(csv.includes("'=1+1,a@b.test,failed,1,550,,"));
  for (const text of [csv, await exported("jsonl")]) assert.ok(!text.includes("\x1b"));
  const { _reply, _reason, Name } = JSON.parse(await exported("jsonl"));
  assert.deepEqual(
    [_reply, _reason, Name],
    [`no ${HOSTILE_SHOWN}`, `RCPT was refused: 550 no ${HOSTILE_SHOWN}`, "=1+1"],
  );
});
