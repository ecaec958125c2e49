import assert from "node:assert/strict";
import { Pacer } from "../../src/policy/pace/pacer.ts";
import { Pacing } from "../../src/pipeline/relay/pacing.ts";
import { FakeTime } from "../support/fake_time.ts";
import { stateOf } from "./controller_bench.ts";

const FOREVER = new AbortController().signal;

/** 97 % of 100 mails a second. */
const INTERVAL_MS = 1_000 / 97;

/** Lets mails pass one by one, each when the one before has; when they did, in ms from now. */
async function oneByOne(pacing: Pacing, count: number): Promise<number[]> {
  const begin = performance.now();
  const times: number[] = [];
  for (let mail = 0; mail < count; mail++) {
    await pacing.pass();
    times.push(performance.now() - begin);
  }
  return times;
}

function assertTimes(times: readonly number[], expected: readonly number[]): void {
  assert.equal(times.length, expected.length);
  for (const [at, time] of times.entries()) {
    assert.ok(Math.abs(time - expected[at]!) < 1e-6, `${times} for ${expected}`);
  }
}

for (
  const [which, own, shared] of [["relay's", 100, undefined], ["run's", undefined, 100]] as const
) {
  Deno.test(`Pacing lets a mail pass each ten milliseconds at 100/s of the ${which} limit, the first at once`, async () => {
    using time = new FakeTime();
    const pacing = new Pacing([new Pacer(), new Pacer(own)], new Pacer(shared), FOREVER);
    const passing = oneByOne(pacing, 4);
    await time.advance(100);
    assertTimes(await passing, [0, 1, 2, 3].map((mail) => mail * INTERVAL_MS));
  });
}

Deno.test("Pacing catches up on late timers as long as there are mails to send", async () => {
  using time = new FakeTime();
  time.lateMs = 5;
  const pacing = new Pacing([new Pacer(100)], new Pacer(), FOREVER);
  const passing = oneByOne(pacing, 20);
  await time.advance(1_000);
  const last = (await passing).at(-1)!;
  assert.ok(last >= 19 * INTERVAL_MS && last <= 19 * INTERVAL_MS + 6, `${last}`);
});

Deno.test("Pacing does not catch up on idle time, which begins two milliseconds after the last mail", async () => {
  for (const [idleMs, next] of [[15, 15 + INTERVAL_MS], [2, 2 * INTERVAL_MS]] as const) {
    using time = new FakeTime();
    const pacing = new Pacing([new Pacer(100)], new Pacer(), FOREVER);
    await pacing.pass();
    const begin = performance.now();
    time.pass(idleMs);
    const passing = oneByOne(pacing, 2);
    await time.advance(100);
    const [first, second] = (await passing).map((at) => at + idleMs);
    assertTimes([first!, second!], [Math.max(INTERVAL_MS, idleMs), next]);
    assert.ok(begin <= performance.now());
  }
});

Deno.test("Pacing keeps no mail waiting for less than a millisecond", async () => {
  using time = new FakeTime();
  const pacing = new Pacing([new Pacer(2_000)], new Pacer(), FOREVER);
  await pacing.pass();
  assert.equal(await stateOf(pacing.pass(), time.settle()), undefined);
  assert.equal(time.timers, 0);
  const third = pacing.pass();
  assert.equal(await stateOf(third, time.settle()), "waits", "two of them are more");
  await time.advance(2);
  await third;
});

Deno.test("Pacing releases all waiting and later mails once the signal is aborted", async () => {
  for (const [own, shared] of [[1 / 60, undefined], [undefined, 1 / 60]] as const) {
    using time = new FakeTime();
    const stop = new AbortController();
    const pacing = new Pacing([new Pacer(own)], new Pacer(shared), stop.signal);
    await pacing.pass();
    const waiting = [pacing.pass(), pacing.pass(), pacing.pass()];
    await time.advance(1_000);
    assert.equal(await stateOf(waiting[0]!, time.settle()), "waits");
    stop.abort();
    for (const one of [...waiting, pacing.pass()]) {
      assert.equal(await stateOf(one, time.settle()), undefined);
    }
    assert.equal(time.timers, 0);
  }
});

Deno.test("Pacing lets mails pass at once again when the limit is gone", async () => {
  using time = new FakeTime();
  const pacer = new Pacer(1);
  const pacing = new Pacing([pacer], new Pacer(), FOREVER);
  await pacing.pass();
  const waiting = pacing.pass();
  await time.settle();
  pacer.limit(undefined);
  await time.settle();
  assert.equal(await stateOf(waiting, time.settle()), undefined);
  assert.equal(pacing.pass(), pacing.pass(), "no promise is made for each of them");
});

Deno.test("Pacing takes no place of the run while the relay's own limit, lowered meanwhile, holds up its mail", async () => {
  using time = new FakeTime();
  const [own, shared] = [new Pacer(), new Pacer(1)];
  const [slow, fast] = [
    new Pacing([own], shared, FOREVER),
    new Pacing([new Pacer()], shared, FOREVER),
  ];
  await slow.pass();
  const [slowly, quickly] = [slow.pass(), fast.pass()];
  await time.advance(500);
  own.limit(1 / 60);
  await time.advance(600);
  assert.equal(await stateOf(quickly, time.settle()), undefined, "its place has come");
  assert.equal(await stateOf(slowly, time.settle()), "waits");
  await time.advance(62_000);
  await slowly;
});
