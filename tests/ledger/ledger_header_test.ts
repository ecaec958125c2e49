import assert from "node:assert/strict";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import { settleByHand } from "../../src/ledger/sqlite/by_hand/settle_by_hand.ts";
import { ledgerExists } from "../../src/ledger/sqlite/file/ledger_file.ts";
import { openDatabase } from "../support/database.ts";
import { entries, Folder, openAt, statesOf } from "./ledgers.ts";

/** A rollback journal of a transaction before which the file had `pages` pages, none of which it had changed. */
function journal(pages: number): Uint8Array {
  const bytes = new Uint8Array(512);
  bytes.set([0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]);
  const view = new DataView(bytes.buffer);
  view.setUint32(12, 0x5a3b63a3);
  view.setUint32(16, pages);
  view.setUint32(20, 512);
  view.setUint32(24, 4_096);
  return bytes;
}

/** The files left by a process killed after it has written the first page of a ledger, and before it deletes the journal. */
function killedWhileCreating(path: string): void {
  {
    using database = openDatabase(path);
    database.exec("PRAGMA journal_mode = WAL");
  }
  Deno.writeFileSync(`${path}-journal`, journal(0));
}

Deno.test("SqliteLedger begins again where a process was killed while it made the ledger", async () => {
  using folder = new Folder();
  killedWhileCreating(folder.file());
  assert.equal(ledgerExists(folder.file()), false);
  const none = { message: /because there is none/ };
  assert.throws(() => openLedgerReader(folder.file()), none);
  assert.throws(() => settleByHand(folder.file(), ["a@x.test"], "sent"), none);
  await using ledger = openAt(folder.file());
  await ledger.claim(entries(2, 2), 2);
  assert.deepEqual(await statesOf(ledger), ["r2@x.test claimed"]);
});

Deno.test("A ledger whose process was killed in a transaction of the other kind is as it was before that", async () => {
  using folder = new Folder();
  const path = folder.file();
  {
    await using ledger = openAt(path);
    await ledger.claim(entries(2, 9), 9);
  }
  {
    using database = openDatabase(path);
    database.exec("PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; BEGIN IMMEDIATE");
    database.exec("UPDATE recipient SET state = 4, fields = fields || zeroblob(20000)");
    for (const end of ["", "-journal"]) Deno.copyFileSync(path + end, folder.file("killed") + end);
    database.exec("ROLLBACK");
  }
  assert(Deno.statSync(folder.file("killed-journal")).size > 512);
  using reader = openLedgerReader(folder.file("killed"));
  assert.deepEqual((await reader.tally()).queued, 8);
  await using ledger = openAt(folder.file("killed"));
  assert.equal((await ledger.tally()).queued, 8);
});

for (
  const [what, make, message] of [
    [
      "a text beside which an empty file's journal lies",
      (path: string) => Deno.writeTextFileSync(path, "Email\na@x.test\n".repeat(50)),
      /not one; the file was left untouched/,
    ],
    [
      "another program's database that it was just making",
      (path: string) => {
        using database = openDatabase(path);
        database.exec("PRAGMA application_id = 252006673; CREATE TABLE t (a)");
      },
      /another program created it; the file was left untouched/,
    ],
    [
      "a ledger beside which another file's journal lies",
      (path: string) => void openAt(path)[Symbol.asyncDispose](),
      /c\.ledger-journal' beside it belongs to another file.*left untouched/,
    ],
  ] as const
) {
  Deno.test(`SqliteLedger leaves ${what} untouched, byte for byte`, () => {
    using folder = new Folder();
    const path = folder.file();
    make(path);
    Deno.writeFileSync(`${path}-journal`, journal(0));
    const before = [path, `${path}-journal`].map((name) => Deno.readFileSync(name));
    for (
      const open of [
        () => openAt(path),
        () => settleByHand(path, ["a@x.test"], "sent"),
        () => openLedgerReader(path),
        () => ledgerExists(path),
      ]
    ) assert.throws(open, { name: "StorageError", message });
    const after = [path, `${path}-journal`].map((name) => Deno.readFileSync(name));
    assert.deepEqual(after, before);
  });
}

Deno.test("SqliteLedger leaves another program's database untouched that was killed while it changed it", () => {
  using folder = new Folder();
  const path = folder.file();
  {
    using database = openDatabase(folder.file("theirs"));
    database.exec("CREATE TABLE t (a); INSERT INTO t VALUES (zeroblob(90000))");
    database.exec("PRAGMA cache_size = 1; BEGIN; UPDATE t SET a = randomblob(90000)");
    for (const end of ["", "-journal"]) Deno.copyFileSync(folder.file("theirs") + end, path + end);
    database.exec("ROLLBACK");
  }
  const files = [path, `${path}-journal`];
  const before = files.map((name) => Deno.readFileSync(name));
  assert.throws(() => openAt(path), {
    name: "StorageError",
    message: /another program created it/,
  });
  assert.deepEqual(files.map((name) => Deno.readFileSync(name)), before);
});
