import assert from "node:assert/strict";
import { StorageError } from "../../src/sqlite/storage_error.ts";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import { settleByHand } from "../../src/ledger/sqlite/by_hand/settle_by_hand.ts";
import type { SqliteLedger } from "../../src/ledger/sqlite/sqlite_ledger.ts";
import { openDatabase } from "../support/database.ts";
import { entries, Folder, handedOver, idsOf, openAt, OUTCOMES, settled } from "./ledgers.ts";
import { OtherProcess } from "./other_process.ts";

type Act = (folder: Folder) => void;

const remove = (...ends: readonly string[]): Act => (folder) =>
  ends.forEach((end) => Deno.removeSync(folder.file() + end));
const move = (to: string): Act => (folder) => Deno.renameSync(folder.file(), folder.file(to));
/** As `: > file` does. */
const cut = (end: string): Act => (folder) => Deno.truncateSync(folder.file() + end);
/** As `mv` over it does. */
const replace = (end: string): Act => (folder) => {
  Deno.copyFileSync(folder.file() + end, folder.file("other"));
  Deno.renameSync(folder.file("other"), folder.file() + end);
};

/** Sends to 40 people, half of them in the ledger's file already and half in its log. */
async function sendTo40(ledger: SqliteLedger): Promise<void> {
  const ids = idsOf(await ledger.claim(entries(2, 41), 41));
  await ledger.write(ids.map(handedOver));
  await ledger.write(ids.slice(0, 20).map((id) => settled(id, OUTCOMES.sent)));
}

/** The message for a ledger whose files are gone: what happened, and what to do. */
async function lossOf(attempt: Promise<unknown>): Promise<string> {
  const error = await attempt.then(() => undefined, (error) => error);
  assert(error instanceof StorageError, "refused");
  return `${error.message}; ${error.hint}`;
}

function sentIn(path: string): number {
  using database = openDatabase(path, { readOnly: true });
  assert.deepEqual({ ...database.prepare("PRAGMA integrity_check").get() }, {
    integrity_check: "ok",
  });
  const counted = database.prepare("SELECT count(*) AS n FROM recipient WHERE state = 4");
  return (counted.get() as { n: number }).n;
}

