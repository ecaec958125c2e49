import assert from "node:assert/strict";
import { hostname } from "node:os";
import { StorageError } from "../../src/sqlite/storage_error.ts";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import { settleByHand } from "../../src/ledger/sqlite/by_hand/settle_by_hand.ts";
import {
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
import { openDatabase } from "../support/database.ts";

function filesOf(folder: Folder): Map<string, Uint8Array> {
  return new Map(
    [...Deno.readDirSync(folder.path)].filter(({ isFile }) => isFile)
      .map(({ name }) => [name, Deno.readFileSync(folder.file(name))]),
  );
}

/** Asserts that every way to open a ledger for writing is refused, and that no byte of the file changes. */
function refuses(folder: Folder, path: string, message: RegExp): void {
  const before = filesOf(folder);
  for (
    const open of [() => openAt(path), () => settleByHand(path, ["a@x.test"], "sent")]
  ) {
    assert.throws(open, (error) => {
      assert.ok(error instanceof StorageError, String(error));
      assert.match(error.message, message);
      return true;
    });
  }
  const after = filesOf(folder);
  for (const [name, bytes] of before) assert.deepEqual(after.get(name), bytes, name);
}

Deno.test("SqliteLedger does not build the tables of a ledger of its own version again", async () => {
  using folder = new Folder();
  const version = () => {
    using database = openDatabase(folder.file());
    // Every change of a table or an index adds to it.
    return database.prepare("PRAGMA schema_version").get()!["schema_version"];
  };
  {
    await using ledger = openAt(folder.file());
    await ledger.claim(entries(2, 3), 3);
  }
  const before = version();
  {
    await using _ledger = openAt(folder.file());
  }
  assert.equal(version(), before);
});

Deno.test("SqliteLedger refuses a second process, and names the one that has the ledger", async () => {
  using folder = new Folder();
  const path = folder.file();
  await using other = await OtherProcess.start(path);
  const who = new RegExp(
    `in use: process ${other.pid} on ${hostname()}, since \\d{4}-\\d\\d-\\d\\dT.*, is sending from it$`,
  );
  assert.throws(() => openAt(path), { name: "StorageError", message: who });
  assert.throws(() => settleByHand(path, ["r2@x.test"], "sent"), { message: who });
  using reader = openLedgerReader(path);
  assert.equal((await reader.holder())?.pid, other.pid, "reading is allowed");
});

Deno.test("SqliteLedger can be opened as soon as the process that had it is killed", async () => {
  using folder = new Folder();
  const path = folder.file();
  await using other = await OtherProcess.start(path);
  await other.kill();
  await using _ledger = openAt(path);
  using reader = openLedgerReader(path);
  assert.equal((await reader.holder())?.pid, Deno.pid);
});

Deno.test("SqliteLedger has every committed outcome after kill -9: claimed is queued again, handed over in doubt", async () => {
  using folder = new Folder();
  const path = folder.file();
  await using other = await OtherProcess.start(path, "work");
  await other.lines(60);
  const committed = (await other.kill()).slice(1).map(Number);
  await using ledger = openAt(path);
  const rows = await rowsOf(ledger);
  const stateOf = new Map(rows.map(({ id, state }) => [id, state]));
  for (const id of committed) assert.equal(stateOf.get(id), "sent", `recipient ${id}`);
  assert.deepEqual(rows.map(({ line }) => line), rows.map((_, at) => at + 2), "nobody is missing");
  assert.ok(rows.length >= ledger.opened.resumeAfterLine - 1);
  const { claimed, inDoubt, queued, sent, total } = await ledger.tally();
  assert.equal(claimed, 0);
  assert.equal(ledger.opened.newlyInDoubt, inDoubt);
  assert.equal(sent + queued + inDoubt, total);
  const [doubt] = await rowsOf(ledger, ["in-doubt"]);
  assert.equal(
    doubt?.reason,
    "Handed over to mx.test:25 when the process ended; no reply was recorded",
  );
});

Deno.test("Copies of a ledger's files taken at any moment open, and nobody is lost in them", async () => {
  using folder = new Folder();
  const path = folder.file();
  const copies: { name: string; told: number }[] = [];
  {
    await using other = await OtherProcess.start(path, "work");
    for (let told = 1; copies.length < 8; told += 25) {
      const lines = (await other.lines(told)).length - 1;
      const name = folder.file(`copy-${copies.length}`);
      // The log first: what is moved into the file in between is then in both.
      for (const end of ["-wal", ""]) Deno.copyFileSync(path + end, name + end);
      copies.push({ name, told: lines });
    }
  }
  for (const { name, told } of copies) {
    await using ledger = openAt(name);
    const rows = await rowsOf(ledger);
    assert.deepEqual(rows.map(({ line }) => line), rows.map((_, at) => at + 2));
    assert.ok(rows.length >= ledger.opened.resumeAfterLine - 1, "all passed-over rows are there");
    assert.ok((await ledger.tally()).sent >= told, "what was committed before the copy is in it");
    assert.equal(rows.filter(({ state }) => state === "sent").length, (await ledger.tally()).sent);
    using database = openDatabase(name, { readOnly: true });
    assert.deepEqual({ ...database.prepare("PRAGMA integrity_check").get() }, {
      integrity_check: "ok",
    });
  }
});

for (
  const [what, make, message] of [
    ["a text file", (path: string) => Deno.writeTextFileSync(path, "Email\na@x.test\n"), /not one/],
    [
      "random bytes",
      (path: string) => Deno.writeFileSync(path, crypto.getRandomValues(new Uint8Array(9_000))),
      /not one; the file was left untouched/,
    ],
    [
      "the first bytes of a database and nothing more",
      (path: string) => Deno.writeTextFileSync(path, "SQLite format 3\0"),
      /not one/,
    ],
    [
      "the header of a database before garbage",
      (path: string) => Deno.writeTextFileSync(path, "SQLite format 3\0" + "x".repeat(5_000)),
      /another program created it; the file was left untouched/,
    ],
    [
      "another program's database",
      (path: string) => {
        using database = openDatabase(path);
        database.exec("CREATE TABLE t (a); INSERT INTO t VALUES (1)");
      },
      /another program created it; the file was left untouched/,
    ],
    [
      "another program's database that names its program",
      (path: string) => {
        using database = openDatabase(path);
        database.exec("PRAGMA application_id = 252006673; CREATE TABLE t (a)");
      },
      /another program created it/,
    ],
    [
      "a ledger of a newer version",
      (path: string) => {
        openAt(path)[Symbol.asyncDispose]();
        using database = openDatabase(path);
        database.exec("PRAGMA user_version = 99");
      },
      /a newer version of this program created it: found schema 99, this version supports 4; the file was left untouched/,
    ],
  ] as const
) {
  Deno.test(`SqliteLedger leaves ${what} untouched, byte for byte`, () => {
    using folder = new Folder();
    make(folder.file());
    refuses(folder, folder.file(), message);
    assert.throws(() => openLedgerReader(folder.file()), { name: "StorageError", message });
  });
}

Deno.test("SqliteLedger leaves another program's database untouched whose tables are in its log still", () => {
  using folder = new Folder();
  using database = openDatabase(folder.file());
  database.exec("PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1)");
  const before = filesOf(folder);
  assert.throws(() => openAt(folder.file()), { name: "StorageError", message: /another program/ });
  for (const name of ["c.ledger", "c.ledger-wal"]) {
    assert.deepEqual(Deno.readFileSync(folder.file(name)), before.get(name), name);
  }
});

Deno.test("SqliteLedger opens a ledger whose first process was killed before it had made anything", async () => {
  using folder = new Folder();
  Deno.writeFileSync(folder.file("empty"), new Uint8Array());
  {
    using database = openDatabase(folder.file("header"));
    database.exec("PRAGMA journal_mode = WAL");
  }
  for (const name of ["empty", "header"]) {
    await using ledger = openAt(folder.file(name));
    await ledger.claim(entries(2, 2), 2);
    assert.deepEqual(await statesOf(ledger), ["r2@x.test claimed"]);
  }
});

Deno.test("SqliteLedger refuses a damaged ledger, and leaves it unchanged", async () => {
  using folder = new Folder();
  const path = folder.file();
  {
    await using ledger = openAt(path);
    const ids = idsOf(await ledger.claim(entries(2, 500), 500));
    await ledger.write(ids.map(handedOver));
    await ledger.write(ids.map((id) => settled(id, OUTCOMES.sent)));
  }
  const whole = Deno.readFileSync(path);
  Deno.writeFileSync(path, whole.subarray(0, 4_096 * 3 + 100));
  assert.throws(() => openAt(path), { name: "StorageError" });
  assert.deepEqual(Deno.readFileSync(path), whole.subarray(0, 4_096 * 3 + 100));
});

for (
  const [what, path, message] of [
    ["is a directory", (folder: Folder) => folder.path, /Cannot read the ledger/],
    ["is in no folder", (folder: Folder) => folder.file("none/c.ledger"), /Cannot lock the ledger/],
    ["cannot be made", () => "/proc/c.ledger", /Cannot lock the ledger/],
  ] as const
) {
  Deno.test(`SqliteLedger throws a StorageError where the path ${what}`, () => {
    using folder = new Folder();
    assert.throws(() => openAt(path(folder)), { name: "StorageError", message });
  });
}

Deno.test("Reading or settling creates no ledger if there is none", () => {
  using folder = new Folder();
  const none = { name: "StorageError", message: /because there is none: found no file/ };
  assert.throws(() => openLedgerReader(folder.file()), none);
  assert.throws(() => settleByHand(folder.file(), ["a@x.test"], "sent"), none);
  assert.deepEqual([...filesOf(folder).keys()], []);
});
