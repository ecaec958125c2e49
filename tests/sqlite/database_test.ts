import assert from "node:assert/strict";
import { ClosedDatabaseError, Database } from "../../src/sqlite/database.ts";
import { guarded } from "../../src/sqlite/guarded.ts";
import { StorageError } from "../../src/sqlite/storage_error.ts";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import { SuppressionWatch } from "../../src/suppression/suppression_watch.ts";
import { openSuppressionList } from "../../src/suppression/suppression_list.ts";
import { entries, Folder, openAt, rowsOf } from "../ledger/ledgers.ts";

Deno.test("Database opened for reading refuses to write, and reads what another one has written", () => {
  using folder = new Folder();
  using writer = new Database(folder.file());
  writer.exec("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1)");
  using reader = new Database(folder.file(), { readOnly: true });
  assert.throws(() => reader.exec("INSERT INTO t VALUES (2)"), /readonly/);
  assert.deepEqual({ ...reader.prepare("SELECT count(*) AS n FROM t").get() }, { n: 1 });
});

function opened(): Database {
  const database = new Database(":memory:");
  database.exec("CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1), (2), (3)");
  return database;
}

for (
  const [method, use] of [
    ["exec", (database) => () => database.exec("SELECT 1")],
    ["prepare", (database) => () => database.prepare("SELECT 1")],
    ["a statement's run", (database) => {
      const statement = database.prepare("DELETE FROM t");
      return () => statement.run();
    }],
    ["a statement's get", (database) => {
      const statement = database.prepare("SELECT n FROM t");
      return () => statement.get();
    }],
    ["a statement's all", (database) => {
      const statement = database.prepare("SELECT n FROM t");
      return () => statement.all();
    }],
    ["a statement's iterate", (database) => {
      const statement = database.prepare("SELECT n FROM t");
      return () => [...statement.iterate()];
    }],
    ["the next row of an iteration that is half done", (database) => {
      const rows = database.prepare("SELECT n FROM t").iterate();
      rows.next();
      return () => rows.next();
    }],
  ] as readonly (readonly [string, (database: Database) => () => unknown])[]
) {
  Deno.test(`Database throws if it is used after it was closed: ${method}`, () => {
    const database = opened();
    const run = use(database);
    database.close();
    database.close();
    assert.throws(run, ClosedDatabaseError);
  });
}

Deno.test("guarded() does not report a bug of ours as a fault of the file", () => {
  const database = opened();
  database.close();
  assert.throws(() => guarded("Cannot read", () => database.exec("SELECT 1")), ClosedDatabaseError);
  assert.throws(() =>
    guarded("Cannot read", () => {
      throw new Error("disk I/O error");
    }), StorageError);
});

Deno.test("A ledger, its reader and a suppression list throw if they are used after they were closed", async () => {
  using folder = new Folder();
  const ledger = openAt(folder.file());
  await ledger.claim(entries(2, 9), 9);
  const half = ledger.rows()[Symbol.asyncIterator]();
  await half.next();
  await ledger[Symbol.asyncDispose]();
  await assert.rejects(ledger.claim(entries(10, 12), 12), ClosedDatabaseError);
  await assert.rejects(ledger.countListRows(), ClosedDatabaseError);
  await assert.rejects(rowsOf(ledger), ClosedDatabaseError);
  const reader = openLedgerReader(folder.file());
  reader[Symbol.dispose]();
  await assert.rejects(reader.tally(), ClosedDatabaseError);
  await assert.rejects(rowsOf(reader), ClosedDatabaseError);
  const list = openSuppressionList(folder.file("suppressed.db"));
  list[Symbol.dispose]();
  assert.throws(() => list.size, ClosedDatabaseError);
  assert.throws(() => [...list.entries()], ClosedDatabaseError);
  const watch = new SuppressionWatch(folder.file("suppressed.db"));
  watch[Symbol.dispose]();
  assert.throws(() => watch.why("a@x.test"), ClosedDatabaseError);
});
