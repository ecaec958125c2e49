import assert from "node:assert/strict";
import { sleep } from "../../src/consume/sleep.ts";
import { assertLeavesNoListener } from "../support/counted_signal.ts";
import { FakeTime } from "../support/fake_time.ts";
import { stateOf } from "./gates.ts";

const FOREVER = new AbortController().signal;

/** Whether it resolved before a timer of 50 ms rang. */
async function isOverSoon(sleeping: Promise<void>): Promise<boolean> {
  let over = false;
  void sleeping.then(() => over = true);
  await new Promise((next) => setTimeout(next, 50));
  return over;
}

for (const ms of [2 ** 31 - 1, 2 ** 31, 3_600_000_000, 1e15]) {
  Deno.test(`sleep() of ${ms} ms, more than a timer holds or as much, is not over at once, and ends by the signal`, async () => {
    const stop = new AbortController();
    const sleeping = sleep(ms, stop.signal);
    assert.equal(await isOverSoon(sleeping), false);
    stop.abort();
    await sleeping;
  });
}

Deno.test("sleep() ends by itself, and at once where nothing is to be waited for", async () => {
  const forever = new AbortController().signal;
  const since = performance.now();
  await sleep(30, forever);
  assert(performance.now() - since >= 29);
  for (const ms of [0, -5]) await sleep(ms, forever);
  await sleep(1e9, AbortSignal.abort());
});

Deno.test("sleep() leaves no listener and no timer behind, however it ends", async () => {
  await assertLeavesNoListener((signal) => sleep(1, signal));
  await assertLeavesNoListener(async (signal, counted) => {
    const sleeping = sleep(1e9, signal);
    counted.abort();
    await sleeping;
  });
});

Deno.test("sleep() is over at its time, and leaves no timer behind when the signal ends it", async () => {
  using time = new FakeTime();
  for (const ms of [1, 2, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 7]) {
    const stop = new AbortController();
    const [sleeping, stopped] = [sleep(ms, FOREVER).then(() => "over"), sleep(ms, stop.signal)];
    stop.abort();
    await stopped;
    assert.equal(time.timers, 1);
    await time.advance(ms - 0.5);
    assert.equal(await stateOf(sleeping, time.settle()), "waits", `${ms} ms`);
    await time.advance(0.5);
    assert.equal(await stateOf(sleeping, time.settle()), "over", `${ms} ms`);
    assert.equal(time.timers, 0);
  }
  for (const ms of [0, -1]) {
    assert.equal(await stateOf(sleep(ms, FOREVER), time.settle()), undefined);
  }
});
