import assert from "node:assert/strict";
import { Pacer } from "../../src/consume/pacer.ts";
import { Pacing } from "../../src/consume/pacing.ts";

const FOREVER = new AbortController().signal;

/** Lets `count` mails pass at once; the times they did, in ms from now. */
async function timesOf(pacing: Pacing, count: number): Promise<number[]> {
  const begin = performance.now();
  return await Promise.all(Array.from({ length: count }, async () => {
    await pacing.pass();
    return performance.now() - begin;
  }));
}

/** Places at `perSecond` may not come earlier; how late they come is the machine's matter. */
function assertPaced(times: readonly number[], perSecond: number): void {
  times.forEach((time, at) => {
    const earliest = at * 1_000 / perSecond - 21;
    assert.ok(time >= earliest, `mail ${at} after ${time} ms, not before ${earliest}`);
  });
}

Deno.test("Pacing lets all through at once where there is no limit", async () => {
  const pacing = new Pacing([new Pacer(), new Pacer()], new Pacer(), FOREVER);
  const times = await timesOf(pacing, 1_000);
  assert.equal(times.length, 1_000);
});

Deno.test("Pacing keeps the lowest of all limits, first come, first served", async () => {
  const pacing = new Pacing([new Pacer(100), new Pacer(1_000)], new Pacer(400), FOREVER);
  const times = await timesOf(pacing, 12);
  assertPaced(times, 100);
  assert.deepEqual(times, [...times].sort((a, b) => a - b));
});

Deno.test("Pacing keeps the run's limit over several relays, and each relay's own", async () => {
  const shared = new Pacer(200);
  const [slow, fast] = [new Pacer(50), new Pacer()].map((own) =>
    new Pacing([own], shared, FOREVER)
  );
  const [slowly, quickly] = await Promise.all([timesOf(slow!, 5), timesOf(fast!, 20)]);
  assertPaced(slowly, 50);
  assertPaced([...slowly, ...quickly].sort((a, b) => a - b), 200);
  assert.ok(quickly.at(-1)! < slowly.at(-1)! + 100, "the slow one does not hold up the fast one");
});

Deno.test("Pacing heeds a limit that is raised while mails wait", async () => {
  const own = new Pacer(10);
  const pacing = new Pacing([own], new Pacer(), FOREVER);
  const passing = timesOf(pacing, 60);
  own.limit(1_000);
  const times = await passing;
  assert.ok(times.at(-1)! < 3_000, `60 mails, six seconds at the old limit, took ${times.at(-1)}`);
});

Deno.test("Pacing lets all go when the run stops", async () => {
  const stop = new AbortController();
  const pacing = new Pacing([new Pacer(0.01)], new Pacer(), stop.signal);
  const passing = timesOf(pacing, 5);
  stop.abort();
  assert.equal((await passing).length, 5);
});

Deno.test("Pacing does not make up for time in which there was no mail", async () => {
  const pacing = new Pacing([new Pacer(500)], new Pacer(), FOREVER);
  await pacing.pass();
  await new Promise((next) => setTimeout(next, 100));
  const times = await timesOf(pacing, 20);
  times.forEach((time, at) => assert.ok(time >= at * 2 - 1, `mail ${at} after ${time} ms`));
});
