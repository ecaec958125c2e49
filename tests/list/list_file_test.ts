import assert from "node:assert/strict";
import { join } from "node:path";
import { ListFile, type ListFileOptions } from "../../src/list/file/list_file.ts";
import { fingerprintOf } from "../../src/list/file/scan.ts";
import { InputError } from "../../src/model/input_error.ts";
import { inFolder } from "../support/folder.ts";

const { signal } = new AbortController();
const LIST = "Email\nann@x.test\nbob@x.test\n";
const OTHER = "Email\nann@x.test\nzoe@x.test\n";

/** Larger than what is copied into memory in these tests. */
const LARGE: Partial<ListFileOptions> = { copyUpTo: 10 };

async function opened(folder: string, options: Partial<ListFileOptions> = {}): Promise<ListFile> {
  return await ListFile.open({
    recipients: join(folder, "list.csv"),
    snapshot: false,
    ledger: join(folder, "c.ledger"),
    ...options,
  }, signal);
}

const inList = (action: (folder: string, path: string) => Promise<void>) =>
  inFolder({ "list.csv": LIST }, (folder) => action(folder, join(folder, "list.csv")));

async function textOf(file: ListFile): Promise<string> {
  assert(file.reading.open !== undefined, "read from a copy");
  return await new Response(file.reading.open()).text();
}

async function assertBeingWritten(attempt: () => Promise<unknown>): Promise<void> {
  await assert.rejects(attempt, (error) => {
    assert(error instanceof InputError);
    assert.match(
      error.describe(),
      /list\.csv: The list changed while it was being read, so nothing was sent\n.*Run again when/,
    );
    return true;
  });
}

for (
  const [what, options] of [
    ["a small list", {}],
    ["a list as large as is copied into memory", { copyUpTo: LIST.length }],
    ["a large list with --snapshot", { ...LARGE, snapshot: true }],
    ["a small list with --snapshot", { snapshot: true }],
  ] as const
) {
  Deno.test(`ListFile reads ${what} as it was when it was opened, whatever happens to the file`, () =>
    inList(async (folder, path) => {
      await using file = await opened(folder, options);
      assert.equal(file.isCopy, true);
      await Deno.writeTextFile(path, OTHER);
      assert.equal(await textOf(file), LIST);
      await Deno.remove(path);
      assert.equal(await textOf(file), LIST, "and again");
      assert.equal(file.isDisturbed, false);
      file.assertUnchanged();
    }));
}

Deno.test("ListFile leaves no file behind: the copy beside the ledger has no name, and is closed with it", () =>
  inList(async (folder) => {
    const file = await opened(folder, { ...LARGE, snapshot: true });
    const names = () => [...Deno.readDirSync(folder)].map(({ name }) => name);
    assert.deepEqual(names(), ["list.csv"]);
    const first = file.reading.open!().getReader();
    const second = file.reading.open!().getReader();
    assert.deepEqual(await first.read(), await second.read(), "each reader has its own place");
    assert.deepEqual([(await first.read()).done, (await second.read()).done], [true, true]);
    await file[Symbol.asyncDispose]();
    await assert.rejects(file.reading.open!().getReader().read());
    assert.deepEqual(names(), ["list.csv"]);
  }));

Deno.test("ListFile copies a list of many pieces whole", () =>
  inFolder({ "list.csv": "" }, async (folder) => {
    const text = Array.from({ length: 40_000 }, (_, at) => `row ${at}\n`).join("");
    await Deno.writeTextFile(join(folder, "list.csv"), text);
    await using file = await opened(folder, { ...LARGE, snapshot: true });
    assert.equal(await textOf(file), text);
  }));

Deno.test("ListFile reads a large list at its path, and knows when it is written to", () =>
  inList(async (folder, path) => {
    await using file = await opened(folder, { copyUpTo: LIST.length - 1 });
    assert.equal(file.isCopy, false);
    assert.deepEqual(file.reading, {});
    assert.equal(file.isDisturbed, false);
    file.assertUnchanged();
    await Deno.writeTextFile(path, LIST);
    assert.equal(file.isDisturbed, true, "by the same bytes as well");
    await assertBeingWritten(() => Promise.resolve().then(() => file.assertUnchanged()));
  }));

Deno.test("ListFile leaves it to the reader to report what cannot be read", () =>
  inFolder({ "folder/x": "" }, async (folder) => {
    for (const name of ["none.csv", "folder"]) {
      await using file = await opened(folder, { recipients: join(folder, name), snapshot: true });
      assert.deepEqual([file.isCopy, file.reading, file.isDisturbed], [false, {}, false], name);
    }
  }));

