import assert from "node:assert/strict";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { mostInDoubt, Recorder, type RecorderOptions } from "../../src/ledger/recorder.ts";
import { FakeLedger } from "./fake_ledger.ts";
import { deferred, OUTCOMES } from "./ledgers.ts";
import { FULL, mail, nextTurn } from "./recording.ts";

function recorderOf(
  ledger: FakeLedger,
  mostHandedOver = 100,
  options: Partial<RecorderOptions> = {},
): { recorder: Recorder; failures: Error[] } {
  const failures: Error[] = [];
  const recorder = new Recorder(ledger as unknown as Ledger, {
    ...options,
    mostHandedOver,
    onFailure: (error) => failures.push(error),
  });
  return { recorder, failures };
}

const ids = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

/** Rejections by their message, the rest as "done". */
async function endsOf(promises: readonly Promise<unknown>[]): Promise<string[]> {
  const ends = await Promise.allSettled(promises);
  return ends.map((end) => end.status === "fulfilled" ? "done" : end.reason.message);
}

Deno.test("mostInDoubt() is 2 x connections + 50", () => {
  assert.deepEqual([mostInDoubt(1), mostInDoubt(10)], [52, 70]);
});

Deno.test("Recorder.handOver() resolves when the hand-over is committed, not before", async () => {
  const ledger = new FakeLedger();
  const commit = Promise.withResolvers<void>();
  ledger.held = commit.promise;
  const { recorder } = recorderOf(ledger);
  await using _ends = recorder;
  let resolved = false;
  const handing = recorder.handOver(mail(1)).then(() => resolved = true);
  await nextTurn();
  assert.equal(resolved, false);
  commit.resolve();
  await handing;
  assert.deepEqual(ledger.written, ["handed-over 1"]);
});

Deno.test("Recorder writes everything from one turn in one commit", async () => {
  const ledger = new FakeLedger();
  const { recorder } = recorderOf(ledger);
  await using _ends = recorder;
  await Promise.all(ids(50).map((id) => recorder.handOver(mail(id))));
  assert.equal(ledger.commits.length, 1);
  for (const id of ids(50)) recorder.settle(mail(id), OUTCOMES.sent);
  await Promise.all(ids(10).map((id) => recorder.handOver(mail(100 + id))));
  assert.equal(ledger.commits.length, 2);
  assert.equal(ledger.commits[1]?.length, 60);
});

Deno.test("Recorder makes one commit of everything that arrives during another", async () => {
  const ledger = new FakeLedger();
  const commit = Promise.withResolvers<void>();
  ledger.held = commit.promise;
  const { recorder } = recorderOf(ledger);
  await using _ends = recorder;
  const first = recorder.handOver(mail(1));
  await nextTurn();
  const later: Promise<void>[] = [];
  for (const id of [2, 3, 4, 5]) {
    later.push(recorder.handOver(mail(id)));
    await nextTurn();
  }
  commit.resolve();
  await Promise.all([first, ...later]);
  assert.deepEqual(ledger.commits.map((changes) => changes.length), [1, 4]);
});

Deno.test("Recorder writes in the order of the calls", async () => {
  const ledger = new FakeLedger();
  const { recorder } = recorderOf(ledger);
  await using _ends = recorder;
  await recorder.handOver(mail(1));
  recorder.settle(mail(1), OUTCOMES.failed);
  await recorder.handOver(mail(2));
  await recorder.flush();
  assert.deepEqual(ledger.written, ["handed-over 1", "outcome 1", "handed-over 2"]);
});

Deno.test("Recorder never lets more be handed over than its limit, and lets all through in the end", async () => {
  const ledger = new FakeLedger();
  const { recorder } = recorderOf(ledger, 7);
  await using _ends = recorder;
  const order: number[] = [];
  await Promise.all(
    ids(200).map(async (id) => {
      await recorder.handOver(mail(id));
      order.push(id);
      if (id % 3 === 0) await nextTurn();
      recorder.settle(mail(id), id % 5 === 0 ? deferred(1) : OUTCOMES.sent);
    }),
  );
  await recorder.flush();
  assert.equal(ledger.most, 7);
  assert.deepEqual(order, ids(200), "first come, first served");
});

Deno.test("Recorder gives a free slot to the one that has waited longest, whenever another one asks", async () => {
  for (let hops = 0; hops < 10; hops++) {
    const ledger = new FakeLedger();
    const { recorder } = recorderOf(ledger, 1);
    await using _ends = recorder;
    const order: number[] = [];
    const through = (id: number) => recorder.handOver(mail(id)).then(() => order.push(id));
    await through(1);
    const second = through(2);
    let third: Promise<unknown> | undefined;
    const write = ledger.write;
    ledger.write = async (changes) => {
      await write.call(ledger, changes);
      // The number of steps after the commit, around the moment in which the slot of the first is reused for the second.
      void (async () => {
        for (let hop = 0; hop < hops; hop++) await undefined;
        third ??= through(3);
      })();
    };
    recorder.settle(mail(1), OUTCOMES.sent);
    while (order.length < 2) await nextTurn();
    recorder.settle(mail(order[1]!), OUTCOMES.sent);
    await Promise.all([second, third]);
    assert.deepEqual(order, [1, 2, 3], `${hops} steps`);
  }
});

