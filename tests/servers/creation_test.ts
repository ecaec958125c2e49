import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { entries, Folder, openAt, statesOf } from "../ledger/ledgers.ts";
import { run } from "../support/process.ts";

// With strace: a process is killed at every single system call that creates a ledger.

const HOLDER = fileURLToPath(new URL("../ledger/hold_ledger.ts", import.meta.url));

/** Calls that open, change and delete files. */
const CALLS = ["openat", "pwrite64", "fsync", "fdatasync", "ftruncate", "unlink"] as const;

/** Kills a process at its `count`th such call while it creates a ledger; returns false if the ledger was complete before. */
async function killedWhileCreating(path: string, call: string, count: number): Promise<boolean> {
  const files = ["", "-journal", "-wal", "-shm", ".lock"].flatMap((end) => ["-P", path + end]);
  const { signal, stdout } = await run("strace", [
    ...["-f", "-qq", "-o", "/dev/null", ...files],
    ...["-e", `trace=${call}`, "-e", `inject=${call}:signal=KILL:when=${count}`],
    ...[Deno.execPath(), "run", "--allow-all", "--no-check", HOLDER, path, "close"],
  ]);
  return signal === "SIGKILL" && stdout === "";
}

for (const call of CALLS) {
  Deno.test(`A ledger whose process is killed at any ${call} while creating it can be used by the next process`, async () => {
    let kills = 0;
    for (let count = 1;; count++) {
      using folder = new Folder();
      const path = folder.file();
      if (!await killedWhileCreating(path, call, count)) break;
      kills++;
      await using ledger = openAt(path);
      await ledger.claim(entries(2, 2), 2);
      assert.deepEqual(await statesOf(ledger), ["r2@x.test claimed"], `${call} ${count}`);
    }
    assert(kills > 0 || call === "fdatasync", "there is such a call");
  });
}