Deno.test("ListFile reports that the copy cannot be written beside the ledger", () =>
  inList(async (folder) => {
    const ledger = join(folder, "gone", "c.ledger");
    await assert.rejects(opened(folder, { ...LARGE, snapshot: true, ledger }), (error) => {
      assert(error instanceof InputError);
      assert.match(
        error.describe(),
        /^Cannot copy the list beside the ledger '.*gone.c\.ledger': .*\n {2}Omit --snapshot, or free some space there\.$/,
      );
      return true;
    });
  }));

/** Has another program write into the list whenever it is copied, so often. */
async function whileWritten(
  times: number,
  path: string,
  run: () => Promise<void>,
): Promise<number> {
  const { readFile } = Deno;
  let copies = 0;
  Deno.readFile = async (...given) => {
    const bytes = await readFile(...given);
    if (copies++ < times) await Deno.writeTextFile(path, copies % 2 === 0 ? LIST : OTHER);
    return bytes;
  };
  try {
    await run();
  } finally {
    Deno.readFile = readFile;
  }
  return copies;
}

Deno.test("ListFile copies a list again that was written to meanwhile, three times, and then gives up", () =>
  inList(async (folder, path) => {
    const once = await whileWritten(1, path, async () => {
      await using file = await opened(folder);
      assert.equal(await textOf(file), OTHER, "as it is when nobody writes any more");
    });
    assert.equal(once, 2);
    assert.equal(await whileWritten(3, path, async () => void await opened(folder)), 4);
    assert.equal(
      await whileWritten(99, path, () => assertBeingWritten(() => opened(folder))),
      4,
      "one copy and three more",
    );
  }));

Deno.test("ListFile ends with the signal's reason instead of copying", () =>
  inList(async (folder, path) => {
    const options = { recipients: path, snapshot: true, ledger: join(folder, "c.ledger") };
    const reason = new Error("interrupted");
    await assert.rejects(ListFile.open(options, AbortSignal.abort(reason)), reason);
  }));

for (
  const [expected, what, act] of [
    ["same", "is as it was", () => {}],
    [
      "touched",
      "was written again with the same bytes",
      (path) => Deno.writeTextFileSync(path, LIST),
    ],
    ["changed", "holds something else", (path) => Deno.writeTextFileSync(path, OTHER)],
    ["changed", "holds something else of the same size and time", (path) => {
      const { mtime, atime } = Deno.statSync(path);
      Deno.writeTextFileSync(path, OTHER);
      Deno.utimeSync(path, atime!, mtime!);
    }],
    ["touched", "was replaced by a file of the same bytes", (path) => {
      Deno.writeTextFileSync(`${path}.new`, LIST);
      Deno.renameSync(`${path}.new`, path);
    }],
    ["changed", "is a directory now", (path) => {
      Deno.removeSync(path);
      Deno.mkdirSync(path);
    }],
    ["gone", "was deleted", (path) => Deno.removeSync(path)],
  ] as readonly [string, string, (path: string) => void][]
) {
  Deno.test(`ListFile.compare() says "${expected}" of a list that ${what}`, () =>
    inList(async (folder, path) => {
      for (const options of [{}, LARGE]) {
        await Deno.remove(path, { recursive: true }).catch(() => {});
        await Deno.writeTextFile(path, LIST);
        await using file = await opened(folder, options);
        const fingerprint = await fingerprintOf(path, signal);
        act(path);
        assert.equal(await file.compare(fingerprint, signal), expected);
        if (expected !== "touched") continue;
        assert.equal(file.isDisturbed, false, "it is known as it is now");
        assert.equal(await file.compare(fingerprint, signal), "same");
      }
    }));
}

Deno.test("ListFile.compare() treats a list that is written to during the comparison as changed", () =>
  inList(async (folder, path) => {
    await using file = await opened(folder, LARGE);
    const fingerprint = await fingerprintOf(path, signal);
    await Deno.writeTextFile(path, LIST);
    const { open } = Deno;
    Deno.open = async (...given) => {
      const opened = await open(...given);
      await Deno.writeTextFile(path, LIST);
      return opened;
    };
    try {
      assert.equal(await file.compare(fingerprint, signal), "changed");
    } finally {
      Deno.open = open;
    }
    assert.equal(file.isDisturbed, true);
  }));
