import assert from "node:assert/strict";
import type { RelayFeedback } from "../../src/policy/judgement.ts";
import { answerOf } from "../simulation/relay_model.ts";
import { FakeTime } from "../support/fake_time.ts";
import { ControllerBench, jobNumber, placeOf } from "./controller_bench.ts";

const MINUTE = 60_000;

const WELL: RelayFeedback = { kind: "well", accepted: true };
const FEWER: RelayFeedback = { kind: "slow-down", of: "connections" };
const SLOWER: RelayFeedback = { kind: "slow-down", of: "rate" };

/** A relay that accepts mail and has `sessions` open sessions. */
function carrying(sessions: number) {
  const bench = new ControllerBench();
  bench.endTrial();
  const open = Array.from({ length: sessions }, () => bench.connects());
  return { bench, controller: bench.controller, session: open.at(-1)! };
}

Deno.test("RelayController uses one connection fewer if a fresh one gets 421, and keeps its rate", () => {
  using _ = new FakeTime();
  const { controller, session } = carrying(4);
  controller.follow(FEWER, placeOf(session));
  assert.deepEqual([controller.allowed, controller.ratePerSecond, controller.admission.pauseMs], [
    3,
    undefined,
    0,
  ]);
});

Deno.test("RelayController lowers its rate if the only connection gets 421, and pauses", () => {
  for (const [random, pauseMs] of [[0, 250], [0.5, 375]] as const) {
    using _ = new FakeTime({ random });
    const { controller, session } = carrying(1);
    controller.follow(FEWER, placeOf(session));
    assert.equal(controller.allowed, 4);
    assert.notEqual(controller.ratePerSecond, undefined);
    assert.equal(controller.admission.pauseMs, pauseMs);
  }
});

Deno.test("RelayController learns how many mails a connection carries from 421 after some of them, and lowers the rate if the number changes", () => {
  using _ = new FakeTime();
  const { controller, session } = carrying(2);
  Object.assign(session, { accepted: 10 });
  controller.follow(FEWER, placeOf(session, 10));
  assert.deepEqual([controller.allowed, controller.ratePerSecond], [4, undefined], "it may be one");
  controller.follow(FEWER, placeOf(session, 10));
  assert.equal(controller.connectionLimits.mailsPerSession, 10);
  assert.equal(controller.ratePerSecond, undefined);
  Object.assign(session, { accepted: 6 });
  controller.follow(FEWER, placeOf(session, 7));
  assert.equal(controller.allowed, 4);
  assert.notEqual(controller.ratePerSecond, undefined);
});

Deno.test("RelayController lowers its rate if any connection is told that it is too fast", () => {
  for (const mailsBefore of [0, 10]) {
    using _ = new FakeTime();
    const { controller, session } = carrying(3);
    controller.follow(SLOWER, placeOf(session, mailsBefore));
    assert.deepEqual([controller.allowed, controller.admission.pauseMs], [4, 250]);
    assert.notEqual(controller.ratePerSecond, undefined);
  }
});

Deno.test("RelayController does not pause if it already keeps to a rate", () => {
  using time = new FakeTime();
  const { controller, session } = carrying(1);
  for (let mail = 0; mail < 40; mail++) controller.follow(WELL, placeOf(session));
  controller.follow(SLOWER, placeOf(session));
  const first = controller.ratePerSecond!;
  controller.follow(WELL, placeOf(session));
  time.pass(1_100);
  controller.follow(SLOWER, placeOf(session));
  assert.ok(controller.ratePerSecond! < first, `${controller.ratePerSecond} after ${first}`);
  assert.equal(controller.admission.pauseMs, 0);
});

Deno.test("RelayController tries a higher rate, and one more connection, while the relay accepts mail", () => {
  using time = new FakeTime();
  const { controller, session } = carrying(4);
  controller.follow(FEWER, placeOf(session));
  for (let mail = 0; mail < 40; mail++) controller.follow(WELL, placeOf(session));
  controller.follow(SLOWER, placeOf(session));
  const lowered = controller.ratePerSecond!;
  for (let second = 0; second < 31; second++) {
    time.pass(1_000);
    for (let mail = 0; mail < 40; mail++) controller.follow(WELL, placeOf(session));
  }
  assert.equal(controller.allowed, 4);
  assert.ok((controller.ratePerSecond ?? Infinity) > lowered);
});

Deno.test("RelayController pauses for longer the longer the relay has accepted nobody, and no longer once it has judged somebody", () => {
  using time = new FakeTime();
  const { controller, session } = carrying(1);
  controller.follow(SLOWER, placeOf(session));
  time.pass(MINUTE);
  controller.follow(SLOWER, placeOf(session));
  assert.equal(controller.admission.pauseMs, 10_000, "a sixth of it");
  time.pass(MINUTE);
  controller.follow(SLOWER, placeOf(session));
  assert.equal(controller.admission.pauseMs, 20_000);
  time.pass(MINUTE);
  controller.follow({ kind: "well", accepted: false }, placeOf(session));
  const { reply } = answerOf("rcpt 450 Later");
  const attempt = { kind: "refused", stage: "rcpt", reply } as const;
  const job = { ...jobNumber(1), firstTriedAt: 0 };
  const { restedMs } = controller.refusals.hear(attempt, job, placeOf(session));
  assert.equal(restedMs, 3 * MINUTE, "which does not count against the recipients");
  controller.follow(SLOWER, placeOf(session));
  assert.equal(controller.admission.pauseMs, 0);
});

Deno.test("RelayController slows down by one step for the replies to several mails of a burst", () => {
  using time = new FakeTime();
  const { controller, session } = carrying(1);
  controller.follow(SLOWER, placeOf(session));
  const lowered = controller.ratePerSecond;
  for (let mail = 0; mail < 5; mail++) {
    time.pass(100);
    controller.follow(SLOWER, placeOf(session));
  }
  assert.equal(controller.ratePerSecond, lowered);
  assert.ok(
    controller.admission.pauseMs < 100,
    "one pause, which is over; what is left is a sixth of half a second",
  );
});
