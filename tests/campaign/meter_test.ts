import assert from "node:assert/strict";
import { Meter } from "../../src/campaign/meter.ts";
import type { RelayController } from "../../src/pipeline/relay/relay_controller.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { Progress, Reporter } from "../../src/report/reporter.ts";
import { deferred, OUTCOMES } from "../ledger/ledgers.ts";
import { timersOf } from "../support/late_timers.ts";
import { tally } from "../support/report_examples.ts";

const TALLY = tally({ total: 9, queued: 1, claimed: 2, deferred: 3, sent: 3 });

/** Runs `use` with a meter; returns what it reports, and the callbacks of its timers. */
async function metering(
  controllers: readonly Partial<RelayController>[],
  use: (meter: Meter, told: Progress[]) => void | Promise<void>,
): Promise<{ readonly told: Progress[]; readonly timers: readonly (() => void)[] }> {
  const told: Progress[] = [];
  const reporter: Partial<Reporter> = { progress: (shown) => void told.push(shown) };
  const ledger: Partial<Ledger> = { tally: () => Promise.resolve(TALLY) };
  const timers = await timersOf(async () => {
    using meter = new Meter({
      reporter: reporter as Reporter,
      ledger: ledger as Ledger,
      controllers: controllers as RelayController[],
      connections: 8,
      goal: 5,
    });
    await use(meter, told);
  });
  return { told, timers };
}

const TWO: readonly Partial<RelayController>[] = [
  { allowed: 3, ratePerSecond: 10 },
  { allowed: 2, ratePerSecond: 4 },
];

Deno.test("Meter.report() reports the ledger, the relays and the run together", async () => {
  const { told } = await metering(TWO, async (meter) => {
    meter.settled(OUTCOMES.sent);
    meter.settled(OUTCOMES.sent);
    meter.settled(OUTCOMES.failed);
    meter.settled(OUTCOMES.invalid);
    meter.settled(deferred(1));
    meter.waiting(77);
    await meter.report();
    assert.equal(meter.sent, 2);
    assert.ok(meter.elapsedMs >= 0 && meter.elapsedMs < 60_000);
  });
  const [{ elapsedMs, ...shown }] = told as [Progress];
  assert.ok(elapsedMs >= 0 && elapsedMs < 60_000);
  assert.deepEqual(shown, {
    tally: TALLY,
    goal: 5,
    settled: 4,
    connections: { allowed: 5, wanted: 8 },
    ratePerSecond: 14,
    waitingUntil: 77,
  });
});

Deno.test("Meter.report() gives a rate only if each relay has one, and a wait only while it lasts", async () => {
  const { told } = await metering(
    [...TWO, { allowed: 0, ratePerSecond: undefined }],
    async (meter) => {
      meter.waiting(77);
      meter.waiting(undefined);
      await meter.report();
    },
  );
  assert.deepEqual([told[0]?.ratePerSecond, told[0]?.waitingUntil], [undefined, undefined]);
});

Deno.test("Meter counts the mails under way", async () => {
  await metering(TWO, (meter) => {
    for (const change of [1, 1, -1, 1] as const) meter.carries(change);
    assert.equal(meter.underWay, 2);
  });
});

Deno.test("Meter reports four times a second, until it is disposed of", async () => {
  const { setInterval } = globalThis;
  const intervals: number[] = [];
  let during: (() => void) | undefined;
  const { told, timers } = await metering(TWO, (_, told) => {
    during?.();
    assert.deepEqual(told, []);
  });
  assert.equal(globalThis.setInterval, setInterval);
  timers.forEach((call) => call());
  assert.deepEqual([timers.length, told], [1, []], "it is over");
  Object.assign(globalThis, {
    setInterval: (call: () => void, ms: number) => (intervals.push(ms), during = call, 0),
  });
  try {
    const shown: Progress[] = [];
    using _meter = new Meter({
      reporter: { progress: (one: Progress) => void shown.push(one) } as Partial<
        Reporter
      > as Reporter,
      ledger: { tally: () => Promise.resolve(TALLY) } as Partial<Ledger> as Ledger,
      controllers: [],
      connections: 1,
      goal: undefined,
    });
    for (const count of [1, 2]) {
      during!();
      await new Promise((resolve) => setTimeout(resolve));
      assert.equal(shown.length, count);
    }
  } finally {
    Object.assign(globalThis, { setInterval });
  }
  assert.deepEqual(intervals, [250]);
});
