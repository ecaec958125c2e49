import assert from "node:assert/strict";
import type { Composer } from "../../src/compose/composer.ts";
import { consume } from "../../src/pipeline/consumer/pool.ts";
import { now } from "../../src/time/steady_time.ts";
import { FakeTime } from "../support/fake_time.ts";
import { advanceUntil, ConsumerBench } from "./consumers.ts";
import { jobNumber } from "./controller_bench.ts";
import { DROP, RuleServer } from "./relays.ts";

function composing(compose: () => unknown): { readonly composer: Composer } {
  return { composer: { compose } as Partial<Composer> as Composer };
}

const UNMAILABLE = () => ({ kind: "unmailable", reason: "Header too long" });

/** Lets time pass until all consumers of these controllers have ended; returns "in peace", or the error. */
async function endOf(time: FakeTime, bench: ConsumerBench, ...others: ConsumerBench[]) {
  let end: unknown;
  const controllers = [bench, ...others].map(({ controller }) => controller);
  void consume(bench.shared, controllers).then(() => end = "in peace", (error) => end = error);
  await advanceUntil(time, "all consumers have ended", () => end !== undefined);
  return end;
}

Deno.test("consume() ends when a consumer finds no job left, though others of all relays were never admitted", async () => {
  await using server = new RuleServer();
  using time = new FakeTime();
  const [bench, other] = [1, 2].map(() =>
    new ConsumerBench(server.port, { slots: 3, consumption: composing(UNMAILABLE) })
  ) as [ConsumerBench, ConsumerBench];
  await bench.channel.send(jobNumber(1));
  await bench.channel.close();
  assert.equal(await endOf(time, bench, other), "in peace");
  assert.deepEqual(bench.outcomes, [{ state: "invalid", reason: "Header too long" }]);
  assert.equal(bench.controller.admission.onTrial, true);
  assert.equal(time.timers, 0);
});

Deno.test("consume() stops the run for a bug, lets all end, and throws it", async () => {
  await using server = new RuleServer();
  using time = new FakeTime();
  const bug = new Error("a bug");
  const bench = new ConsumerBench(server.port, {
    slots: 3,
    consumption: composing(() => {
      throw bug;
    }),
  });
  await bench.channel.send(jobNumber(1));
  assert.equal(await endOf(time, bench), bug);
  assert.equal(
    bench.stop.reason?.reason,
    "Internal error: the run ends so that nothing is lost",
  );
  assert.equal(time.timers, 0, "nobody waits any longer");
});

Deno.test("consume() counts the connections that break under a mail over all consumers", async () => {
  await using server = new RuleServer({ rcpt: () => DROP });
  using time = new FakeTime({ random: 0.5 });
  const bench = new ConsumerBench(server.port, { slots: 2 });
  bench.endTrial();
  const consuming = consume(bench.shared, [bench.controller]);
  const pauses: number[] = [];
  for (let loss = 1; loss <= 4; loss++) {
    await bench.channel.send(jobNumber(1));
    await advanceUntil(time, "its connection breaks", () => bench.outcomes.length === loss);
    const last = bench.outcomes.at(-1)!;
    pauses.push(last.state === "deferred" ? last.notBefore - now() : NaN);
    await time.advance(60_000);
  }
  assert.deepEqual(pauses.map((ms) => Math.round(ms / 10) * 10), [500, 1_000, 2_000, 4_000]);
  await bench.channel.close();
  await consuming;
});
