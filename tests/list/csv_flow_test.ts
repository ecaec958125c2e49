import assert from "node:assert/strict";
import { join } from "node:path";
import { RUN_FLAGS } from "../../build/run_flags.ts";
import { openList } from "../../src/list/list.ts";
import { RECORD_LIMIT } from "../../src/list/records/record_parser.ts";
import { canBeReadTwice } from "../../src/list/file/source.ts";
import { output } from "../support/process.ts";
import { until } from "../support/until.ts";
import { withFile } from "./files.ts";
import { bytesOf, PLAIN, read, row } from "./lists.ts";

Deno.test("openList() makes a cell of 50 MB a bad row and continues after it", async () => {
  const piece = new Uint8Array(64 * 1024).fill(0x78);
  for (const quote of ["", '"']) {
    const stdin = ReadableStream.from((function* () {
      yield bytesOf(`Name,Email\nA,a@x.de\n${quote}`);
      for (let count = 0; count < 800; count++) yield piece;
      yield bytesOf(`${quote},b@x.de\r\n\r\nC,c@x.de\r\n`);
    })());
    const { signal } = new AbortController();
    await using list = await openList(PLAIN, { stdin, signal });
    const rows = (await Array.fromAsync(list.rows)).flat();
    assert.deepEqual(rows, [
      row(2, "A", "a@x.de"),
      { kind: "bad-row", line: 3, address: "", fields: [], reason: "Row is longer than 1.0 MB" },
      row(5, "C", "c@x.de"),
    ]);
  }
});

Deno.test("openList() judges a long row the same however its bytes are split", async () => {
  const cell = "x".repeat(RECORD_LIMIT - 9);
  const text = `Name,Email\n${cell},bb@x.de\n${cell}y,bb@x.de\nC,c@x.de\n`;
  for (const step of [1000, 65_536, text.length]) {
    const { rows } = await read(text, {}, step);
    assert.deepEqual(rows.map(({ kind }) => kind), ["row", "bad-row", "row"]);
  }
});

Deno.test("openList() reads only a little ahead of its reader", async () => {
  let pulled = 0;
  const stdin = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (pulled++ === 0) controller.enqueue(bytesOf("Name,Email\n"));
      controller.enqueue(bytesOf("Ada,ada@x.de\n".repeat(1000)));
    },
  }, { highWaterMark: 0 });
  const { signal } = new AbortController();
  await using list = await openList(PLAIN, { stdin, signal });
  const reader = list.rows.getReader();
  await reader.read();
  const before = pulled;
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(pulled, before);
  assert.ok(pulled <= 2, `pulled ${pulled} chunks`);
  await reader.cancel();
});

Deno.test("openList() ends with the signal's reason while standard input is silent", async () => {
  const controller = new AbortController();
  const stdin = new ReadableStream<Uint8Array>({
    start: (stream) => stream.enqueue(bytesOf("Email\na@x.de\nb@x.de\n")),
  });
  await using list = await openList(PLAIN, { stdin, signal: controller.signal });
  const reader = list.rows.getReader();
  assert.deepEqual((await reader.read()).value, [row(2, "a@x.de")]);
  const waiting = reader.read();
  const reason = new Error("interrupted");
  controller.abort(reason);
  await assert.rejects(waiting, (error) => error === reason);
});

Deno.test({
  name: "openList() ends with the signal's reason while a pipe waits for somebody to write to it",
  // Deno 2.5 opens files on its event loop, which then hears of no signal.
  ignore: Deno.version.deno.startsWith("2.5."),
  fn: endsWhileAPipeWaits,
});

async function endsWhileAPipeWaits(): Promise<void> {
  const folder = await Deno.makeTempDir();
  const pipe = `${folder}/pipe`;
  await output("mkfifo", [pipe]);
  const controller = new AbortController();
  const opening = openList({ ...PLAIN, recipients: pipe }, { signal: controller.signal });
  const reason = new Error("enough");
  setTimeout(() => controller.abort(reason), 20);
  await assert.rejects(opening, reason);
  // The waiting system call is released, and what it opens is closed: what is written here is never read.
  using writer = await Deno.open(pipe, { write: true });
  await until("the pipe is closed", async () => await takesNothing(writer));
  await Deno.remove(folder, { recursive: true });
}

async function takesNothing(pipe: Deno.FsFile): Promise<boolean> {
  try {
    await pipe.write(bytesOf("x"));
    return false;
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return true;
    throw error;
  }
}

Deno.test("openList() closes the file when the rows are not read to their end", async () => {
  const path = await Deno.makeTempFile({ suffix: ".csv" });
  try {
    await Deno.writeTextFile(path, `Email\n${"a@x.de\n".repeat(50_000)}`);
    const { signal } = new AbortController();
    {
      await using unread = await openList({ ...PLAIN, recipients: path }, { signal });
      assert.equal(unread.columns.email, 0);
    }
    await using list = await openList({ ...PLAIN, recipients: path }, { signal });
    for await (const batch of list.rows) {
      assert.ok(batch.length > 0);
      break;
    }
  } finally {
    await Deno.remove(path);
  }
});

/** The number of bytes by which a separate process grows that reads such a list. */
async function grownBy(list: "long" | "wide"): Promise<number> {
  const probe = join(import.meta.dirname!, "memory_probe.ts");
  const args = ["run", "--no-check", ...RUN_FLAGS, probe, list];
  return Number(await output(Deno.execPath(), args));
}

Deno.test("openList() keeps its memory however long the list is", async () => {
  const grown = await grownBy("long");
  assert.ok(grown < 25e6, `grown by ${grown} bytes over 240,000 rows`);
});

Deno.test("openList() keeps its memory however large a cell is", async () => {
  const grown = await grownBy("wide");
  assert.ok(grown < 40e6, `grown by ${grown} bytes over a cell of 50 MB`);
});

Deno.test("canBeReadTwice() is true of a file alone", async () => {
  assert.equal(await canBeReadTwice("-"), false);
  assert.equal(await canBeReadTwice("/dev/null"), false);
  await withFile("Email\n", async (path) => assert.equal(await canBeReadTwice(path), true));
});
