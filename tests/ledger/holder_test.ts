import assert from "node:assert/strict";
import { hostname } from "node:os";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import { openDatabase } from "../support/database.ts";
import { Folder, openAt } from "./ledgers.ts";
import { OtherProcess } from "./other_process.ts";

/** A number that no process has, as Linux assigns none above 4,194,304. */
const NOBODY = 2 ** 30;

/** A ledger that names a process which has not closed it. */
async function heldBy(
  path: string,
  holder: { readonly pid: number; readonly host?: string; readonly file?: string },
): Promise<void> {
  await openAt(path)[Symbol.asyncDispose]();
  using database = openDatabase(path);
  const whole = { host: hostname(), since: "2026-01-01T00:00:00.000Z", file: path, ...holder };
  database.prepare("INSERT INTO fact VALUES ('holder', ?)").run(JSON.stringify(whole));
}

function storedHolder(path: string): { pid: number } | undefined {
  using database = openDatabase(path, { readOnly: true });
  const row = database.prepare("SELECT value FROM fact WHERE name = 'holder'").get();
  return row && JSON.parse((row as { value: string }).value);
}

Deno.test("A ledger names the process that has it until that has closed it", async () => {
  using folder = new Folder();
  {
    await using _ledger = openAt(folder.file());
    assert.equal(storedHolder(folder.file())?.pid, Deno.pid);
  }
  assert.equal(storedHolder(folder.file()), undefined);
});

Deno.test("A ledger whose lock was deleted is refused while the process named in it has it open", async () => {
  using folder = new Folder();
  await using other = await OtherProcess.start(folder.file());
  Deno.removeSync(folder.file("c.ledger.lock"));
  using reader = openLedgerReader(folder.file());
  assert.equal((await reader.holder())?.pid, other.pid, "a reader sees it, too");
  const message = new RegExp(`in use: process ${other.pid} on ${hostname()}, since `);
  assert.throws(() => openAt(folder.file()), { name: "StorageError", message });
  await other.kill();
  await openAt(folder.file())[Symbol.asyncDispose]();
});

Deno.test("A ledger is refused because of its holder alone if the runtime cannot lock its file", async () => {
  using folder = new Folder();
  await heldBy(folder.file(), { pid: Deno.ppid });
  // It holds no lock but SQLite's, as every connection does.
  await using _other = await OtherProcess.start(folder.file(), "read");
  assert.throws(() => openAt(folder.file()), {
    message: new RegExp(`in use: process ${Deno.ppid} on `),
  });
});

for (
  const [what, holder, read] of [
    ["whose holder is dead, though somebody reads it", { pid: NOBODY }, true],
    ["whose holder's number is another process's now", { pid: Deno.ppid }, false],
    ["whose holder had this process's number", { pid: Deno.pid }, true],
    ["whose holder is on another host", { pid: Deno.ppid, host: "elsewhere.test" }, true],
    ["whose holder had it in another place", { pid: Deno.ppid, file: "/nowhere/c.ledger" }, false],
  ] as const
) {
  Deno.test(`A ledger can be opened ${what}`, async () => {
    using folder = new Folder();
    await heldBy(folder.file(), holder);
    await using _reader = read ? await OtherProcess.start(folder.file(), "read") : undefined;
    await openAt(folder.file())[Symbol.asyncDispose]();
  });
}

Deno.test("A copy of a ledger is refused while the process lives that has the original", async () => {
  using folder = new Folder();
  await using other = await OtherProcess.start(folder.file());
  for (const end of ["", "-wal"]) Deno.copyFileSync(folder.file() + end, folder.file("copy") + end);
  Deno.copyFileSync(folder.file(), folder.file("copy without log"));
  for (const name of ["copy", "copy without log"]) {
    assert.throws(() => openAt(folder.file(name)), {
      message: new RegExp(`in use: process ${other.pid} on `),
    });
  }
  await other.kill();
  await openAt(folder.file("copy"))[Symbol.asyncDispose]();
});
