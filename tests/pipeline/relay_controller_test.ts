import assert from "node:assert/strict";
import type { DisconnectCause, Stage } from "../../src/model/attempt.ts";
import { FakeTime } from "../support/fake_time.ts";
import { ControllerBench, type ControllerOptions } from "./controller_bench.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

interface Failing extends ControllerOptions {
  /** There was a session, and it has ended. */
  readonly met?: boolean;
  readonly stage?: Stage;
}

/**
 * Fails each connect as soon as the pause after the last one is over; returns after how many tries and ms the relay is
 * abandoned.
 */
function untilGivenUp(why: DisconnectCause | `${number} ${string}`, how: Failing) {
  using time = new FakeTime();
  const bench = new ControllerBench(how);
  if (how.met) {
    bench.connects();
    bench.disconnects();
    time.pass(HOUR);
  }
  const begin = performance.now();
  for (let tries = 1;; tries++) {
    bench.fails(why, how.stage);
    if (bench.givenUp.length > 0) return { tries, ms: performance.now() - begin, bench };
    assert.ok(bench.controller.admission.pauseMs > 0, "each failure brings a pause");
    time.pass(bench.controller.admission.pauseMs);
  }
}

/** The longest pause after a failed connect, at the least jitter. */
const LONGEST_PAUSE_MS = 15 * SECOND;

for (
  const [sentence, why, how, patienceMs] of [
    ["answers 421 to the greeting, from the first time on", "421 4.7.0 Busy", {}, HOUR],
    ["answers 421 to the greeting after an earlier session", "421 4.7.0 Busy", { met: true }, HOUR],
    [
      "answers 421 to the greeting for longer than the user's patience",
      "421 4.7.0 Busy",
      { patienceMs: 2 * MINUTE },
      2 * MINUTE,
    ],
    ["was there once, and is not reached", "refused", { met: true }, 5 * MINUTE],
    [
      "was there once, and is not reached for longer than the user's patience",
      "timeout",
      { met: true, patienceMs: 2 * MINUTE },
      2 * MINUTE,
    ],
    [
      "greets us, and then cannot begin TLS",
      "454 4.7.0 TLS not available",
      { met: true, stage: "starttls" },
      5 * MINUTE,
    ],
    ["was never asked, as the name service does not answer", "name-service", {}, 5 * MINUTE],
  ] as readonly (readonly [string, DisconnectCause | `${number} ${string}`, Failing, number])[]
) {
  Deno.test(`RelayController gives up a relay after ${patienceMs / MINUTE} min that ${sentence}`, () => {
    const { ms, tries } = untilGivenUp(why, how);
    assert.ok(ms > patienceMs && ms <= patienceMs + LONGEST_PAUSE_MS, `after ${ms} ms`);
    assert.ok(tries > 10, `${tries} tries`);
  });
}

for (
  const [sentence, why, stage] of [
    ["refuses the connection", "refused", "connect"],
    ["is unreachable", "unreachable", "connect"],
    ["says nothing", "timeout", "connect"],
    ["closes the connection instead of greeting us", "closed", "greeting"],
    ["cannot begin TLS now", "454 4.7.0 TLS not available", "starttls"],
    ["cannot check the login now", "454 4.7.0 Temporary failure", "auth"],
  ] as const
) {
  Deno.test(`RelayController gives up a relay that ${sentence} the first three times it is tried`, () => {
    const { tries, bench } = untilGivenUp(why, { stage });
    assert.equal(tries, 3);
    assert.equal(bench.controller.allowed, 0);
    assert.match(bench.givenUp[0]!.hint, /Check host and port|Run again later/);
    assert.equal(bench.news.length, 2);
  });
}

Deno.test("RelayController gives up a relay after its patience, and not exactly at its end", () => {
  using time = new FakeTime();
  const bench = new ControllerBench();
  bench.connects();
  bench.disconnects();
  bench.fails("refused");
  time.pass(5 * MINUTE);
  bench.fails("refused");
  assert.equal(bench.givenUp.length, 0);
  time.pass(MINUTE);
  bench.fails("refused");
  assert.match(bench.givenUp[0]!.hint, /Check host and port/);
});

Deno.test("RelayController does not give up a relay that it could not contact because the name service does not answer", () => {
  using time = new FakeTime();
  const bench = new ControllerBench();
  const { controller, givenUp, news } = bench;
  for (let tries = 0; tries < 4; tries++) {
    bench.fails("name-service");
    time.pass(controller.admission.pauseMs);
  }
  assert.deepEqual(givenUp, []);
  assert.equal(controller.allowed, 4);
  assert.match(news.at(-1)!, /^The name service does not answer for mx\.test:25.*next try in/);
  // Nor at the first failures that say something about the relay, but after as many as ever.
  for (const given of [0, 0, 1]) {
    bench.fails("refused");
    assert.equal(givenUp.length, given);
    time.pass(controller.admission.pauseMs);
  }
});

