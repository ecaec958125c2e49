import assert from "node:assert/strict";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import { settleByHand } from "../../src/ledger/sqlite/by_hand/settle_by_hand.ts";
import { SqliteBounceRecord } from "../../src/ledger/sqlite/bounces/bounce_record.ts";
import { SqliteLedger } from "../../src/ledger/sqlite/sqlite_ledger.ts";
import type { Recipient } from "../../src/model/recipient.ts";
import { entries, entry, FACTS, Folder, idsOf, openAt, OUTCOMES, settled } from "./ledgers.ts";

const KEYED = { facts: { key: "Invoice" } };

function invoice(line: number, address: string, part: string): Recipient {
  return { kind: "recipient", key: `${address} ${part}`, line, address, fields: [address, part] };
}

/** ann has three invoices: sent, failed, in doubt; others have names around hers. */
const ROWS = [
  invoice(2, "ann@x.test", "1"),
  invoice(3, "ann@x.test.example", "1"),
  invoice(4, "ann@x.test", "!2"),
  invoice(5, "an@x.test", "1"),
  invoice(6, "ann@x.test", "é 3"),
];
const ANN = [1, 3, 5];

/** @param before Recipients entered first: enough of them, and the keys are in the index. */
async function example(path: string, before = 0, after = 0): Promise<void> {
  await using ledger = openAt(path, KEYED);
  if (before > 0) await ledger.claim(entries(10_001, 10_000 + before), undefined);
  const ids = idsOf(await ledger.claim(ROWS.map((row) => entry(row)), undefined));
  if (after > 0) await ledger.claim(entries(60_001, 60_000 + after), undefined);
  if (before + after > 0) await ledger.claim(entries(9_999, 10_000), undefined);
  const { sent, failed } = OUTCOMES;
  const outcomes = [sent, sent, failed, sent, OUTCOMES["in-doubt"]];
  await ledger.write(outcomes.map((outcome, at) => settled(ids[at]!, outcome)));
}

Deno.test("All recipients of a mailbox are found, in memory and in the index, and nobody else", async () => {
  for (const [before, after] of [[0, 0], [0, 33_000], [33_000, 0]] as const) {
    using folder = new Folder();
    await example(folder.file(), before, after);
    using record = new SqliteBounceRecord(folder.file(), false);
    const found = async (name: string) => (await record.byMailbox(name)).map(({ id }) => id);
    assert.deepEqual(await found("ann@x.test"), ANN.map((id) => id + before));
    assert.deepEqual(await found("ann@x.test !2"), [3 + before]);
    assert.deepEqual(await found("ann@x.tes"), []);
    assert.deepEqual(await found("ann@x.test 4"), []);
  }
});

Deno.test("settleByHand() settles all recipients of a mailbox and reports each, or the one with the whole key", async () => {
  using folder = new Folder();
  await example(folder.file());
  assert.deepEqual(settleByHand(folder.file(), ["ann@x.test"], "failed", ["in-doubt"], true), [
    { key: "ann@x.test", kind: "unknown" },
  ]);
  assert.deepEqual(settleByHand(folder.file(), ["ann@x.test !2"], "queued", ["failed"]), [
    { key: "ann@x.test !2", kind: "settled", before: "failed" },
  ]);
  assert.deepEqual(settleByHand(folder.file(), ["ann@x.test", "no@x.test"], "sent"), [
    { key: "ann@x.test 1", kind: "refused", state: "sent" },
    { key: "ann@x.test !2", kind: "settled", before: "queued" },
    { key: "ann@x.test é 3", kind: "settled", before: "in-doubt" },
    { key: "no@x.test", kind: "unknown" },
  ]);
});

Deno.test("A retry by address queues whoever of the mailbox was not sent a mail; by key, that one", async () => {
  for (
    const [name, queued] of [
      ["ann@x.test", ["ann@x.test !2", "ann@x.test é 3"]],
      ["ann@x.test é 3", ["ann@x.test é 3"]],
      ["ann@x.test 1", []],
    ] as const
  ) {
    for (const list of ["list 1", "list 2"]) {
      using folder = new Folder();
      await example(folder.file());
      using reader = openLedgerReader(folder.file());
      const retry = { states: [], keys: [name] };
      const again = await reader.countRetried(retry);
      assert.equal((again.get("failed") ?? 0) + (again.get("in-doubt") ?? 0), queued.length);
      assert.equal(await reader.findSent([name]), queued.length === 0 ? name : undefined);
      const facts = { ...FACTS, ...KEYED.facts, list };
      await using ledger = new SqliteLedger({ path: folder.file(), facts, retry });
      // In another list they are queued when they are found.
      if (list === "list 2") await ledger.claim(ROWS.map((row) => entry(row)), undefined);
      const keys: (string | undefined)[] = [];
      for await (const { key } of ledger.rows(["queued"])) keys.push(key);
      assert.deepEqual(keys, queued);
    }
  }
});

Deno.test("A ledger opened with another key column skips those who wait under the old keys, and says why", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    await ledger.claim(entries(2, 3), undefined);
  }
  {
    await using ledger = openAt(folder.file(), { facts: { key: "Invoice", list: "keyed" } });
    await ledger.claim([entry(invoice(2, "r2@x.test", "1"))], undefined);
    const tally = await ledger.tally();
    assert.deepEqual([tally.skipped, tally.claimed, tally.total], [2, 1, 3]);
    assert.equal((await ledger.missing()).count, 0);
    for await (const row of ledger.rows(["skipped"])) {
      assert.equal(row.reason, "Recipients are now identified by address and column 'Invoice'");
    }
  }
  await using back = openAt(folder.file(), { facts: { list: "plain again" } });
  await back.claim(entries(2, 3), undefined);
  assert.deepEqual([(await back.tally()).queued, (await back.tally()).skipped], [2, 1]);
});
