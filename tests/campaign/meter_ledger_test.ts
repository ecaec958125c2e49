import assert from "node:assert/strict";
import { Meter } from "../../src/campaign/meter.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { Tally } from "../../src/model/tally.ts";
import type { Progress, Reporter } from "../../src/report/reporter.ts";
import { StorageError } from "../../src/sqlite/storage_error.ts";
import { tally } from "../support/report_examples.ts";

/** A meter over a ledger whose tallies arrive when the test says, and the counts of sent mails it reported. */
function meterOf(nextTally: () => Promise<Tally>): { meter: Meter; reported: number[] } {
  const reported: number[] = [];
  const reporter = {
    progress: ({ tally: { sent } }: Progress) => reported.push(sent),
  } as Partial<Reporter> as Reporter;
  const ledger = { tally: nextTally } as Partial<Ledger> as Ledger;
  const meter = new Meter({ reporter, ledger, controllers: [], connections: 1, goal: 1 });
  return { meter, reported };
}

Deno.test("Meter.report() reports the current tally, even while an earlier report waits for the ledger", async () => {
  const slow = Promise.withResolvers<Tally>();
  const tallies = [slow.promise, Promise.resolve(tally({ sent: 2 }))];
  const { meter, reported } = meterOf(() => tallies.shift()!);
  using _ends = meter;
  const reports = [meter.report(), meter.report()];
  slow.resolve(tally({ sent: 1 }));
  await Promise.all(reports);
  assert.deepEqual(reported, [1, 2]);
});

Deno.test("Meter.report() ignores a ledger that cannot be read, and leaves that to those who write to it", async () => {
  const { meter, reported } = meterOf(() => Promise.reject(new StorageError("disk full")));
  using _ends = meter;
  await meter.report();
  assert.deepEqual(reported, []);
});

Deno.test("Meter.report() hides no bug", async () => {
  const { meter } = meterOf(() => Promise.reject(new TypeError("a bug")));
  using _ends = meter;
  await assert.rejects(meter.report(), TypeError);
});

Deno.test("Meter reports nothing once it has ended", async () => {
  const slow = Promise.withResolvers<Tally>();
  const { meter, reported } = meterOf(() => slow.promise);
  const report = meter.report();
  meter[Symbol.dispose]();
  slow.resolve(tally({ sent: 1 }));
  await report;
  assert.deepEqual(reported, []);
});