for (
  const [what, act, message, kept] of [
    ["is deleted", remove(""), /'(.*c\.ledger)' as it was deleted while .*saved as '\1\.saved'/, [
      "",
    ]],
    [
      "is deleted with all that is beside it",
      remove("", "-wal", "-shm", ".lock"),
      /c\.ledger' as it was deleted while/,
      [""],
    ],
    ["is renamed", move("moved"), /c\.ledger' as it was deleted or renamed while/, ["", "moved"]],
    ["is replaced", replace(""), /c\.ledger' as it was replaced .*Rename that file to/, ["saved"]],
    ["has lost its log", remove("-wal"), /c\.ledger-wal' was deleted or renamed while/, [""]],
    ["has lost its log's index", remove("-shm"), /c\.ledger-shm' was deleted or renamed/, [""]],
    ["has lost both", remove("-wal", "-shm"), /c\.ledger-wal' was deleted or renamed/, [""]],
    ["has another log", replace("-wal"), /c\.ledger-wal' was replaced/, [""]],
    ["has a log that was cut short", cut("-wal"), /c\.ledger-wal' was cut short while/, []],
    ["has lost its lock", remove(".lock"), /c\.ledger\.lock' was deleted or renamed/, [""]],
    ["has another lock", replace(".lock"), /c\.ledger\.lock' was replaced/, [""]],
  ] as const
) {
  Deno.test(`SqliteLedger begins nothing new when its file ${what}, and keeps all that is under way`, async () => {
    using folder = new Folder();
    const ledger = openAt(folder.file());
    await sendTo40(ledger);
    await ledger.sync();
    act(folder);
    assert.match(await lossOf(ledger.sync()), message);
    assert.match(await lossOf(ledger.claim(entries(42, 42), 42)), message);
    const open = await Array.fromAsync(ledger.rows(["handed-over"]));
    await ledger.write(open.map(({ id }) => settled(id, OUTCOMES.sent)));
    await ledger[Symbol.asyncDispose]();
    for (const name of kept) {
      const path = name === ""
        ? folder.file()
        : folder.file(name.replace("saved", "c.ledger.saved"));
      assert.equal(sentIn(path), 40, path);
    }
  });
}

Deno.test("SqliteLedger that has lost its log writes into the file itself, in case it is killed then", async () => {
  using folder = new Folder();
  await using ledger = openAt(folder.file());
  await sendTo40(ledger);
  Deno.removeSync(folder.file("c.ledger-wal"));
  await assert.rejects(ledger.sync(), { name: "StorageError" });
  const open = await Array.fromAsync(ledger.rows(["handed-over"]));
  await ledger.write(open.map(({ id }) => settled(id, OUTCOMES.sent)));
  Deno.copyFileSync(folder.file(), folder.file("as a killed process leaves it"));
  assert.equal(sentIn(folder.file("as a killed process leaves it")), 40);
});

Deno.test("SqliteLedger.claim() checks the files before the first claim", async () => {
  using folder = new Folder();
  const ledger = openAt(folder.file());
  Deno.removeSync(folder.file());
  await assert.rejects(ledger.claim(entries(2, 3), 3), {
    message: /was deleted while in use/,
  });
  await ledger[Symbol.asyncDispose]();
});

Deno.test("SqliteLedger says that its file was cut short, as by `> c.ledger`", async () => {
  using folder = new Folder();
  const ledger = openAt(folder.file());
  await sendTo40(ledger);
  Deno.truncateSync(folder.file());
  assert.match(await lossOf(ledger.sync()), /cut short while .*Restore a copy/);
  await ledger[Symbol.asyncDispose]();
});

Deno.test("SqliteLedger whose folder is renamed has everything in the moved file", async () => {
  using folder = new Folder();
  Deno.mkdirSync(folder.file("one"));
  const ledger = openAt(folder.file("one/c.ledger"));
  await sendTo40(ledger);
  Deno.renameSync(folder.file("one"), folder.file("two"));
  assert.match(await lossOf(ledger.sync()), /deleted or renamed .*The moved file holds its record/);
  await ledger[Symbol.asyncDispose]();
  assert.equal(sentIn(folder.file("two/c.ledger")), 20);
});

Deno.test("SqliteLedger says so when a deleted ledger cannot be saved", async () => {
  using folder = new Folder();
  const ledger = openAt(folder.file());
  await sendTo40(ledger);
  Deno.removeSync(folder.file());
  Deno.mkdirSync(folder.file("c.ledger.saved"));
  Deno.writeTextFileSync(folder.file("c.ledger.saved/x"), "");
  assert.match(await lossOf(ledger.sync()), /deleted .*cannot be saved .*relay's log/);
  await ledger[Symbol.asyncDispose]();
});

/** Asserts that every writer is refused, and that no file changes. */
function assertRefused(folder: Folder, path: string, message: RegExp): void {
  const bytes = () =>
    [...Deno.readDirSync(folder.path)].map(({ name }) => name)
      .filter((name) => !/-shm$|\.lock$/.test(name)).sort()
      .map((name) => [name, Deno.readFileSync(folder.file(name))] as const);
  const before = bytes();
  for (const open of [() => openAt(path), () => settleByHand(path, ["a@x.test"], "sent")]) {
    assert.throws(open, (error) => error instanceof StorageError && message.test(error.message));
  }
  const after = new Map(bytes());
  for (const [name, content] of before) assert.deepEqual(after.get(name), content, name);
}

Deno.test("SqliteLedger is not opened beside a saved record, which knows about other mails", async () => {
  using folder = new Folder();
  await openAt(folder.file())[Symbol.asyncDispose]();
  Deno.copyFileSync(folder.file(), folder.file("c.ledger.saved"));
  assertRefused(folder, folder.file(), /as '.*c\.ledger\.saved' is beside it: .*rename it to/);
  Deno.removeSync(folder.file());
  assert.throws(() => openAt(folder.file()), { message: /is beside it/ });
});

for (
  const [what, act] of [
    ["deleted", remove("")],
    ["renamed", move("other name")],
    ["emptied", (folder: Folder) => Deno.truncateSync(folder.file())],
  ] as const
) {
  Deno.test(`SqliteLedger is not made again where one was ${what} whose process had been killed: its log is there`, async () => {
    using folder = new Folder();
    await using other = await OtherProcess.start(folder.file(), "work");
    await other.lines(20);
    await other.kill();
    act(folder);
    assert.throws(() => openAt(folder.file()), {
      name: "StorageError",
      message: /Cannot create the ledger .* log of an earlier one, '.*c\.ledger-wal', still exists/,
    });
  });
}

Deno.test("SqliteLedger is not opened without its log, which is beside another name of it", async () => {
  using folder = new Folder();
  await using other = await OtherProcess.start(folder.file(), "work");
  await other.lines(20);
  await other.kill();
  Deno.linkSync(folder.file(), folder.file("hard"));
  const message = /last records are in the log '.*c\.ledger-wal': use it as/;
  assertRefused(folder, folder.file("hard"), message);
  Deno.removeSync(folder.file());
  assertRefused(folder, folder.file("hard"), message);
  Deno.renameSync(folder.file("c.ledger-wal"), folder.file("hard-wal"));
  await using ledger = openAt(folder.file("hard"));
  assert((await ledger.tally()).sent >= 20 - 1);
});

Deno.test("SqliteLedger behind a link is locked and read under both names", async () => {
  using folder = new Folder();
  Deno.symlinkSync("c.ledger", folder.file("link"));
  await using other = await OtherProcess.start(folder.file("link"), "work");
  await other.lines(5);
  for (const name of ["link", "c.ledger"]) {
    assertRefusedLive(folder.file(name), other);
    using reader = openLedgerReader(folder.file(name));
    assert.equal((await reader.holder())?.pid, other.pid, name);
  }
});

/** Its files are being written, so only the refusal is looked at. */
function assertRefusedLive(path: string, other: OtherProcess): void {
  const message = new RegExp(`in use: process ${other.pid} on `);
  for (const open of [() => openAt(path), () => settleByHand(path, ["a@x.test"], "sent")]) {
    assert.throws(open, (error) => error instanceof StorageError && message.test(error.message));
  }
}
