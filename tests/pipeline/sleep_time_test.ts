import assert from "node:assert/strict";
import { sleep } from "../../src/time/sleep.ts";
import { FakeTime } from "../support/fake_time.ts";
import { stateOf } from "./controller_bench.ts";

const FOREVER = new AbortController().signal;

for (const ms of [1, 2, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 7]) {
  Deno.test(`sleep() of ${ms} ms is over at its time and not before`, async () => {
    using time = new FakeTime();
    const sleeping = sleep(ms, FOREVER).then(() => "over");
    await time.advance(ms - 0.5);
    assert.equal(await stateOf(sleeping, time.settle()), "waits");
    await time.advance(0.5);
    assert.equal(await stateOf(sleeping, time.settle()), "over");
    assert.equal(time.timers, 0);
  });

  Deno.test(`sleep() of ${ms} ms leaves no timer behind when the signal ends it`, async () => {
    using time = new FakeTime();
    const stop = new AbortController();
    const stopped = sleep(ms, stop.signal);
    assert.equal(time.timers, 1);
    stop.abort();
    await stopped;
    assert.equal(time.timers, 0);
  });
}

Deno.test("sleep() sets no timer where nothing is to be waited for", async () => {
  using time = new FakeTime();
  for (const sleeping of [sleep(0, FOREVER), sleep(-1, FOREVER), sleep(5, AbortSignal.abort())]) {
    assert.equal(time.timers, 0);
    await sleeping;
  }
});
