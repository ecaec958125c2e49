import assert from "node:assert/strict";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { Recorder } from "../../src/ledger/recorder.ts";
import { FakeLedger } from "./fake_ledger.ts";
import { OUTCOMES } from "./ledgers.ts";
import { FULL, mail, nextTurn, Recording } from "./recording.ts";

Deno.test("Recorder asks the ledger what it is asked, and nothing of one that has failed", async () => {
  const questions: readonly [Extract<keyof Recorder & keyof Ledger, string>, readonly unknown[]][] =
    [
      ["claim", [[], 7]],
      ["claimDue", [1_000, 5]],
      ["claimRows", ["due", [1, 2], 1_000]],
      ["longestSetAside", []],
      ["claimSetAside", [3, 9, 1_000, 5]],
      ["leftOut", [{ state: "invalid", after: 1, limit: 2 }]],
      ["nextDue", [1_000]],
      ["inDoubt", []],
      ["missing", []],
      ["forgetList", []],
      ["skipMissing", ["list.csv"]],
    ];
  for (const [name, given] of questions) {
    const asked: unknown[] = [];
    const faults: Error[] = [];
    const ledger = Object.assign(new FakeLedger(), {
      [name]: (...values: unknown[]) => {
        asked.push(values);
        return faults.length === 0 ? Promise.resolve(`${name} answers`) : Promise.reject(faults[0]);
      },
    });
    await using recording = new Recording({ ledger });
    const { recorder, failures } = recording;
    const ask = () => (recorder[name] as (...values: unknown[]) => Promise<unknown>)(...given);
    assert.equal(await ask(), `${name} answers`);
    assert.deepEqual(asked, [given], name);
    faults.push(FULL);
    await assert.rejects(ask(), FULL);
    await assert.rejects(ask(), FULL);
    assert.equal(asked.length, 2, `${name}() of a ledger that has failed`);
    assert.deepEqual(failures, [FULL], "told once");
  }
});

Deno.test("Recorder.flush() resolves at once where there is nothing to write, and not before what there is is written", async () => {
  await using recording = new Recording();
  const { recorder, ledger } = recording;
  const ended = async (flush: Promise<void>) => {
    const turning = nextTurn().then(() => "not yet");
    const end = await Promise.race([flush.then(() => "flushed"), turning]);
    await turning;
    return end;
  };
  assert.equal(await ended(recorder.flush()), "flushed", "within the turn of the event loop");
  const commit = Promise.withResolvers<void>();
  ledger.held = commit.promise;
  recorder.settle(mail(1), OUTCOMES.failed);
  const flush = recorder.flush();
  assert.equal(await ended(flush), "not yet");
  commit.resolve();
  await flush;
  assert.deepEqual(ledger.written, ["outcome 1"]);
  assert.equal(await ended(recorder.flush()), "flushed", "and at once again");
});

Deno.test("Recorder syncs one at a time, and its end waits for the one under way", async () => {
  const recording = new Recording({ syncEveryMs: 1 });
  const { recorder, ledger } = recording;
  const disk = Promise.withResolvers<void>();
  let ended = false;
  ledger.sync = () => {
    ledger.syncs++;
    return disk.promise;
  };
  while (ledger.syncs === 0) await nextTurn();
  await new Promise((next) => setTimeout(next, 10));
  assert.equal(ledger.syncs, 1);
  const ending = recorder[Symbol.asyncDispose]().then(() => ended = true);
  await nextTurn();
  assert.deepEqual([ended, ledger.syncs], [false, 1]);
  disk.resolve();
  await ending;
  assert.equal(ledger.syncs, 2, "and once more, for what came after it");
  await new Promise((next) => setTimeout(next, 10));
  assert.equal(ledger.syncs, 2, "and then no more");
});

Deno.test("Recorder syncs again after a sync that is through", async () => {
  await using recording = new Recording({ syncEveryMs: 1 });
  while (recording.ledger.syncs < 3) await nextTurn();
});

Deno.test("Recorder brings what was noted last to the disk at its end: first the commit, then the sync", async () => {
  const recording = new Recording();
  const { recorder, ledger } = recording;
  const order: string[] = [];
  const { write, sync } = ledger;
  ledger.write = async (changes) => {
    await nextTurn();
    order.push(`write ${changes.length}`);
    await write.call(ledger, changes);
  };
  ledger.sync = () => {
    order.push("sync");
    return sync.call(ledger);
  };
  recorder.settle(mail(1), OUTCOMES.failed);
  await recorder[Symbol.asyncDispose]();
  assert.deepEqual(order, ["write 1", "sync"]);
});
