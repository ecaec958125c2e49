import assert from "node:assert/strict";
import { untilStopped } from "../../src/pipeline/producer/until_stopped.ts";

/** A stop whose listeners are counted. */
class CountedStop extends AbortController {
  listeners = 0;

  constructor() {
    super();
    const { signal } = this;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...given: Parameters<typeof add>) => {
      this.listeners++;
      add(...given);
    };
    signal.removeEventListener = (...given: Parameters<typeof remove>) => {
      this.listeners--;
      remove(...given);
    };
  }
}

Deno.test("untilStopped() gives all rows in their order, and leaves no listener on the signal", async () => {
  const stop = new CountedStop();
  const rows: number[] = [];
  for await (const row of untilStopped(ReadableStream.from([1, 2, 3]), stop.signal)) {
    rows.push(row);
    await undefined;
    assert.equal(stop.listeners, 0, "nor between two rows");
  }
  assert.deepEqual(rows, [1, 2, 3]);
  await undefined;
  assert.equal(stop.listeners, 0);
});

Deno.test("untilStopped() ends when the run stops while the next row does not come", async () => {
  const stop = new CountedStop();
  const held = new ReadableStream<number>({
    start: (controller) => controller.enqueue(1),
    pull: () => new Promise(() => {}),
  });
  const rows = untilStopped(held, stop.signal);
  assert.deepEqual(await rows.next(), { done: false, value: 1 });
  const next = rows.next();
  stop.abort();
  assert.deepEqual(await next, { done: true, value: undefined });
});

Deno.test("untilStopped() gives no row more when the run has stopped, though there are some", async () => {
  const stop = new CountedStop();
  const rows = untilStopped(ReadableStream.from([1, 2, 3]), stop.signal);
  assert.deepEqual(await rows.next(), { done: false, value: 1 });
  stop.abort();
  assert.deepEqual(await rows.next(), { done: true, value: undefined });
});

Deno.test("untilStopped() throws what the rows end with", async () => {
  const fault = new Error("no UTF-8");
  const stop = new CountedStop();
  const rows = untilStopped(
    new ReadableStream({ start: (controller) => controller.error(fault) }),
    stop.signal,
  );
  await assert.rejects(rows.next(), fault);
  await undefined;
  assert.equal(stop.listeners, 0);
});
