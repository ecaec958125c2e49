import assert from "node:assert/strict";
import { join } from "node:path";
import { openList } from "../../src/list/list.ts";
import { ListFile } from "../../src/list/file/list_file.ts";
import { fingerprintOf } from "../../src/list/file/scan.ts";
import {
  type ListPass,
  listReadOnce,
  PassFingerprint,
  ScannedList,
} from "../../src/list/file/sending_list.ts";
import { inFolder } from "../support/folder.ts";
import { PLAIN, streamOf } from "./lists.ts";

const { signal } = new AbortController();
const LIST = "Email\nann@x.test\nbob@x.test\ncem@x.test\n";
const OTHER = "Email\nann@x.test\nbob@x.test\nzoe@x.test\n";

/** A list that was opened, scanned and is about to be sent to; read at its path, not from a copy. */
async function scanned(path: string): Promise<ScannedList> {
  const options = { ...PLAIN, recipients: path };
  const given = { recipients: path, snapshot: false, ledger: "c.ledger", copyUpTo: 1 };
  const file = await ListFile.open(given, signal);
  const read = new PassFingerprint();
  const opened = await openList(options, { signal, onBytes: read.onBytes });
  const fingerprint = await fingerprintOf(path, signal);
  return new ScannedList({ options, file, signal, fingerprint, opened, read });
}

async function linesOf({ rows }: ListPass): Promise<number[]> {
  return (await Array.fromAsync(rows)).flat().map(({ line }) => line);
}

const inList = (action: (path: string) => Promise<void>) =>
  inFolder({ "list.csv": LIST }, (folder) => action(join(folder, "list.csv")));

/** How often files are opened by the path while this runs. */
async function openings(path: string, run: () => Promise<void>): Promise<number> {
  const { open } = Deno;
  let count = 0;
  Deno.open = (...given) => {
    if (given[0] === path) count++;
    return open(...given);
  };
  try {
    await run();
  } finally {
    Deno.open = open;
  }
  return count;
}

Deno.test("ScannedList reads on in the list as it was opened for its header, where it is read from the top", () =>
  inList(async (path) => {
    for (const line of [0, 1]) {
      await using list = await scanned(path);
      const opened = await openings(path, async () => {
        const pass = await list.rowsAfter(line);
        assert.deepEqual(await linesOf(pass), [2, 3, 4]);
        assert.equal(pass.isAsScanned(), true, "its header counts as read");
      });
      assert.equal(opened, 0);
    }
  }));

Deno.test("ScannedList opens the list for each further pass, and for one that starts further down", () =>
  inList(async (path) => {
    await using list = await scanned(path);
    const opened = await openings(path, async () => {
      const below = await list.rowsAfter(3);
      assert.deepEqual(await linesOf(below), [3, 4]);
      assert.equal(below.isAsScanned(), true, "also what is passed over is read");
      const again = await list.rowsAfter(0);
      assert.deepEqual(await linesOf(again), [2, 3, 4]);
      assert.equal(again.isAsScanned(), true);
    });
    assert.equal(opened, 2);
  }));

Deno.test("ScannedList reports for each pass whether it read what was scanned", () =>
  inList(async (path) => {
    await using list = await scanned(path);
    await list.rowsAfter(0);
    await Deno.writeTextFile(path, OTHER);
    const changed = await list.rowsAfter(0);
    await linesOf(changed);
    assert.equal(changed.isAsScanned(), false);
    await Deno.writeTextFile(path, LIST);
    const restored = await list.rowsAfter(0);
    await linesOf(restored);
    assert.equal(restored.isAsScanned(), true);
  }));

for (
  const [what, act, news, hasChanged] of [
    ["is as it was", () => {}, "as scanned", false],
    [
      "was written to and holds the same",
      (path) => Deno.writeTextFileSync(path, LIST),
      "read again",
      false,
    ],
    ["holds other rows", (path) => Deno.writeTextFileSync(path, OTHER), "changed", true],
    ["is gone", (path) => Deno.removeSync(path), "changed", false],
  ] as readonly [string, (path: string) => void, string, boolean][]
) {
  Deno.test(`ScannedList.news() says "${news}" of a list that ${what}`, () =>
    inList(async (path) => {
      await using list = await scanned(path);
      act(path);
      assert.equal(await list.news(), news);
      assert.equal(await list.hasChanged(), hasChanged);
    }));
}

Deno.test({
  name:
    "ScannedList closes what it has open: with each pass the one before, and at its end the last",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    inList(async (path) => {
      const open = () =>
        [...Deno.readDirSync("/proc/self/fd")].filter(({ name }) => {
          try {
            return Deno.readLinkSync(`/proc/self/fd/${name}`) === Deno.realPathSync(path);
          } catch {
            return false; // closed since
          }
        }).length;
      const list = await scanned(path);
      assert.equal(open(), 1);
      await list.rowsAfter(0);
      await list.rowsAfter(2);
      assert.equal(open(), 1);
      await list[Symbol.asyncDispose]();
      assert.equal(open(), 0);
    }),
});

Deno.test("listReadOnce() takes the list as it comes", async () => {
  const rows = streamOf(new TextEncoder().encode(LIST));
  await using opened = await openList(PLAIN, { stdin: rows, signal });
  const list = listReadOnce(opened);
  const pass = await list.rowsAfter(0);
  assert.deepEqual(await linesOf(pass), [2, 3, 4]);
  assert.deepEqual(
    [pass.isAsScanned(), await list.news(), await list.hasChanged()],
    [true, "as scanned", false],
  );
});
