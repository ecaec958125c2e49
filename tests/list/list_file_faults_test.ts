import assert from "node:assert/strict";
import { join } from "node:path";
import { ListFile, type ListFileOptions } from "../../src/list/file/list_file.ts";
import { fingerprintOf } from "../../src/list/file/scan.ts";
import { inFolder } from "../support/folder.ts";

const LIST = "Email\nann@x.test\n";

/** A list that is large enough to be read at its path, and whose every opening does something first. */
async function whileOpened(
  act: () => void,
  run: (options: ListFileOptions) => Promise<void>,
): Promise<void> {
  await inFolder({ "list.csv": LIST }, async (folder) => {
    const { open } = Deno;
    Deno.open = async (...given) => {
      const file = await open(...given);
      try {
        act();
        return file;
      } catch (error) {
        file.close();
        throw error;
      }
    };
    try {
      await run({
        recipients: join(folder, "list.csv"),
        snapshot: false,
        ledger: join(folder, "c.ledger"),
        copyUpTo: 1,
      });
    } finally {
      Deno.open = open;
    }
  });
}

Deno.test("ListFile.compare() treats a list that can no longer be read as changed", async () => {
  const { signal } = new AbortController();
  let isClosed = false;
  await whileOpened(() => {
    if (isClosed) throw new Deno.errors.PermissionDenied("Permission denied (os error 13)");
  }, async (options) => {
    await using file = await ListFile.open(options, signal);
    const fingerprint = await fingerprintOf(options.recipients, signal);
    await Deno.writeTextFile(options.recipients, LIST);
    isClosed = true;
    assert.equal(await file.compare(fingerprint, signal), "changed");
  });
});

Deno.test("ListFile.compare() rejects with the signal's reason instead of reporting a change", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error("interrupted");
  let isAborting = false;
  await whileOpened(() => {
    if (isAborting) controller.abort(reason);
  }, async (options) => {
    await using file = await ListFile.open(options, signal);
    const fingerprint = await fingerprintOf(options.recipients, signal);
    await Deno.writeTextFile(options.recipients, LIST);
    isAborting = true;
    await assert.rejects(file.compare(fingerprint, signal), reason);
  });
});

Deno.test({
  name:
    "ListFile.open() that is interrupted while it copies ends with the signal's reason, and leaves nothing open or behind",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const reason = new Error("interrupted");
    await whileOpened(() => {}, async (options) => {
      const { recipients } = options;
      const open = () =>
        [...Deno.readDirSync("/proc/self/fd")].filter(({ name }) => {
          try {
            return Deno.readLinkSync(`/proc/self/fd/${name}`).includes("/.list-");
          } catch {
            return false; // closed since
          }
        }).length;
      const controller = new AbortController();
      const { makeTempFile } = Deno;
      // Between the opening of the list and its first bytes.
      Deno.makeTempFile = async (...given) => {
        const path = await makeTempFile(...given);
        controller.abort(reason);
        return path;
      };
      try {
        const opening = ListFile.open({ ...options, snapshot: true }, controller.signal);
        await assert.rejects(opening, reason);
      } finally {
        Deno.makeTempFile = makeTempFile;
      }
      assert.equal(open(), 0);
      const names = [...Deno.readDirSync(join(recipients, ".."))].map(({ name }) => name);
      assert.deepEqual(names, ["list.csv"]);
    });
  },
});
