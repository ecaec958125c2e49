import assert from "node:assert/strict";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import * as sql from "../../src/ledger/sqlite/statements.ts";
import { openDatabase } from "../support/database.ts";
import {
  badRow,
  entry,
  Folder,
  idsOf,
  makeVersion1,
  makeVersion3,
  openAt,
  OUTCOMES,
  recipient,
  settled,
} from "./ledgers.ts";

/** Two suppressed recipients, one of them only when their mail was made, and rows of every other kind. */
async function enterMixed(path: string): Promise<void> {
  await using ledger = openAt(path);
  const [sent, later, invalid] = idsOf(
    await ledger.claim([
      entry(recipient(2, "sent@x.test")),
      entry(recipient(3, "left@x.test"), "Suppressed: unsubscribed"),
      entry(recipient(4, "later@x.test")),
      entry(recipient(5, "sent@x.test")),
      entry(badRow(6)),
      entry(recipient(7, "invalid@x.test")),
      entry(recipient(8, "waits@x.test")),
    ], 8),
  );
  await ledger.write([
    settled(sent!, OUTCOMES.sent),
    settled(later!, OUTCOMES.skipped),
    settled(invalid!, OUTCOMES.invalid),
  ]);
  assert.equal((await ledger.tally()).skipped, 3);
  assert.equal(await ledger.countSuppressed(), 2);
}

Deno.test("countSuppressed() counts neither duplicates nor invalid rows, whatever the ledger's version", async () => {
  for (const older of [undefined, makeVersion3, makeVersion1]) {
    using folder = new Folder();
    const path = folder.file();
    await enterMixed(path);
    older?.(path);
    using reader = openLedgerReader(path);
    assert.equal(await reader.countSuppressed(), 2, older?.name);
    assert.equal((await reader.tally()).skipped, 3, older?.name);
  }
});

Deno.test("countSuppressed() does not count recipients who were removed from the list", async () => {
  using folder = new Folder();
  await enterMixed(folder.file());
  await using ledger = openAt(folder.file(), { facts: { list: "list 2" } });
  await ledger.claim([
    entry(recipient(2, "left@x.test"), "Suppressed: unsubscribed"),
    entry(recipient(3, "sent@x.test")),
  ], 3);
  // later@x.test is suppressed only in the earlier list, and waits@x.test was dropped with it.
  assert.equal(await ledger.skipMissing("list.csv"), 1);
  assert.equal((await ledger.tally()).skipped, 3);
  assert.equal(await ledger.countSuppressed(), 1);
});

Deno.test("countSuppressed() does not count recipients who were replaced by another", async () => {
  using folder = new Folder();
  await enterMixed(folder.file());
  {
    using database = openDatabase(folder.file());
    database.exec("UPDATE recipient SET replaced_by = 'new@x.test' WHERE key = 'later@x.test'");
  }
  using reader = openLedgerReader(folder.file());
  assert.equal(await reader.countSuppressed(), 1);
});

Deno.test("countSuppressed() asks the index of recipients left out", async () => {
  using folder = new Folder();
  await enterMixed(folder.file());
  using database = openDatabase(folder.file());
  const plan = database.prepare(`EXPLAIN QUERY PLAN ${sql.COUNT_SUPPRESSED}`).all(1);
  assert.deepEqual(plan.map(({ detail }) => detail), [
    "SEARCH recipient USING INDEX recipient_left_out (revision=? AND state=?)",
  ]);
});
