import assert from "node:assert/strict";
import { openSource } from "../../src/list/file/source.ts";
import { untilStopped } from "../../src/pipeline/producer/until_stopped.ts";
import { assertLeavesNoListener } from "../support/counted_signal.ts";
import { bytesOf } from "./lists.ts";

/** Gives two rows, and never a third one. */
const twoRows = () =>
  new ReadableStream<number>({
    start(stream) {
      stream.enqueue(1);
      stream.enqueue(2);
    },
  });

Deno.test("untilStopped() ends when it is stopped, though the next row never comes", async () => {
  const stop = new AbortController();
  const rows: number[] = [];
  for await (const row of untilStopped(twoRows(), stop.signal)) {
    rows.push(row);
    if (row === 2) setTimeout(() => stop.abort());
  }
  assert.deepEqual(rows, [1, 2]);
});

Deno.test("untilStopped() leaves no listener behind, at the end of the rows, a break or an error", async () => {
  const failing = () =>
    new ReadableStream<number>({ pull: () => Promise.reject(new Error("torn")) });
  const readAll = async (rows: ReadableStream<number>, signal: AbortSignal) => {
    for await (const row of untilStopped(rows, signal)) if (row === 2) break;
  };
  await assertLeavesNoListener((signal) => readAll(ReadableStream.from([1]), signal));
  await assertLeavesNoListener((signal) => readAll(twoRows(), signal));
  await assertLeavesNoListener((signal) => assert.rejects(readAll(failing(), signal), /torn/));
});

Deno.test("openSource() leaves no listener behind once it is closed, or cannot be opened", async () => {
  await assertLeavesNoListener(async (signal) => {
    const source = await openSource("-", { stdin: ReadableStream.from([bytesOf("a")]), signal });
    await source.read();
    await source.close();
  });
  await assertLeavesNoListener(async (signal) => {
    const source = await openSource(import.meta.filename!, { signal });
    await source.close();
  });
});
