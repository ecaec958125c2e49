import assert from "node:assert/strict";
import type { Sign } from "../../src/policy/judge.ts";
import { answerOf } from "../simulation/relay_model.ts";
import { FakeTime } from "../support/fake_time.ts";
import { GateBench, jobNumber, placeOf } from "./gates.ts";

const MINUTE = 60_000;

const WELL: Sign = { kind: "well", accepted: true };
const FEWER: Sign = { kind: "slow-down", of: "connections" };
const SLOWER: Sign = { kind: "slow-down", of: "rate" };

/** A relay that takes mail and carries so many sessions. */
function carrying(sessions: number) {
  const bench = new GateBench();
  bench.endTrial();
  const open = Array.from({ length: sessions }, () => bench.connects());
  return { bench, gate: bench.gate, session: open.at(-1)! };
}

Deno.test("Gate uses one connection fewer where a fresh one is told 421, and keeps its rate", () => {
  using _ = new FakeTime();
  const { gate, session } = carrying(4);
  gate.heed(FEWER, placeOf(session));
  assert.deepEqual([gate.allowed, gate.ratePerSecond, gate.pauseMs], [3, undefined, 0]);
});

Deno.test("Gate lowers its rate where the only connection is told 421, and makes a pause", () => {
  for (const [random, pauseMs] of [[0, 250], [0.5, 375]] as const) {
    using _ = new FakeTime({ random });
    const { gate, session } = carrying(1);
    gate.heed(FEWER, placeOf(session));
    assert.equal(gate.allowed, 4);
    assert.notEqual(gate.ratePerSecond, undefined);
    assert.equal(gate.pauseMs, pauseMs);
  }
});

Deno.test("Gate learns how many mails a connection carries from 421 after some, and lowers the rate where the number moves", () => {
  using _ = new FakeTime();
  const { gate, session } = carrying(2);
  Object.assign(session, { accepted: 10 });
  gate.heed(FEWER, placeOf(session, 10));
  assert.deepEqual([gate.allowed, gate.ratePerSecond], [4, undefined], "it may be one");
  gate.heed(FEWER, placeOf(session, 10));
  assert.equal(gate.limits.mailsPerSession, 10);
  assert.equal(gate.ratePerSecond, undefined);
  Object.assign(session, { accepted: 6 });
  gate.heed(FEWER, placeOf(session, 7));
  assert.equal(gate.allowed, 4);
  assert.notEqual(gate.ratePerSecond, undefined);
});

Deno.test("Gate lowers its rate where it is told that it is too fast, on whatever connection", () => {
  for (const mailsBefore of [0, 10]) {
    using _ = new FakeTime();
    const { gate, session } = carrying(3);
    gate.heed(SLOWER, placeOf(session, mailsBefore));
    assert.deepEqual([gate.allowed, gate.pauseMs], [4, 250]);
    assert.notEqual(gate.ratePerSecond, undefined);
  }
});

Deno.test("Gate makes no pause where it keeps a rate already", () => {
  using time = new FakeTime();
  const { gate, session } = carrying(1);
  for (let mail = 0; mail < 40; mail++) gate.heed(WELL, placeOf(session));
  gate.heed(SLOWER, placeOf(session));
  const first = gate.ratePerSecond!;
  gate.heed(WELL, placeOf(session));
  time.pass(1_100);
  gate.heed(SLOWER, placeOf(session));
  assert.ok(gate.ratePerSecond! < first, `${gate.ratePerSecond} after ${first}`);
  assert.equal(gate.pauseMs, 0);
});

Deno.test("Gate tries a higher rate, and one more connection, while the relay takes mail", () => {
  using time = new FakeTime();
  const { gate, session } = carrying(4);
  gate.heed(FEWER, placeOf(session));
  for (let mail = 0; mail < 40; mail++) gate.heed(WELL, placeOf(session));
  gate.heed(SLOWER, placeOf(session));
  const lowered = gate.ratePerSecond!;
  for (let second = 0; second < 31; second++) {
    time.pass(1_000);
    for (let mail = 0; mail < 40; mail++) gate.heed(WELL, placeOf(session));
  }
  assert.equal(gate.allowed, 4);
  assert.ok((gate.ratePerSecond ?? Infinity) > lowered);
});

Deno.test("Gate rests for longer, the longer the relay has taken nobody, and no longer once it has judged somebody", () => {
  using time = new FakeTime();
  const { gate, session } = carrying(1);
  gate.heed(SLOWER, placeOf(session));
  time.pass(MINUTE);
  gate.heed(SLOWER, placeOf(session));
  assert.equal(gate.pauseMs, 10_000, "a sixth of it");
  time.pass(MINUTE);
  gate.heed(SLOWER, placeOf(session));
  assert.equal(gate.pauseMs, 20_000);
  time.pass(MINUTE);
  gate.heed({ kind: "well", accepted: false }, placeOf(session));
  const { reply } = answerOf("rcpt 450 Later");
  const attempt = { kind: "refused", stage: "rcpt", reply } as const;
  const job = { ...jobNumber(1), firstTriedAt: 0 };
  const { restedMs } = gate.refusals.hear(attempt, job, placeOf(session));
  assert.equal(restedMs, 3 * MINUTE, "which is no time of the recipients'");
  gate.heed(SLOWER, placeOf(session));
  assert.equal(gate.pauseMs, 0);
});

Deno.test("Gate takes what several mails of a burst are told for one step down", () => {
  using time = new FakeTime();
  const { gate, session } = carrying(1);
  gate.heed(SLOWER, placeOf(session));
  const lowered = gate.ratePerSecond;
  for (let mail = 0; mail < 5; mail++) {
    time.pass(100);
    gate.heed(SLOWER, placeOf(session));
  }
  assert.equal(gate.ratePerSecond, lowered);
  assert.ok(
    gate.pauseMs < 100,
    "for one pause, which is over: what is left is a sixth of half a second",
  );
});
