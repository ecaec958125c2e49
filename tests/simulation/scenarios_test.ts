import assert from "node:assert/strict";
import { listOf } from "./lists.ts";
import { after, answerOf, breaks, kindOf, paces, when } from "./relay_model.ts";
import { DONE, HEALTHY, QUOTA, relay, type Scenario, STOPPED } from "./scenarios.ts";
import { inTurn } from "./campaigns/world/turns.ts";
import { Simulation } from "./simulation.ts";

/** Connections, and mails under way on each. The largest setup runs with two seeds: there, most depends on timing. */
const WAYS = [[1, 1], [5, 4], [10, 16], [10, 16]] as const;

function holds({ list, domains, given, counts, kind, stopped, within }: Scenario): void {
  for (const [at, [slots, window]] of WAYS.entries()) {
    const seed = at + 1;
    using simulation = new Simulation(listOf(list, domains), seed);
    const ended = simulation.run({ slots, window, ...given });
    const detail = JSON.stringify({ seed, slots, window, counts: simulation.counts, ended });
    assert.equal(ended.stopped?.kind, kind, detail);
    // People have to see what the relay said.
    if (stopped !== undefined) assert.match(ended.stopped!.reason, stopped, detail);
    for (const [state, count] of Object.entries(counts)) {
      assert.equal(simulation.counts[state] ?? 0, count, `${state}: ${detail}`);
    }
    if (stopped !== undefined) assert.equal(simulation.counts["failed"] ?? 0, 0, detail);
    assert.ok(ended.durationMs <= (within ?? Infinity), detail);
  }
}

for (const scenario of DONE) {
  Deno.test(`Simulated: ${scenario.promise}`, () => inTurn(() => holds(scenario)));
}

for (const scenario of STOPPED) {
  Deno.test(`Simulated: the run stops, quotes the relay and fails nobody if ${scenario.promise}`, () =>
    inTurn(() => holds(scenario)));
}

for (const kind of ["sick", "locked", "full"]) {
  Deno.test(`Simulated: one ${kind} mailbox does not slow the others`, () =>
    inTurn(() => {
      const tookMs = (list: string): number => {
        using simulation = new Simulation(listOf(list));
        const { durationMs, lastTakenMs, news } = simulation.run({ relays: [HEALTHY] });
        assert.deepEqual(news, [], "no rate was learnt");
        assert.ok(durationMs >= lastTakenMs);
        return lastTakenMs;
      };
      const without = tookMs("3000 good");
      const beside = tookMs(`1500 good, 1 ${kind}, 1499 good`);
      assert.ok(beside <= without / 0.9, `${beside} ms, and ${without} ms without`);
    }));
}

Deno.test("Simulated: recipients left over when a quota ends the run get their mail in the next one", () =>
  inTurn(() => {
    using simulation = new Simulation(listOf("100 good, 4 suppressed, 200 good"));
    for (let day = 0; day < 3; day++) {
      simulation.run({ relays: [relay("quota:25", after(120, QUOTA))] });
    }
    assert.deepEqual(simulation.counts, { sent: 300, failed: 4 });
  }));

Deno.test("Simulated: a run with two relays does not finish while a recipient waits that one of them was not asked about", () =>
  inTurn(() => {
    const list = listOf("8 plain, 5 good, 6 plain, 5 good, 6 plain, 9 good");
    const relays = [HEALTHY, relay("b:25", breaks(0, 338))];
    for (let seed = 1; seed <= 30; seed++) {
      for (const [slots, window] of WAYS.slice(0, 3)) {
        using simulation = new Simulation(list, seed);
        const { stopped } = simulation.run({ relays, slots, window, roundTripMs: 1 });
        const settled = { sent: 19, failed: 20 };
        if (stopped === undefined) assert.deepEqual(simulation.counts, settled);
        else assert.equal(stopped.kind, "refused-by-relay");
      }
    }
  }));