Deno.test("RelayController does not give up a busy relay when the name service does not answer, either", () => {
  using time = new FakeTime();
  const bench = new ControllerBench();
  for (const why of [...Array(4).fill("421 4.7.0 Busy"), "name-service"]) {
    bench.fails(why);
    time.pass(bench.controller.admission.pauseMs);
  }
  assert.deepEqual(bench.givenUp, []);
});

Deno.test("RelayController counts connects that fail together as one failure, and reports it once", () => {
  using time = new FakeTime({ random: 1 });
  const bench = new ControllerBench();
  const { controller, news, givenUp } = bench;
  for (let slot = 0; slot < 4; slot++) bench.fails("refused");
  assert.equal(controller.admission.pauseMs, 500);
  assert.deepEqual(news, ["Cannot connect to mx.test:25: what it was; next try in 0.5 s"]);
  time.pass(500);
  bench.fails("refused");
  assert.equal(controller.admission.pauseMs, 1_000);
  assert.deepEqual(givenUp, []);
});

Deno.test("RelayController counts how long a relay has failed from its last session on", () => {
  using time = new FakeTime();
  const bench = new ControllerBench();
  bench.connects();
  bench.disconnects();
  for (let outage = 0; outage < 3; outage++) {
    bench.fails("refused");
    time.pass(4 * MINUTE);
    bench.fails("refused");
    assert.deepEqual(bench.givenUp, [], `outage ${outage}`);
    bench.connects();
    bench.disconnects();
    time.pass(4 * MINUTE);
  }
});

Deno.test("RelayController uses as many connections as are open, and makes no pause, where the relay refuses one more", () => {
  using _ = new FakeTime();
  for (const why of ["421 4.7.0 Too many connections", "exhausted"] as const) {
    const bench = new ControllerBench();
    const { controller, news, givenUp } = bench;
    bench.endTrial();
    bench.connects();
    controller.connecting();
    bench.fails(why);
    assert.equal(controller.allowed, 2, "one that is open, and one that is being opened");
    assert.equal(controller.admission.pauseMs, 0);
    assert.match(news[0]!, /^(?:mx\.test:25 refused|No file descriptor).*; continuing with 2 conn/);
    assert.deepEqual([news.length, givenUp.length], [1, 0]);
  }
});

Deno.test("RelayController uses the one connection there is where the relay refuses another", () => {
  using _ = new FakeTime();
  const bench = new ControllerBench();
  bench.connects();
  bench.fails("421 4.7.0 Too many connections");
  assert.deepEqual([bench.controller.allowed, bench.controller.admission.pauseMs], [1, 0]);
});

Deno.test("RelayController leaves a relay alone that does not answer, and keeps to the connections asked for", () => {
  using _ = new FakeTime();
  const bench = new ControllerBench();
  bench.connects();
  bench.fails("refused");
  assert.deepEqual([bench.controller.allowed, bench.controller.admission.pauseMs], [4, 250]);
});

Deno.test("RelayController leaves a relay alone that refuses the only connection there is", () => {
  using _ = new FakeTime();
  const bench = new ControllerBench();
  const { controller } = bench;
  bench.fails("421 4.7.0 Too many connections");
  assert.deepEqual([controller.admission.pauseMs, controller.allowed], [250, 4]);
});

Deno.test("RelayController gives up a relay that accepts no mail from us at once, and reports it once, with a hint", () => {
  const bench = new ControllerBench();
  const { controller, givenUp, news } = bench;
  bench.fails("554 5.7.1 No service");
  bench.fails("554 5.7.1 No service");
  assert.deepEqual(givenUp, [{
    kind: "refused-by-relay",
    reason: "mx.test:25 refused the connection: 554 5.7.1 No service",
    hint: "The relay accepts no mail from this machine. Check its address, name and access list.",
  }]);
  assert.deepEqual(news, []);
  assert.equal(controller.allowed, 0);
  assert.equal(controller.admission.keeps(), false);
});

Deno.test("RelayController tries again where a relay lacks STARTTLS that it had earlier in the run", () => {
  for (const met of [false, true]) {
    const bench = new ControllerBench();
    const { controller, givenUp } = bench;
    if (met) controller.connectionLimits.roundTrip(5);
    controller.connecting();
    controller.connectFailed({
      kind: "connect-failure",
      stage: "starttls",
      attempt: { kind: "lacking", stage: "starttls", lacks: "starttls", detail: "no STARTTLS" },
      tlsReason: undefined,
      address: undefined,
    });
    assert.equal(givenUp.length, met ? 0 : 1, `met: ${met}`);
  }
});
