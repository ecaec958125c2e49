import assert from "node:assert/strict";
import { readBounces } from "../../src/bounces/bounces.ts";
import { SqliteBounceRecord } from "../../src/ledger/sqlite/bounces/bounce_record.ts";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import { deferred, Folder, OUTCOMES, rowsOf } from "../ledger/ledgers.ts";
import { ledgerOf, pathOf, run, statesIn } from "./bounced_ledgers.ts";
import { complaint, report, type ReportInput, tokenOf } from "./reports.ts";

const { sent, failed } = OUTCOMES;
const IN_DOUBT = OUTCOMES["in-doubt"];

Deno.test("A hard bounce marks a sent recipient failed, with what the server said, and suppresses them", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent, sent]);
  const { result, suppressed } = await run(folder.file(), [report({ to: "r2@x.test" })]);
  assert.deepEqual(suppressed, ["r2@x.test"]);
  assert.deepEqual([result.hard, result.failed, result.suppressed], [1, 1, 1]);
  assert.deepEqual(await statesIn(folder.file()), ["r2@x.test failed", "r3@x.test sent"]);
  using reader = openLedgerReader(folder.file());
  const [row] = await rowsOf(reader);
  assert.deepEqual(
    [row!.stage, row!.code, row!.enhanced, row!.reply, row!.reason],
    ["bounce", 550, "5.1.1", "550 5.1.1 no", "Bounced: 550 5.1.1 no"],
  );
});

Deno.test("A bounce settles a recipient in doubt, because a server had the mail", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [IN_DOUBT]);
  await run(folder.file(), [report({})]);
  assert.deepEqual(await statesIn(folder.file()), ["r2@x.test failed"]);
});

Deno.test("A report read twice changes nothing the second time", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent, sent]);
  const mails = [report({}), report({ id: "2@mx", to: "r3@x.test", status: "5.2.2" })];
  await run(folder.file(), mails);
  const before = await statesIn(folder.file());
  const { result, suppressed, findings } = await run(folder.file(), [...mails, ...mails]);
  assert.deepEqual(suppressed, []);
  assert.deepEqual([result.failed, result.known, result.suppressed], [0, 4, 0]);
  assert.deepEqual(findings.map(({ softBounces }) => softBounces), [0, 1, 0, 1]);
  assert.deepEqual(await statesIn(folder.file()), before);
});

Deno.test("Soft bounces are counted, and the recipient stays sent", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent]);
  const { result, findings, suppressed } = await run(
    folder.file(),
    ["1@mx", "2@mx", "3@mx"].map((id) => report({ id, status: "4.4.7" })),
  );
  assert.deepEqual([result.soft, result.failed], [3, 0]);
  assert.deepEqual(findings.map(({ softBounces }) => softBounces), [1, 2, 3]);
  assert.deepEqual(suppressed, []);
  assert.deepEqual(await statesIn(folder.file()), ["r2@x.test sent"]);
});

Deno.test("A complaint suppresses the recipient, who stays sent", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent]);
  const { result, suppressed, findings } = await run(folder.file(), [complaint(2)]);
  assert.deepEqual([result.complaints, suppressed], [1, ["r2@x.test"]]);
  assert.equal(findings[0]!.matchedBy, "message-id");
  assert.deepEqual(await statesIn(folder.file()), ["r2@x.test sent"]);
});

Deno.test("A report is matched by the Message-ID or return path it contains, whatever recipient it names", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent, sent]);
  const cases: readonly ReportInput[] = [
    // Forwarded to an address that fails, so nobody gets r3's mail.
    { to: "inner@elsewhere.test", returned: `${tokenOf(3).toUpperCase()}@acme.example` },
    { to: "inner@elsewhere.test", path: pathOf(folder.file(), 3) },
    // The recipient named is in the ledger too, but the mail was r3's.
    { to: "r2@x.test", returned: `${tokenOf(3)}@acme.example` },
  ];
  const { findings } = await run(
    folder.file(),
    cases.map((input, index) => report({ ...input, id: `${index}@mx` })),
  );
  assert.deepEqual(
    findings.map(({ recipient, matchedBy }) => [recipient, matchedBy]),
    [["r3@x.test", "message-id"], ["r3@x.test", "return-path"], ["r3@x.test", "message-id"]],
  );
  assert.deepEqual(await statesIn(folder.file()), ["r2@x.test sent", "r3@x.test failed"]);
});

