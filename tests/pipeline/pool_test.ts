import fc from "fast-check";
import assert from "node:assert/strict";
import { connectionsOfEach } from "../../src/pipeline/consumer/pool.ts";
import { sleep } from "../../src/time/sleep.ts";
import { Stop } from "../../src/model/stop.ts";
import { relayAt } from "../smtp/fixtures.ts";

const relay = (weight: number, connections?: number) => relayAt(25, { weight, connections });

for (
  const [sentence, relays, connections, expected] of [
    ["one relay gets all", [relay(1)], 10, [10]],
    ["equal weights share alike", [relay(1), relay(1)], 10, [5, 5]],
    ["weights share in proportion", [relay(3), relay(1)], 8, [6, 2]],
    ["the largest remainder gets what is left", [relay(1), relay(1), relay(1)], 10, [4, 3, 3]],
    ["the largest remainder, and not the first relay", [relay(5), relay(8)], 10, [4, 6]],
    ["the same in the other order", [relay(8), relay(5)], 10, [6, 4]],
    ["a larger remainder goes before a larger share", [relay(7), relay(3), relay(2)], 5, [3, 1, 1]],
    ["nobody is left without", [relay(100), relay(1), relay(1)], 4, [3, 1, 1]],
    ["also where there are more relays than connections", [relay(1), relay(1)], 1, [1, 1]],
    ["a relay's own limit holds", [relay(1, 2), relay(1)], 10, [2, 5]],
  ] as const
) {
  Deno.test(`seatsOf(): ${sentence}`, () => {
    assert.deepEqual(connectionsOfEach(relays, connections), expected);
  });
}

Deno.test("seatsOf() gives every relay one slot at least and all no more than asked for, or one each", () => {
  const weights = fc.array(fc.integer({ min: 1, max: 1_000 }), { minLength: 1, maxLength: 8 });
  fc.assert(fc.property(weights, fc.integer({ min: 1, max: 200 }), (weights, connections) => {
    const slots = connectionsOfEach(weights.map((weight) => relay(weight)), connections);
    const sum = slots.reduce((sum, count) => sum + count, 0);
    assert.ok(slots.every((count) => count >= 1));
    assert.ok(sum >= connections, "no connection is left out");
    assert.ok(sum <= connections + weights.length, "rounding up to one each costs no more");
  }));
});

/** A signal that counts its listeners. */
function counted(controller: AbortController): { signal: AbortSignal; listeners: () => number } {
  const { signal } = controller;
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
    listeners++;
    addEventListener.apply(signal, args);
  };
  signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
    listeners--;
    removeEventListener.apply(signal, args);
  };
  return { signal, listeners: () => listeners };
}

Deno.test("sleep() leaves no listener behind, whether it ends by time or by the signal", async () => {
  const controller = new AbortController();
  const { signal, listeners } = counted(controller);
  await sleep(1, signal);
  assert.equal(listeners(), 0);
  const long = sleep(60_000, signal);
  assert.equal(listeners(), 1);
  controller.abort();
  await long;
  assert.equal(listeners(), 0);
  await sleep(60_000, signal);
  await sleep(0, new AbortController().signal);
});

Deno.test("Stop hears the first reason only", () => {
  const stop = new Stop();
  assert.equal(stop.signal.aborted, false);
  stop.request("signal", "first", "do this");
  stop.request("signal", "second");
  assert.deepEqual(stop.reason, { kind: "signal", reason: "first", hint: "do this" });
  assert.ok(stop.signal.aborted);
});
