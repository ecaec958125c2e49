import assert from "node:assert/strict";
import { openDatabase } from "../support/database.ts";
import { openLedgerReader } from "../../src/ledger/open.ts";
import type { LeftOutPlace } from "../../src/ledger/returning.ts";
import type { SqliteLedger } from "../../src/ledger/sqlite/sqlite_ledger.ts";
import {
  badRow,
  deferred,
  entries,
  entry,
  Folder,
  handedOver,
  openAt,
  OUTCOMES,
  recipient,
  settled,
} from "./ledgers.ts";

const INVALID = { state: "invalid", reason: "No file" } as const;

/** Rows 1 to 6: sent, invalid, suppressed, duplicate of the first, no recipient, and invalid after a try. */
async function enterAll(ledger: SqliteLedger): Promise<void> {
  await ledger.claim([
    ...entries(2, 3),
    entry(recipient(4), "Suppressed by no.csv:1"),
    entry(recipient(5, "r2@x.test")),
    entry(badRow(6)),
    entry(recipient(7)),
  ], 7);
  await ledger.write([handedOver(1), handedOver(6)]);
  await ledger.write([settled(1, OUTCOMES.sent), settled(2, INVALID)]);
  await ledger.write([settled(6, deferred(0))]);
  await ledger.claimDue(10, 10);
  await ledger.write([settled(6, INVALID)]);
}

async function leftOutOf(ledger: SqliteLedger): Promise<string[]> {
  const found = [
    ...await ledger.leftOut({ state: "invalid", after: 0, limit: 100 }),
    ...await ledger.leftOut({ state: "skipped", after: 0, limit: 100 }),
  ];
  return found.map(({ id, recipient, state, reason }) =>
    `${id} ${recipient.key} ${state}: ${reason}`
  );
}

Deno.test("Ledger.leftOut() returns recipients who are invalid or suppressed, but no duplicate and no row without a recipient", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  await enterAll(ledger);
  assert.deepEqual(await leftOutOf(ledger), [
    "2 r3@x.test invalid: No file",
    "6 r7@x.test invalid: No file",
    "3 r4@x.test skipped: Suppressed by no.csv:1",
  ]);
  const table: [place: LeftOutPlace, ids: number[]][] = [
    [{ state: "invalid", after: 2, limit: 100 }, [6]],
    [{ state: "invalid", after: 0, limit: 1 }, [2]],
    [{ rows: [6, 5, 4, 3, 1] }, [3, 6]],
  ];
  for (const [place, ids] of table) {
    assert.deepEqual((await ledger.leftOut(place)).map(({ id }) => id), ids, JSON.stringify(place));
  }
});

Deno.test("Ledger.claimRows() claims those left out and nobody else, once, and nobody who was replaced", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  await enterAll(ledger);
  {
    using database = openDatabase(folder.file());
    database.prepare("UPDATE recipient SET replaced_by = 'r2@x.test' WHERE id = 2").run();
  }
  const all = [1, 2, 3, 4, 5, 6];
  const claimed = await ledger.claimRows("left-out", all, 99);
  assert.deepEqual(claimed.map(({ id, attempts }) => [id, attempts]), [[3, 0], [6, 1]]);
  assert.deepEqual(await ledger.claimRows("left-out", all, 99), []);
  assert.equal((await ledger.tally()).claimed, 2);
});

Deno.test("Those left out who were claimed when the process was killed are queued, and not in doubt", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    await enterAll(ledger);
    await ledger.claimRows("left-out", [2, 3, 6], 99);
  }
  await using reader = await openLedgerReader(folder.file());
  const tally = await reader.tally();
  assert.deepEqual([tally.queued, tally.invalid, tally.skipped, tally.inDoubt], [3, 1, 1, 0]);
  const states = (await Array.fromAsync(reader.rows())).map(({ state }) => state);
  assert.deepEqual(states, ["sent", "queued", "queued", "skipped", "invalid", "queued"]);
});

Deno.test("Who was left out of an earlier list only is not left out of this one", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    await enterAll(ledger);
  }
  await using ledger = openAt(folder.file(), { facts: { list: "another" } });
  assert.deepEqual(await leftOutOf(ledger), []);
});

Deno.test("Looking for those left out reads the index alone, not the recipients who were simply sent their mail", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    await enterAll(ledger);
  }
  using database = openDatabase(folder.file());
  const { LEFT_OUT_IN_STATE } = await import("../../src/ledger/sqlite/changes/left_out.ts");
  const plan = database.prepare(`EXPLAIN QUERY PLAN ${LEFT_OUT_IN_STATE}`).all(1, 7, 0, 10);
  const detail = plan.map((step) => (step as { detail: string }).detail).join("\n");
  assert.match(
    detail,
    /SEARCH recipient USING INDEX recipient_left_out \(revision=\? AND state=\? AND id>\?/,
  );
  assert.doesNotMatch(detail, /TEMP B-TREE/);
});