Deno.test("Recorder.handOver() rejects all waiting calls when the ledger fails, which is reported once", async () => {
  const ledger = new FakeLedger();
  const { recorder, failures } = recorderOf(ledger, 3);
  await using _ends = recorder;
  const handing = ids(10).map((id) => recorder.handOver(mail(id)));
  ledger.fault = FULL;
  assert.deepEqual(await endsOf(handing), ids(10).map(() => "disk full"));
  assert.deepEqual(await endsOf([recorder.handOver(mail(11)), recorder.claim([], 1)]), [
    "disk full",
    "disk full",
  ]);
  assert.deepEqual(failures, [FULL]);
  assert.equal(recorder.failure, FULL);
});

Deno.test("Recorder lets nothing be handed over after a claim that failed", async () => {
  const ledger = new FakeLedger();
  const { recorder, failures } = recorderOf(ledger);
  await using _ends = recorder;
  ledger.fault = FULL;
  await assert.rejects(recorder.claim([], 1), FULL);
  ledger.fault = undefined;
  await assert.rejects(recorder.handOver(mail(1)), FULL);
  assert.deepEqual([failures.length, ledger.commits.length], [1, 0]);
});

Deno.test("Recorder keeps outcomes that could not be written and writes them at the end, in order", async () => {
  const ledger = new FakeLedger();
  const { recorder } = recorderOf(ledger);
  await Promise.all([1, 2, 3].map((id) => recorder.handOver(mail(id))));
  ledger.fault = FULL;
  recorder.settle(mail(1), OUTCOMES.sent);
  await recorder.flush();
  recorder.settle(mail(2), OUTCOMES.failed);
  assert.equal(recorder.lost, 2);
  ledger.fault = undefined;
  await recorder[Symbol.asyncDispose]();
  assert.deepEqual(ledger.commits.at(-1)?.map(({ kind, id }) => `${kind} ${id}`), [
    "outcome 1",
    "outcome 2",
  ]);
  assert.equal(recorder.lost, 0);
});

Deno.test("Recorder says how many outcomes are lost when the ledger stays full", async () => {
  const ledger = new FakeLedger();
  const { recorder } = recorderOf(ledger);
  await recorder.handOver(mail(1));
  ledger.fault = FULL;
  recorder.settle(mail(1), OUTCOMES.sent);
  await recorder[Symbol.asyncDispose]();
  assert.equal(recorder.lost, 1);
});

Deno.test("Recorder syncs in the background, and at the end", async () => {
  const ledger = new FakeLedger();
  const { recorder } = recorderOf(ledger);
  await recorder.handOver(mail(1));
  assert.equal(ledger.syncs, 0, "not with every commit");
  await recorder[Symbol.asyncDispose]();
  assert.equal(ledger.syncs, 1);
});

Deno.test("Recorder syncs, and hears of a ledger that is gone, also while nothing is written", async () => {
  const ledger = new FakeLedger();
  const { recorder, failures } = recorderOf(ledger, 100, { syncEveryMs: 1 });
  while (ledger.syncs < 2) await nextTurn();
  ledger.syncFault = FULL;
  while (failures.length === 0) await nextTurn();
  const { syncs } = ledger;
  await new Promise((next) => setTimeout(next, 20));
  assert.equal(ledger.syncs, syncs, "and then no more");
  await recorder[Symbol.asyncDispose]();
});

Deno.test("Recorder treats a failing sync as a failing ledger", async () => {
  const ledger = new FakeLedger();
  const { recorder, failures } = recorderOf(ledger, 100, { syncEveryMs: 0 });
  ledger.syncFault = FULL;
  await recorder.handOver(mail(1));
  await nextTurn();
  assert.deepEqual(failures, [FULL]);
  await assert.rejects(recorder.handOver(mail(2)), FULL);
  recorder.settle(mail(1), OUTCOMES.sent);
  await recorder[Symbol.asyncDispose]();
  assert.deepEqual(ledger.written, ["handed-over 1", "outcome 1"]);
});

Deno.test("Recorder reports a sync that fails at the end, and ends cleanly", async () => {
  const ledger = new FakeLedger();
  const { recorder, failures } = recorderOf(ledger);
  await recorder.handOver(mail(1));
  ledger.syncFault = FULL;
  await recorder[Symbol.asyncDispose]();
  assert.deepEqual(failures, [FULL]);
});
