import assert from "node:assert/strict";
import { consume } from "../../src/pipeline/consumer/pool.ts";
import { Pacer } from "../../src/policy/pace/pacer.ts";
import { StorageError } from "../../src/sqlite/storage_error.ts";
import type { Suppressing } from "../../src/suppression/suppression_files.ts";
import { FakeTime } from "../support/fake_time.ts";
import { advanceUntil, ConsumerBench } from "./consumers.ts";
import { jobNumber } from "./controller_bench.ts";
import { deferred, Folder, OUTCOMES } from "../ledger/ledgers.ts";
import { rowsFrom, Run, waiting } from "./producer_run.ts";
import { RuleServer } from "./relays.ts";

// Recipients who are suppressed after their row was claimed and before their mail is sent.

const WHY = "Suppressed: unsubscribed 2026-11-24";

/** A suppression that grows, and records what it was asked. */
class Growing implements Suppressing {
  version = 1;
  readonly asked: string[] = [];
  readonly #keys = new Set<string>();

  add(key: string): void {
    this.#keys.add(key);
    this.version++;
  }

  why(key: string): string | undefined {
    this.asked.push(key);
    return this.#keys.has(key) ? WHY : undefined;
  }
}

const job = (id: number, clearedBy = 1) => ({ ...jobNumber(id), clearedBy });
const keyOf = (id: number) => jobNumber(id).recipient.key;

Deno.test("Consumer skips recipients suppressed since their row was claimed, and mails the others", async () => {
  await using server = new RuleServer();
  const suppression = new Growing();
  const bench = new ConsumerBench(server.port, { consumption: { suppression } });
  suppression.add(keyOf(2));
  const outcomes = await bench.send(job(1), job(2), job(3));
  assert.deepEqual(outcomes.map(({ state }) => state).sort(), ["sent", "sent", "skipped"]);
  assert.deepEqual(server.named.toSorted(), [1, 3].map((id) => jobNumber(id).recipient.address));
  // As the producer settles it, without relay and mail.
  assert.deepEqual(bench.settled.filter(({ id }) => id === 2), [
    { id: 2, relay: "", messageId: "", outcome: { state: "skipped", reason: WHY } },
  ]);
  const { line, address } = jobNumber(2).recipient;
  assert.deepEqual(bench.told.filter(({ state }) => state === "skipped"), [
    { line, address, relay: "", state: "skipped", detail: WHY },
  ]);
  assert.ok(!bench.handedOver.some(({ id }) => id === 2));
});

Deno.test("Consumer asks only about those who were cleared by an earlier version, or by none", async () => {
  await using server = new RuleServer();
  const suppression = new Growing();
  const bench = new ConsumerBench(server.port, { consumption: { suppression } });
  suppression.add("somebody.else@x.test");
  await bench.send(job(1, 1), job(2, 2), jobNumber(3));
  assert.deepEqual(suppression.asked, [keyOf(1), keyOf(3)]);
  assert.equal(server.accepted.length, 3);
});

Deno.test("Consumer asks when the rate lets the mail go, not before", async () => {
  await using server = new RuleServer();
  using time = new FakeTime();
  const suppression = new Growing();
  const bench = new ConsumerBench(server.port, {
    pacer: new Pacer(5),
    consumption: { suppression },
  });
  const running = bench.begin();
  for (const id of [1, 2, 3]) await bench.channel.send(job(id));
  await advanceUntil(time, "the first is sent", () => bench.outcomes.length === 1);
  suppression.add(keyOf(2));
  await advanceUntil(time, "all are settled", () => bench.outcomes.length === 3);
  await running.end();
  assert.deepEqual(bench.outcomes.map(({ state }) => state), ["sent", "skipped", "sent"]);
  assert.equal(server.named.includes(jobNumber(2).recipient.address), false);
});

Deno.test("Consumer leaves a suppressed recipient who was to be mailed again in doubt", async () => {
  await using server = new RuleServer();
  const suppression = new Growing();
  const bench = new ConsumerBench(server.port, { consumption: { suppression } });
  suppression.add(keyOf(1));
  const outcomes = await bench.send({ ...job(1), ruledOut: "in-doubt" });
  assert.deepEqual(outcomes, [{ state: "in-doubt", reason: WHY }]);
  assert.deepEqual(server.named, []);
});

Deno.test("consume() ends the run with the reason if the suppression list can no longer be read, and mails nobody", async () => {
  await using server = new RuleServer();
  using time = new FakeTime();
  const gone = new StorageError("The suppression list 'left.db' is missing", {
    kind: "suppression-list",
    hint: "Restore it.",
  });
  const suppression: Suppressing = {
    get version(): number {
      throw gone;
    },
    why: () => undefined,
  };
  const bench = new ConsumerBench(server.port, { slots: 2, consumption: { suppression } });
  await bench.channel.send(job(1));
  let end: unknown;
  void consume(bench.shared, [bench.controller]).then(
    () => end = "without error",
    (error) => end = error,
  );
  await advanceUntil(time, "all have ended", () => end !== undefined);
  assert.equal(end, gone);
  assert.deepEqual(bench.stop.reason, {
    kind: "suppression-list",
    reason: gone.message,
    hint: "Restore it.",
  });
  assert.deepEqual([server.named, bench.outcomes], [[], []]);
});

Deno.test("produce() gives each job the version read before the suppression was asked, and the state it gets if ruled out", async () => {
  using folder = new Folder();
  await waiting(folder.file(), 1, deferred(0));
  await using run = new Run(folder.file(), {});
  let version = 7;
  // Somebody is added during each question.
  const suppression = {
    get version() {
      return version;
    },
    why: () => void version++,
  };
  const producing = run.produce(rowsFrom(2, 3), { suppression });
  const jobs = [(await run.channel.receive())!, (await run.channel.receive())!];
  assert.deepEqual(jobs.map(({ id, clearedBy, ruledOut }) => [id, clearedBy, ruledOut]), [
    [1, 7, "skipped"],
    [2, 8, undefined],
  ]);
  for (const { id } of jobs) {
    run.recorder.settle({ id, relay: "", messageId: "" }, OUTCOMES.sent);
  }
  await run.drain();
  await producing;
});

Deno.test("produce() leaves recipients in doubt so if they are ruled out after they were claimed", async () => {
  using folder = new Folder();
  await waiting(folder.file(), 1, OUTCOMES["in-doubt"]);
  await using run = new Run(folder.file(), { inDoubt: "resend" });
  const producing = run.produce(rowsFrom(2, 2));
  const one = (await run.channel.receive())!;
  assert.equal(one.ruledOut, "in-doubt");
  run.recorder.settle({ id: one.id, relay: "", messageId: "" }, OUTCOMES.sent);
  await run.drain();
  await producing;
});
