import assert from "node:assert/strict";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import * as sql from "../../src/ledger/sqlite/statements.ts";
import { openDatabase } from "../support/database.ts";
import {
  deferred,
  entries,
  Folder,
  fullDisk,
  handedOver,
  idsOf,
  openAt,
  OUTCOMES,
  recipient,
  rowsOf,
  settled,
} from "./ledgers.ts";

Deno.test("SqliteLedger.claimDue() returns those who are due, longest due first, up to the limit, each once", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const ids = idsOf(await ledger.claim(entries(2, 5), 5));
  const due = [30, 10, 20, 99];
  await ledger.write(ids.map((id, at) => settled(id, deferred(due[at]!), 5)));
  assert.equal(await ledger.nextDue(1), 10);
  const first = await ledger.claimDue(30, 2);
  assert.deepEqual(first.map(({ id }) => id), [ids[1], ids[2]]);
  assert.deepEqual(first[0], {
    id: ids[1],
    recipient: recipient(3),
    attempts: 1,
    firstTriedAt: 5,
  });
  assert.deepEqual((await ledger.claimDue(30, 2)).map(({ id }) => id), [ids[0]]);
  assert.deepEqual(await ledger.claimDue(30, 2), []);
  assert.equal(await ledger.nextDue(1), 99);
});

Deno.test("SqliteLedger.claimRows() claims those of the chosen rows that wait and are due, and no others", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const ids = idsOf(await ledger.claim(entries(2, 6), 6));
  await ledger.write(ids.slice(0, 3).map((id, at) => settled(id, deferred(10 + at))));
  await ledger.write([settled(ids[3]!, OUTCOMES.sent)]);
  const owed = await ledger.claimRows("due", [...ids.slice(1), 99], 11);
  assert.deepEqual(owed.map(({ id }) => id), [ids[1]]);
  assert.deepEqual(await ledger.claimRows("due", ids, 11).then((all) => all.map(({ id }) => id)), [
    ids[0],
  ]);
});

Deno.test("SqliteLedger asks who is due without reading those who wait in an earlier list", () => {
  for (const text of [sql.DUE, sql.NEXT_DUE, sql.COUNT_MISSING, sql.WAITS_ELSEWHERE]) {
    using folder = new Folder();
    openAt(folder.file())[Symbol.asyncDispose]();
    using database = openDatabase(folder.file());
    const plan = database.prepare(`EXPLAIN QUERY PLAN ${text}`).all();
    const steps = plan.map(({ detail }) => String(detail));
    assert.match(steps.join("; "), /USING (COVERING )?INDEX recipient_due \(revision[=<]\?/, text);
    assert.doesNotMatch(steps.join("; "), /TEMP B-TREE/, text);
  }
});

Deno.test("SqliteLedger sends recipients in doubt again where that is asked for", async () => {
  using folder = new Folder();
  {
    await using ledger = openAt(folder.file());
    const [id] = idsOf(await ledger.claim(entries(2, 2), 2));
    await ledger.write([handedOver(id!)]);
    await ledger.write([settled(id!, OUTCOMES["in-doubt"])]);
  }
  await using ledger = openAt(folder.file());
  assert.deepEqual(await ledger.claimDue(Date.now(), 10), []);
  const ids = await ledger.inDoubt();
  assert.deepEqual(await ledger.claimRows("due", ids, Date.now()), []);
  assert.equal((await ledger.tally()).inDoubt, 1);
  assert.equal((await ledger.claimRows("in-doubt", ids, 1)).length, 1);
  assert.deepEqual([(await ledger.tally()).inDoubt, (await ledger.tally()).claimed], [0, 1]);
});

Deno.test("SqliteLedger that cannot write its release shows what the next run will find, also for those in doubt before", async () => {
  using folder = new Folder();
  const ledger = openAt(folder.file());
  const ids = idsOf(await ledger.claim(entries(2, 6), 6));
  await ledger.write(ids.map(handedOver));
  await ledger.write(ids.slice(0, 3).map((id) => settled(id, OUTCOMES["in-doubt"])));
  await ledger.claimRows("in-doubt", ids.slice(0, 3), 1);
  {
    using _full = fullDisk(folder.file(), "UPDATE", "1", "tally");
    await ledger.release();
    const { inDoubt, queued, claimed } = await ledger.tally();
    assert.deepEqual([inDoubt, queued, claimed], [5, 0, 0]);
    await ledger[Symbol.asyncDispose]();
  }
  using reader = openLedgerReader(folder.file());
  assert.deepEqual(await reader.tally(), await ledger.tally());
});

Deno.test("SqliteLedger keeps those in doubt whom a run claimed to mail again but did not hand over, closed or killed", async () => {
  using folder = new Folder();
  const killed = folder.file("killed");
  {
    await using ledger = openAt(folder.file());
    const ids = idsOf(await ledger.claim(entries(2, 5), 5));
    await ledger.write(ids.map(handedOver));
    await ledger.write(ids.map((id) => settled(id, OUTCOMES["in-doubt"])));
    await ledger.claimRows("in-doubt", ids.slice(0, 2), 1);
    await ledger.claim(entries(6, 6), 6);
    for (const end of ["", "-wal"]) Deno.copyFileSync(folder.file() + end, killed + end);
  }
  for (const path of [folder.file(), killed]) {
    {
      using reader = openLedgerReader(path);
      const { inDoubt, queued } = await reader.tally();
      assert.deepEqual([inDoubt, queued], [4, 1], path);
      assert.equal((await rowsOf(reader, ["in-doubt"])).length, 4);
      assert.equal((await rowsOf(reader, ["queued"])).length, 1);
    }
    await using ledger = openAt(path);
    assert.deepEqual([(await ledger.tally()).inDoubt, (await ledger.tally()).queued], [4, 1], path);
    assert.deepEqual((await rowsOf(ledger, ["queued"])).map(({ line }) => line), [6]);
  }
});
