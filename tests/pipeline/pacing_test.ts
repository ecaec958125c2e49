import assert from "node:assert/strict";
import { Pacer } from "../../src/policy/pace/pacer.ts";
import { Pacing } from "../../src/pipeline/relay/pacing.ts";

const FOREVER = new AbortController().signal;

/** Lets `count` mails pass at once; the times they did, in ms from now. */
async function timesOf(pacing: Pacing, count: number): Promise<number[]> {
  const begin = performance.now();
  return await Promise.all(Array.from({ length: count }, async () => {
    await pacing.pass();
    return performance.now() - begin;
  }));
}

/** Asserts that no permit comes earlier than `perSecond` allows; how late they come depends on the machine. */
function assertPaced(times: readonly number[], perSecond: number): void {
  times.forEach((time, at) => {
    const earliest = at * 1_000 / perSecond - 21;
    assert.ok(time >= earliest, `mail ${at} after ${time} ms, not before ${earliest}`);
  });
}

Deno.test("Pacing lets everything through at once without a limit", async () => {
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

Deno.test("Pacing keeps the run's limit across several relays, and each relay's own", async () => {
  const shared = new Pacer(200);
  const [slow, fast] = [new Pacer(50), new Pacer()].map((own) =>
    new Pacing([own], shared, FOREVER)
  );
  const [slowly, quickly] = await Promise.all([timesOf(slow!, 5), timesOf(fast!, 20)]);
  assertPaced(slowly, 50);
  assertPaced([...slowly, ...quickly].sort((a, b) => a - b), 200);
  assert.ok(quickly.at(-1)! < slowly.at(-1)! + 100, "the slow one does not hold up the fast one");
});

Deno.test("Pacing follows a limit that is raised while mails wait", async () => {
  const own = new Pacer(10);
  const pacing = new Pacing([own], new Pacer(), FOREVER);
  const passing = timesOf(pacing, 60);
  own.limit(1_000);
  const times = await passing;
  assert.ok(times.at(-1)! < 3_000, `60 mails, six seconds at the old limit, took ${times.at(-1)}`);
});

/** Lets a mail pass, so that the next one has to wait. */
async function used(...pacings: readonly Pacing[]): Promise<void> {
  for (const pacing of pacings) await pacing.pass();
}

Deno.test("Pacer.limit() applies a raised rate to a mail that is already waiting", async () => {
  for (const raised of [1_000, undefined]) {
    for (const which of ["the run's", "the relay's"]) {
      const pacer = new Pacer(1 / 60);
      const pacing = which === "the run's"
        ? new Pacing([new Pacer()], pacer, FOREVER)
        : new Pacing([pacer], new Pacer(), FOREVER);
      await used(pacing);
      const passing = timesOf(pacing, 3);
      await new Promise((next) => setTimeout(next, 20));
      pacer.limit(raised);
      const times = await passing;
      assert.ok(times.at(-1)! < 10_000, `${which} 60 s took ${times.at(-1)} ms`);
    }
  }
});

Deno.test("Pacer.limit() raised while mails of several relays wait gives each place once", async () => {
  const shared = new Pacer(1 / 60);
  const pacings = Array.from({ length: 4 }, () => new Pacing([new Pacer()], shared, FOREVER));
  await used(pacings[0]!);
  const passing = pacings.map((pacing) => timesOf(pacing, 10));
  await new Promise((next) => setTimeout(next, 20));
  shared.limit(200);
  const times = (await Promise.all(passing)).flat().sort((a, b) => a - b);
  const raisedAt = times[0]!;
  assertPaced(times.map((time) => time - raisedAt), 200);
  assert.ok(times.at(-1)! < 10_000, `40 mails at 200/s took ${times.at(-1)} ms`);
});

Deno.test("Pacer.limit() applies a lowered rate to a mail that is already waiting", async () => {
  const shared = new Pacer(10);
  const pacing = new Pacing([new Pacer()], shared, FOREVER);
  const [first] = await timesOf(pacing, 1);
  const passing = timesOf(pacing, 1);
  shared.limit(2);
  const [time] = await passing;
  assert.ok(time! >= 400, `the next mail after ${time} ms, the first after ${first}`);
});

Deno.test("Pacing gives the run's places to its relays in turn", async () => {
  const shared = new Pacer(200);
  const pacings = Array.from({ length: 3 }, () => new Pacing([new Pacer()], shared, FOREVER));
  const order: number[] = [];
  await Promise.all(pacings.map(async (pacing, relay) => {
    for (let mail = 0; mail < 12; mail++) {
      await pacing.pass();
      order.push(relay);
    }
  }));
  // As long as all three have mails, each has a third of the places.
  for (const relay of [0, 1, 2]) {
    const count = order.slice(0, 30).filter((other) => other === relay).length;
    assert.ok(count >= 8 && count <= 12, `relay ${relay} has ${count} of the first 30 places`);
  }
});

Deno.test("Pacing lets others pass while a relay waits whose limit was lowered", async () => {
  const shared = new Pacer(50);
  const slowed = new Pacer();
  const [slow, fast] = [[slowed], [new Pacer()]].map((own) => new Pacing(own, shared, FOREVER));
  await used(slow!);
  const stop = timesOf(slow!, 1);
  slowed.limit(1 / 3);
  const times = await timesOf(fast!, 5);
  assert.ok(times.at(-1)! < 2_000, `5 mails at 50/s took ${times.at(-1)} ms`);
  slowed.limit(undefined);
  await stop;
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
