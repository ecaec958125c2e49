import assert from "node:assert/strict";
import { entry, Folder, openAt, OUTCOMES, settled } from "../ledger/ledgers.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { run } from "./bounced_ledgers.ts";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import { report, tokenOf } from "./reports.ts";

const { sent, failed } = OUTCOMES;

/** A ledger of one mailbox with several invoices, one for each outcome; undefined: never mailed. */
async function invoices(path: string, outcomes: readonly (Outcome | undefined)[]): Promise<void> {
  await using ledger = openAt(path, { facts: { key: "Invoice" } });
  const rows = outcomes.map((_, at) => ({
    ...{ kind: "recipient", line: at + 2, address: "ann@x.test" } as const,
    ...{ key: `ann@x.test INV-${at + 2}`, fields: ["ann@x.test", `INV-${at + 2}`] },
  }));
  const claims = await ledger.claim(rows.map((row) => entry(row)), 99);
  await ledger.write(claims.flatMap((claim, at) => {
    const outcome = outcomes[at];
    if (claim.kind !== "job" || outcome === undefined) return [];
    const change = settled(claim.id, outcome, Date.parse("2026-11-24T03:00:00Z"));
    return [{ ...change, messageId: `<${tokenOf(at + 2)}@acme.example>` } as typeof change];
  }));
}

async function statesIn(path: string): Promise<string[]> {
  using reader = openLedgerReader(path);
  const states: string[] = [];
  for await (const { state } of reader.rows()) states.push(state);
  return states;
}

Deno.test("A report that returns the Message-ID is about that one of a mailbox's mails", async () => {
  using folder = new Folder();
  await invoices(folder.file(), [sent, sent, sent]);
  const mail = report({ to: "ann@x.test", returned: `${tokenOf(3)}@acme.example` });
  const { findings, suppressed } = await run(folder.file(), [mail]);
  assert.deepEqual(suppressed, ["ann@x.test"], "the mailbox, not the key");
  assert.deepEqual(
    findings.map(({ recipient, effect, matchedBy }) => [recipient, effect, matchedBy]),
    [["ann@x.test INV-3", "failed", "message-id"]],
  );
  assert.deepEqual(await statesIn(folder.file()), ["sent", "failed", "sent"]);
});

Deno.test("A report by address alone marks the only mail that was accepted for the mailbox", async () => {
  using folder = new Folder();
  await invoices(folder.file(), [failed, sent, undefined]);
  const { findings, suppressed } = await run(folder.file(), [report({ to: "ann@x.test" })]);
  assert.deepEqual(suppressed, ["ann@x.test"]);
  assert.deepEqual(findings.map(({ recipient, effect }) => [recipient, effect]), [
    ["ann@x.test INV-3", "failed"],
  ]);
  assert.deepEqual(await statesIn(folder.file()), ["failed", "failed", "queued"]);
});

Deno.test("A report by address alone about one of several mails suppresses the mailbox and marks no mail, however often it is read", async () => {
  using folder = new Folder();
  await invoices(folder.file(), [undefined, sent, sent]);
  const mails = [report({ to: "Ann@x.test" })];
  const foreseen = await run(folder.file(), mails, { dryRun: true });
  const first = await run(folder.file(), mails);
  for (const { result, findings } of [foreseen, first]) {
    assert.deepEqual([result.hard, result.failed, result.suppressed], [1, 0, 1]);
    assert.deepEqual(findings.map(({ recipient, effect }) => [recipient, effect]), [
      ["ann@x.test", "noted"],
    ]);
    assert.match(findings[0]!.reason!, /^several mails to this address were accepted, and it does/);
  }
  assert.deepEqual(first.suppressed, ["ann@x.test"]);
  const states = ["queued", "sent", "sent"];
  assert.deepEqual(await statesIn(folder.file()), states);
  const again = await run(folder.file(), mails);
  assert.deepEqual([again.result.known, again.suppressed], [1, []]);
  assert.deepEqual(await statesIn(folder.file()), states);
});

Deno.test("A report that was read when one mail was accepted is known when there are several", async () => {
  using folder = new Folder();
  await invoices(folder.file(), [undefined, sent]);
  const mails = [report({ to: "ann@x.test", status: "5.2.2" })];
  await run(folder.file(), mails);
  {
    await using ledger = openAt(folder.file(), { facts: { key: "Invoice" } });
    const [due] = await ledger.claimDue(Date.now(), 1);
    await ledger.write([settled(due!.id, sent, Date.parse("2026-11-24T03:00:00Z"))]);
  }
  assert.equal((await run(folder.file(), mails)).result.known, 1);
});

Deno.test("A report older than all mails but one is about that one", async () => {
  using folder = new Folder();
  await invoices(folder.file(), [sent, undefined]);
  {
    await using ledger = openAt(folder.file(), { facts: { key: "Invoice" } });
    const [due] = await ledger.claimDue(Date.now(), 1);
    await ledger.write([settled(due!.id, sent, Date.parse("2026-11-25T03:00:00Z"))]);
  }
  const { findings } = await run(folder.file(), [report({ to: "ann@x.test" })]);
  assert.deepEqual(findings.map(({ recipient }) => recipient), ["ann@x.test INV-2"]);
  assert.deepEqual(await statesIn(folder.file()), ["failed", "sent"]);
});
