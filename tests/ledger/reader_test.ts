import type { Scan } from "../../src/model/scan.ts";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import assert from "node:assert/strict";
import {
  deferred,
  entries,
  Folder,
  handedOver,
  idsOf,
  openAt,
  OUTCOMES,
  rowsOf,
  settled,
  statesOf,
} from "./ledgers.ts";
import { OtherProcess } from "./other_process.ts";
import { Database } from "../../src/sqlite/database.ts";
import { openDatabase } from "../support/database.ts";
import { until } from "../support/until.ts";

Deno.test("openLedgerReader() sees the progress of a running process", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  using reader = openLedgerReader(folder.file());
  assert.equal((await reader.tally()).total, 0);
  assert.equal(reader.facts.campaign, "c");
  const [id] = idsOf(await ledger.claim(entries(2, 4), 4));
  await until("three are claimed", async () => (await reader.tally()).claimed === 3);
  await ledger.write([settled(id!, OUTCOMES.sent)]);
  await until("one is sent", async () => (await reader.tally()).sent === 1);
  assert.deepEqual(await statesOf(reader), [
    "r2@x.test sent",
    "r3@x.test claimed",
    "r4@x.test claimed",
  ]);
});

Deno.test("openLedgerReader() shows recipients that a killed process had handed over as in doubt at once", async () => {
  using folder = new Folder();
  const copy = folder.file("copy");
  {
    await using ledger = openAt(folder.file());
    const [handed] = idsOf(await ledger.claim(entries(2, 3), 3));
    await ledger.write([handedOver(handed!)]);
    for (const end of ["", "-wal"]) Deno.copyFileSync(folder.file() + end, copy + end);
  }
  using reader = openLedgerReader(copy);
  const { inDoubt, queued, claimed } = await reader.tally();
  assert.deepEqual([inDoubt, queued, claimed], [1, 1, 0]);
  assert.deepEqual(await statesOf(reader), ["r2@x.test in-doubt", "r3@x.test queued"]);
  const [row] = await rowsOf(reader, ["in-doubt"]);
  assert.match(row?.reason ?? "", /^Handed over /);
  const [queued3] = await rowsOf(reader, ["queued"]);
  assert.equal(queued3?.reason, undefined, "nothing has happened to it yet");
  assert.equal((await rowsOf(reader, ["claimed", "handed-over"])).length, 0);
});

Deno.test("openLedgerReader() shows when and why recipients were settled, word for word up to 500 characters", async () => {
  using folder = new Folder();
  const long = `Bad ${"x".repeat(600)}`;
  {
    await using ledger = openAt(folder.file());
    const [first, second] = idsOf(await ledger.claim(entries(2, 3), 3));
    await ledger.write([
      settled(first!, OUTCOMES.failed, 4_000),
      settled(second!, { ...OUTCOMES.failed, reason: long }, 5_000),
    ]);
  }
  using reader = openLedgerReader(folder.file());
  const rows = await rowsOf(reader);
  assert.deepEqual(rows.map(({ at, reason }) => [at, reason]), [
    [4_000, "RCPT was refused"],
    [5_000, long.slice(0, 500)],
  ]);
});

Deno.test("openLedgerReader() shows when a deferred recipient is due", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  const [id] = idsOf(await ledger.claim(entries(2, 2), 2));
  await ledger.write([settled(id!, deferred(9_000))]);
  using reader = openLedgerReader(folder.file());
  assert.deepEqual((await rowsOf(reader)).map(({ notBefore }) => notBefore), [9_000]);
});

Deno.test("openLedgerReader() closes the file if its facts cannot be read", async () => {
  using folder = new Folder();
  {
    await using _ledger = openAt(folder.file());
  }
  {
    using database = openDatabase(folder.file());
    database.exec("UPDATE fact SET value = '{' WHERE name = 'campaign'");
  }
  const { close } = Database.prototype;
  let closed = 0;
  Database.prototype.close = function () {
    closed++;
    close.call(this);
  };
  try {
    assert.throws(() => openLedgerReader(folder.file()));
    assert.equal(closed, 1);
  } finally {
    Database.prototype.close = close;
  }
});

Deno.test("openLedgerReader() counts the rows of the list that are not in the ledger, also where the list changed", async () => {
  using folder = new Folder();
  const scan = { rows: 5 } as Scan;
  const notReached = async () => {
    using reader = openLedgerReader(folder.file());
    return (await reader.rowsLeft()).notReached;
  };
  {
    await using ledger = openAt(folder.file(), { facts: { scan } });
    await ledger.claim(entries(2, 4), 4);
    assert.deepEqual([await ledger.countListRows(), await notReached()], [3, 2]);
  }
  {
    await using _other = openAt(folder.file(), { facts: { list: "list 2", scan } });
    assert.equal(await notReached(), 5);
  }
  await using _part = openAt(folder.file(), { facts: { shard: "1/2", scan } });
  assert.equal(await notReached(), undefined);
});

Deno.test("openLedgerReader() does not take another reader for a process that sends", async () => {
  using folder = new Folder();
  // It leaves its name in the ledger.
  await (await OtherProcess.start(folder.file())).kill();
  // What a look takes, for longer than it takes it.
  using other = openDatabase(`${folder.file()}.lock`);
  other.exec("BEGIN");
  other.prepare("PRAGMA schema_version").get();
  using reader = openLedgerReader(folder.file());
  assert.equal(await reader.holder(), undefined);
  other.exec("COMMIT");
  await using _sending = openAt(folder.file());
  assert.equal((await reader.holder())?.pid, Deno.pid);
});

Deno.test("LedgerReader.waiting() yields all waiting recipients once, in the order of the rows, however many", async () => {
  for (const count of [0, 999, 1_000, 2_001]) {
    using folder = new Folder();
    {
      await using ledger = openAt(folder.file());
      const ids = idsOf(await ledger.claim(entries(2, count + 3), count + 3));
      await ledger.write([settled(ids[0]!, OUTCOMES.sent), settled(ids[1]!, OUTCOMES["in-doubt"])]);
    }
    using reader = openLedgerReader(folder.file());
    const keys: string[] = [];
    for await (const waiting of reader.waiting()) {
      assert.ok(waiting.length > 0);
      keys.push(...waiting.map(({ key }) => key));
    }
    assert.deepEqual(keys, entries(4, count + 3).map(({ row }) => row.address), `${count}`);
  }
});