for (
  const says of ["rcpt 450 4.7.1 Too fast", "body 451 4.7.0 Too fast", "rcpt 452 4.5.3 Too many"]
) {
  Deno.test(`Simulated: '${says}' fails nobody in a run in which everybody has waited for longer than --retry-for`, () =>
    inTurn(() => {
      for (const [mails, perMs] of [[5, 1_000], [1, 700], [3, 4_000]] as const) {
        for (const [slots, window] of WAYS.slice(0, 3)) {
          using simulation = new Simulation(listOf("100 good, 2 full, 30 good"));
          const policy = { retryForMs: 1_600, firstRetryMs: 200 };
          const later = relay("later:25", when(() => true, "rcpt 450 4.7.1 Come later"));
          simulation.run({ relays: [later], slots, window, policy });
          assert.deepEqual(simulation.counts, { waiting: 132 });
          // With so little time for retries a run may stop at a slow relay; the next one continues.
          for (let run = 0; run < 2; run++) {
            const paced = relay("paced:25", paces(mails, perMs, says));
            simulation.run({ relays: [paced], slots, window, policy });
          }
          assert.deepEqual(simulation.counts, { sent: 130, failed: 2 });
        }
      }
    }));
}

Deno.test("Simulated: if only recipients set aside are left, each run starts with different ones", () =>
  inTurn(() => {
    using simulation = new Simulation(listOf("30 suppressed, 10 good", 40));
    const away = relay("away:25", when(() => true, "rcpt 550 5.7.1 <%>: not allowed"));
    // Everybody has been refused, twenty in each run.
    for (let run = 0; run < 2; run++) simulation.run({ relays: [away] });
    assert.deepEqual(simulation.counts, { waiting: 40 });
    for (let run = 0; run < 2; run++) simulation.run({ relays: [HEALTHY] });
    assert.equal({ sent: 0, ...simulation.counts }.sent, 10);
  }));

Deno.test("Simulated: a run with recipients set aside and a few held back mails one of the few first, and finishes", () =>
  inTurn(() => {
    for (const seed of [1, 2, 3]) {
      using simulation = new Simulation(listOf("80 good, 30 suppressed, 3 good", 200), seed);
      const first = simulation.run({ relays: [HEALTHY], slots: 6, window: 9 });
      assert.equal(first.stopped!.kind, "refused-by-relay");
      assert.deepEqual(simulation.counts, { sent: 80, waiting: 33 });
      const second = simulation.run({ relays: [HEALTHY] });
      assert.equal(simulation.counts["sent"], 83, JSON.stringify(second));
    }
  }));

Deno.test("Simulated: if a list of few domains starts with many suppressed recipients, the second run sends to all others", () =>
  inTurn(() => {
    using simulation = new Simulation(listOf("30 suppressed, 300 good"));
    for (let run = 0; run < 2; run++) simulation.run({ relays: [HEALTHY] });
    assert.equal({ sent: 0, ...simulation.counts }.sent, 300);
  }));

Deno.test("Simulated: if a list starts with more suppressed recipients than stop a run, the second run settles everybody", () =>
  inTurn(() => {
    using simulation = new Simulation(listOf("30 suppressed, 300 good", 400));
    assert.match(
      simulation.run({ relays: [HEALTHY] }).stopped!.reason,
      /20 recipients .* none: 550/,
    );
    assert.equal(simulation.run({ relays: [HEALTHY] }).stopped, undefined);
    assert.deepEqual(simulation.counts, { failed: 30, sent: 300 });
  }));

Deno.test("Simulated: recipients refused for a while do not fail because of a limit, or another refusal of us, that starts once all others are sent", () =>
  inTurn(() => {
    for (
      const says of [QUOTA, "rcpt 530 5.7.0 Log in first", "body 554 5.2.0 Not as this sender"]
    ) {
      using simulation = new Simulation(listOf("2 odd@one.test, 80 good"));
      // Three of the good ones are held back until those set aside have been tried again.
      const odd = relay(
        "odd:25",
        after(77, says),
        (moment) =>
          kindOf(moment.address) === "odd" && moment.taken < 77
            ? answerOf("rcpt 550 5.7.1 <%>: not today", moment.address)
            : undefined,
      );
      simulation.run({ relays: [odd], slots: 1, window: 1, patienceMs: 600_000 });
      assert.deepEqual(simulation.counts, { sent: 77, waiting: 5 });
      simulation.run({ relays: [HEALTHY] });
      assert.deepEqual(simulation.counts, { sent: 82 });
    }
  }));

Deno.test("Simulated: nobody fails if a relay reports now and then that a quota is reached", () =>
  inTurn(() => {
    for (const seed of [1, 2, 3]) {
      using simulation = new Simulation(listOf("300 good"), seed);
      const moody = relay("moody:25", when(({ at }) => at % 20 < 5, QUOTA));
      simulation.run({ relays: [moody] });
      simulation.run({ relays: [HEALTHY] });
      assert.deepEqual(simulation.counts, { sent: 300 });
    }
  }));
