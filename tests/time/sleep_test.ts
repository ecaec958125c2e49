import assert from "node:assert/strict";
import { sleep } from "../../src/time/sleep.ts";
import { assertLeavesNoListener } from "../support/counted_signal.ts";

/** Returns whether the promise resolves before a timer of 50 ms fires. */
async function isOverSoon(sleeping: Promise<void>): Promise<boolean> {
  let over = false;
  void sleeping.then(() => over = true);
  await new Promise((next) => setTimeout(next, 50));
  return over;
}

for (const ms of [2 ** 31 - 1, 2 ** 31, 3_600_000_000, 1e15]) {
  Deno.test(`sleep() of ${ms} ms, as much as a timer can hold or more, does not end at once, but at the signal`, async () => {
    const stop = new AbortController();
    const sleeping = sleep(ms, stop.signal);
    assert.equal(await isOverSoon(sleeping), false);
    stop.abort();
    await sleeping;
  });
}

Deno.test("sleep() ends by itself, and at once if there is nothing to wait for", async () => {
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
