import assert from "node:assert/strict";
import { lockFile, unlockFile } from "../../src/ledger/sqlite/file/lock.ts";
import { Folder, openAt } from "./ledgers.ts";

/** How often a lock is acquired and released; without `unlockFile`, about one in fifteen finds it taken. */
const TIMES = 2_000;

const LEDGERS = 150;

/** Disposing ends it. */
async function startingProcesses(): Promise<Disposable> {
  const worker = new Worker(new URL("./starting_processes.ts", import.meta.url), {
    type: "module",
  });
  await new Promise((resolve) => worker.onmessage = resolve);
  return { [Symbol.dispose]: () => worker.terminate() };
}

Deno.test("unlockFile() ends the lock at once, although another thread starts processes, which share the open file", async () => {
  using folder = new Folder();
  using _others = await startingProcesses();
  const path = folder.file();
  Deno.writeFileSync(path, new Uint8Array());
  for (let time = 0; time < TIMES; time++) {
    using file = Deno.openSync(path, { read: true, write: true });
    assert.notEqual(lockFile(file), "another", `at time ${time}`);
    unlockFile(file);
  }
});

Deno.test("A ledger that is closed can be opened at once, although another thread starts processes", async () => {
  using folder = new Folder();
  using _others = await startingProcesses();
  for (let time = 0; time < LEDGERS; time++) await openAt(folder.file())[Symbol.asyncDispose]();
});
