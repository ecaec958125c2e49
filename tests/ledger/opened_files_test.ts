import assert from "node:assert/strict";
import { isOpenElsewhere } from "../../src/ledger/sqlite/file/holder.ts";
import { StorageError } from "../../src/sqlite/storage_error.ts";
import { ledgerPath } from "../../src/ledger/sqlite/file/ledger_path.ts";
import { isOpenHere } from "../../src/ledger/sqlite/file/opened_files.ts";
import { ledgerExists } from "../../src/ledger/sqlite/file/ledger_file.ts";
import { isHeld, lockLedger } from "../../src/ledger/sqlite/file/lock.ts";
import { entries, Folder, openAt } from "./ledgers.ts";

Deno.test("isOpenHere() knows a ledger that this process writes to by each of its names, until it is closed", async () => {
  using folder = new Folder();
  {
    await using _ledger = openAt(folder.file());
    Deno.linkSync(folder.file(), folder.file("hard"));
    Deno.writeTextFileSync(folder.file("other"), "");
    const names = ["c.ledger", "hard", "other", "none"];
    assert.deepEqual(names.map((name) => isOpenHere(folder.file(name))), [
      true,
      true,
      false,
      false,
    ]);
  }
  assert.equal(isOpenHere(folder.file()), false);
});

Deno.test("ledgerExists() distinguishes a ledger from a missing and an unfinished one", async () => {
  using folder = new Folder();
  assert.equal(ledgerExists(folder.file()), false);
  Deno.writeTextFileSync(folder.file(), "");
  assert.equal(ledgerExists(folder.file()), false);
  await openAt(folder.file())[Symbol.asyncDispose]();
  assert.equal(ledgerExists(folder.file()), true);
  Deno.writeTextFileSync(folder.file("text"), "Email\n");
  assert.throws(() => ledgerExists(folder.file("text")), StorageError);
});

Deno.test("isOpenElsewhere() does not take a fault of the file for another process that has it", () => {
  using folder = new Folder();
  Deno.writeTextFileSync(folder.file(), "no database, though long enough for one\n".repeat(50));
  assert.throws(() => isOpenElsewhere(ledgerPath(folder.file())), /not a database/);
});

Deno.test("lockLedger() waits a moment for readers of the lock, and has it until it is closed", () => {
  using folder = new Folder();
  const path = ledgerPath(folder.file());
  assert.equal(isHeld(path.file), undefined, "there is no lock");
  {
    using lock = lockLedger(path, () => undefined);
    assert.deepEqual({ ...lock.prepare("PRAGMA busy_timeout").get() as object }, { timeout: 250 });
    assert.equal(isHeld(path.file), true);
    assert.throws(
      () => lockLedger(path, () => ({ pid: 7, host: "host", since: "2026-11-27T09:00:00.000Z" })),
      {
        message:
          `Cannot open the ledger '${folder.file()}' because it is in use: process 7 on host, since 2026-11-27T09:00:00.000Z, is sending from it`,
      },
    );
  }
  assert.equal(isHeld(path.file), false);
});

for (
  const [what, act, hint] of [
    [
      "its lock was deleted",
      (file: string) => Deno.removeSync(`${file}.lock`),
      /^A second run could have started\. /,
    ],
    [
      "its log was deleted",
      (file: string) => Deno.removeSync(`${file}-wal`),
      /^Its record will be complete again when this run ends\. /,
    ],
    [
      "its log's index was deleted",
      (file: string) => Deno.removeSync(`${file}-shm`),
      /^Its record will be complete again when this run ends\. /,
    ],
    [
      "its log was cut short",
      (file: string) => Deno.truncateSync(`${file}-wal`),
      /^Its content is lost\. Restore a copy, /,
    ],
    [
      "it was cut short",
      (file: string) => Deno.truncateSync(file),
      /^Its content is lost\. Restore a copy, /,
    ],
    [
      "it was deleted",
      (file: string) => Deno.removeSync(file),
      /^Its record is saved as '.*c\.ledger\.saved' and moved back to '.*c\.ledger' when this run ends\.$/,
    ],
    [
      "it was renamed",
      (file: string) => Deno.renameSync(file, `${file}.moved`),
      /^Its record is saved as '.*\.saved' and moved back /,
    ],
    ["it was replaced", (file: string) => {
      Deno.copyFileSync(file, `${file}.new`);
      Deno.renameSync(`${file}.new`, file);
    }, /^Its record is saved as '(.*)\.saved'. Rename that file to '\1' before you run again\.$/],
  ] as const
) {
  Deno.test(`SqliteLedger says what to do if ${what}, at each check`, async () => {
    using folder = new Folder();
    const ledger = openAt(folder.file());
    await ledger.claim(entries(2, 41), 41);
    await ledger.sync();
    act(folder.file());
    for (let time = 0; time < 2; time++) {
      const error = await ledger.sync().then(() => undefined, (error) => error);
      assert(error instanceof StorageError);
      assert.match(error.hint ?? "", hint);
    }
    await ledger[Symbol.asyncDispose]();
  });
}