Deno.test("A mail forwarded to several addresses is a hard bounce only if nobody got it", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent]);
  const returned = `${tokenOf(2)}@acme.example`;
  const twice = (action: string, status: string) =>
    report({ returned, id: `${action}${status}@mx` }).replace(
      "Final-Recipient",
      `Final-Recipient: rfc822; other@x.test\nAction: ${action}\nStatus: ${status}\n\nFinal-Recipient`,
    );
  const { result } = await run(folder.file(), [
    twice("delivered", "2.0.0"),
    twice("failed", "4.4.7"),
  ]);
  assert.deepEqual([result.soft, result.hard], [2, 0]);
  const both = await run(folder.file(), [twice("failed", "5.1.1")]);
  assert.equal(both.result.hard, 1);
});

Deno.test("A report about another campaign's mail does nothing, even if its recipient is in the ledger", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent]);
  const other = "f".repeat(32);
  const { result, findings, suppressed } = await run(folder.file(), [
    report({ returned: `${other}@acme.example` }),
    report({ id: "2@mx", path: `bounces+${other}@acme.example` }),
  ]);
  assert.deepEqual([result.unmatched, suppressed], [2, []]);
  for (const { effect, reason } of findings) {
    assert.equal(effect, "none");
    assert.match(reason!, /another campaign/);
  }
  assert.deepEqual(await statesIn(folder.file()), ["r2@x.test sent"]);
});

Deno.test("A forged report does nothing to recipients who were never mailed", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [failed, deferred(5_000), OUTCOMES.skipped, undefined]);
  const mails = [2, 3, 4, 5, 6].flatMap((line) => [
    report({ id: `a${line}@mx`, to: `r${line}@x.test` }),
    report({ id: `b${line}@mx`, returned: `${tokenOf(line)}@acme.example` }),
  ]);
  const before = await statesIn(folder.file());
  const { result, suppressed } = await run(folder.file(), mails);
  assert.deepEqual([result.unmatched, result.failed, suppressed], [10, 0, []]);
  assert.deepEqual(await statesIn(folder.file()), before);
});

Deno.test("A report without a trace of our mail counts only if it is newer than the mail", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent, sent]);
  const foreign = "20261101.rewritten@relay.example";
  const { findings } = await run(folder.file(), [
    report({ returned: foreign, date: "Sun, 1 Nov 2026 00:00:00 +0000" }),
    report({ id: "2@mx", to: "R3@X.TEST", returned: foreign }),
  ]);
  assert.deepEqual(findings.map(({ effect, reason, matchedBy }) => [effect, reason ?? matchedBy]), [
    ["none", "it is older than the mail"],
    ["failed", "recipient"],
  ]);
});

Deno.test("--dry-run says what would be done and leaves the ledger as it is, byte for byte", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent]);
  const bytes = Deno.readFileSync(folder.file());
  const { result, findings, suppressed } = await run(folder.file(), [report({})], { dryRun: true });
  assert.deepEqual([result.failed, result.suppressed, suppressed], [1, 1, []]);
  assert.deepEqual([findings[0]!.effect, findings[0]!.suppressed], ["failed", true]);
  assert.deepEqual(Deno.readFileSync(folder.file()), bytes);
});

Deno.test("A suppression list that cannot be written leaves the report to the next run", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent]);
  const record = new SqliteBounceRecord(folder.file(), true);
  assert.equal(record.campaign, "c");
  const failing = readBounces({ path: "-", dryRun: false, needsToken: false }, {
    stdin: ReadableStream.from([new TextEncoder().encode(report({}))]),
    signal: new AbortController().signal,
    record,
    suppress() {
      throw new Error("disk full");
    },
    onFinding() {},
  });
  await assert.rejects(failing, /disk full/);
  record[Symbol.dispose]();
  assert.deepEqual(await statesIn(folder.file()), ["r2@x.test sent"]);
  const { suppressed } = await run(folder.file(), [report({})]);
  assert.deepEqual(suppressed, ["r2@x.test"]);
});

Deno.test("More reports than a batch holds are all acted on", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), Array.from({ length: 700 }, () => sent));
  const { result } = await run(
    folder.file(),
    Array.from({ length: 700 }, (_, index) =>
      report({
        id: `${index}@mx`,
        to: "elsewhere@y.test",
        returned: `${tokenOf(index + 2)}@acme.example`,
      })),
  );
  assert.deepEqual([result.messages, result.failed], [700, 700]);
});
