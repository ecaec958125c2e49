import assert from "node:assert/strict";
import { newSession } from "../../src/pipeline/consumer/connection_slot.ts";
import type { RelayFeedback } from "../../src/policy/judgement.ts";
import { FakeTime } from "../support/fake_time.ts";
import { ControllerBench, placeOf } from "./controller_bench.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

const WELL: RelayFeedback = { kind: "well", accepted: false };
const SUSPECT: RelayFeedback = { kind: "suspect" };
const NONE: RelayFeedback = { kind: "none" };
const REFUSES_US: RelayFeedback = { kind: "refuses-us", why: "login", hint: "look" };
const FEWER: RelayFeedback = { kind: "slow-down", of: "connections" };
const SLOWER: RelayFeedback = { kind: "slow-down", of: "rate" };
const DENIED = "rcpt 554 5.7.1 Relay access denied";

Deno.test("RelayController ends the trial when the relay has judged a mail on its merits, and for nothing else", () => {
  using _ = new FakeTime();
  const lost: RelayFeedback = { kind: "lost", inDoubt: false };
  for (const sign of [SUSPECT, NONE, REFUSES_US, FEWER, SLOWER, lost, WELL]) {
    const bench = new ControllerBench();
    bench.controller.follow(sign, placeOf(bench.connects()));
    assert.equal(bench.controller.admission.onTrial, sign !== WELL, sign.kind);
  }
});

Deno.test("RelayController gives up a relay that refuses twenty recipients alike, even if it judges others in between on their merits", () => {
  for (const between of [undefined, WELL]) {
    const bench = new ControllerBench();
    const place = placeOf(bench.connects());
    for (let id = 1; id <= 20; id++) {
      assert.deepEqual(bench.givenUp, [], `${id - 1} refused`);
      bench.refuses(id, DENIED, place);
      bench.controller.follow(SUSPECT, place);
      if (between !== undefined && id < 20) bench.controller.follow(between, place);
    }
    assert.match(
      bench.givenUp[0]!.reason,
      /^mx\.test:25 refused 20 recipients .* accepted none: 554/,
    );
    assert.match(bench.givenUp[0]!.hint, /^5\.7\.1: /);
  }
});

Deno.test("newSession() has carried nothing yet", () => {
  assert.deepEqual(newSession(7, { chunking: false, pipelining: true }), {
    number: 7,
    chunking: false,
    pipelining: true,
    given: 0,
    answered: 0,
    accepted: 0,
    carried: false,
    closed: false,
    exhausted: false,
  });
});

Deno.test("RelayController drops its suspicion when the relay accepts a mail", () => {
  const bench = new ControllerBench();
  const place = placeOf(bench.connects());
  for (let id = 1; id <= 19; id++) bench.refuses(id, DENIED, place);
  bench.takes(50, place);
  bench.refuses(20, DENIED, place);
  bench.controller.follow(SUSPECT, place);
  assert.deepEqual(bench.givenUp, []);
});

Deno.test("RelayController blames no recipient whose mail was under way when the relay was given up", () => {
  for (const isGivenUp of [false, true]) {
    const bench = new ControllerBench();
    const place = placeOf(bench.connects());
    bench.refuses(1, DENIED, place);
    bench.takes(2, place);
    if (isGivenUp) {
      bench.controller.giveUp({
        kind: "refused-by-relay",
        reason: "mx.test:25 refuses us",
        hint: "",
      });
    }
    assert.equal(bench.refuses(1, DENIED, place), isGivenUp ? "unclear" : "recipient");
  }
});

Deno.test("RelayController.giveUpDoubted() gives up a relay that has refused some and accepted nobody since; otherwise it does nothing", () => {
  const bench = new ControllerBench();
  const place = placeOf(bench.connects());
  bench.controller.giveUpDoubted();
  assert.equal(bench.givenUp.length, 0);
  bench.refuses(1, DENIED, place);
  bench.controller.follow(SUSPECT, place);
  assert.equal(bench.givenUp.length, 0, "one refusal is not enough by itself");
  bench.controller.giveUpDoubted();
  assert.match(bench.givenUp[0]!.reason, /refused a recipient and accepted none: 554/);
});

/** Loses one session after another, each as soon as the pause is over, until the relay is abandoned or `losses` are reached. */
function loses(bench: ControllerBench, time: FakeTime, losses: number, pauseMs = 0): void {
  for (let loss = 0; loss < losses && bench.givenUp.length === 0; loss++) {
    time.pass(Math.max(bench.controller.admission.pauseMs, pauseMs));
    bench.loses(bench.connects());
  }
}

Deno.test("RelayController gives up a relay that drops every connection, after ten of them and five minutes", () => {
  const cases: readonly [what: string, losses: number, pauseMs: number, isGivenUp: boolean][] = [
    ["ten in five minutes", 10, 30 * SECOND, true],
    ["ten in less time", 10, 29 * SECOND, false],
    ["nine in more time", 9, MINUTE, false],
    ["many in less time", 15, 10 * SECOND, false],
  ];
  for (const [what, losses, pauseMs, isGivenUp] of cases) {
    using time = new FakeTime();
    const bench = new ControllerBench();
    loses(bench, time, losses, pauseMs);
    assert.equal(bench.givenUp.length, isGivenUp ? 1 : 0, what);
    if (!isGivenUp) continue;
    assert.equal(
      bench.givenUp[0]!.reason,
      "mx.test:25 drops every connection before replying to a message",
    );
    assert.match(bench.givenUp[0]!.hint, /Check the relay's log/);
  }
});

Deno.test("RelayController restarts counting lost connections and their time whenever the relay replies", () => {
  for (
    const [sign, isWord] of [
      [WELL, true],
      [SUSPECT, true],
      [FEWER, true],
      [REFUSES_US, true],
      [NONE, false],
    ] as const
  ) {
    using time = new FakeTime();
    const bench = new ControllerBench();
    loses(bench, time, 9, MINUTE);
    bench.controller.follow(sign, placeOf(bench.connects()));
    bench.disconnects();
    loses(bench, time, 1, MINUTE);
    assert.equal(bench.givenUp.length, isWord ? 0 : 1, sign.kind);
    if (!isWord) continue;
    loses(bench, time, 9, 26 * SECOND);
    assert.deepEqual(bench.givenUp, [], "ten again, but in less than five minutes");
    loses(bench, time, 1, 26 * SECOND);
    assert.equal(bench.givenUp.length, 1);
  }
});

Deno.test("RelayController leaves a relay alone for longer with each lost connection after the first, and counts connections that were open together as one loss", () => {
  using time = new FakeTime({ random: 1 });
  const bench = new ControllerBench();
  const together = [1, 2, 3].map(() => bench.connects());
  for (const session of together) bench.loses(session);
  assert.equal(bench.controller.admission.pauseMs, 0, "the first one is opened again at once");
  for (const pauseMs of [500, 1_000, 2_000]) {
    bench.loses(bench.connects());
    assert.equal(bench.controller.admission.pauseMs, pauseMs);
    time.pass(pauseMs);
  }
});

Deno.test("RelayController learns from mails in doubt how many to have in flight, but not once the relay is given up or the run stops", () => {
  const cases: readonly [string, boolean, (bench: ControllerBench) => void, mails: number][] = [
    ["in doubt", true, () => {}, 1],
    ["before it was handed over", false, () => {}, Infinity],
    [
      "given up",
      true,
      ({ controller }) =>
        controller.giveUp({ kind: "refused-by-relay", reason: "it refuses us", hint: "" }),
      Infinity,
    ],
    ["stopped", true, ({ stop }) => stop.request("signal", "enough"), Infinity],
  ];
  for (const [what, inDoubt, happens, mails] of cases) {
    const bench = new ControllerBench();
    bench.connects();
    happens(bench);
    const session = newSession(1, { chunking: true, pipelining: true });
    bench.controller.follow({ kind: "lost", inDoubt }, placeOf(session));
    assert.equal(bench.controller.connectionLimits.mailsInFlight, mails, what);
  }
});

Deno.test("RelayController does not mention CHUNKING if connections without it are lost", () => {
  const bench = new ControllerBench();
  for (let time = 0; time < 3; time++) {
    bench.controller.follow({ kind: "lost", inDoubt: true }, placeOf(bench.connects()));
  }
  assert.deepEqual(bench.news, []);
  assert.equal(bench.controller.connectionLimits.chunking, true);
});

Deno.test("RelayController does not take equal numbers of mails on sessions open at the same time for a limit per connection", () => {
  const bench = new ControllerBench();
  const together = [bench.connects(), bench.connects()];
  for (const session of together) {
    Object.assign(session, { answered: 20, accepted: 20 });
    bench.controller.connectionLimits.brokenBy("closed", session);
  }
  assert.equal(bench.controller.connectionLimits.mailsPerSession, Infinity);
  const later = bench.connects();
  Object.assign(later, { answered: 20, accepted: 20 });
  bench.controller.connectionLimits.brokenBy("closed", later);
  assert.equal(bench.controller.connectionLimits.mailsPerSession, 20);
});

Deno.test("RelayController.giveUp() reports only the first reason", () => {
  const bench = new ControllerBench({ hadTaken: true });
  bench.controller.giveUp({ kind: "refused-by-relay", reason: "first", hint: "do this" });
  bench.controller.giveUp({ kind: "refused-by-relay", reason: "second", hint: "do that" });
  assert.deepEqual(bench.givenUp, [{ kind: "refused-by-relay", reason: "first", hint: "do this" }]);
  assert.deepEqual(bench.suspicions.relays, [], "the others are not to wait for it");
});

Deno.test("RelayController gives up a relay that asks for less and has accepted nobody for the user's patience", () => {
  using time = new FakeTime();
  const bench = new ControllerBench({ patienceMs: HOUR });
  const place = placeOf(bench.connects());
  bench.controller.follow(SLOWER, place);
  time.pass(HOUR);
  bench.controller.follow(SLOWER, place);
  assert.equal(bench.givenUp.length, 0);
  time.pass(2 * SECOND);
  bench.controller.follow(SLOWER, place);
  assert.match(bench.givenUp[0]!.reason, /^mx\.test:25 has accepted no mail for 1 h/);
  assert.match(bench.givenUp[0]!.hint, /Run again later/);
});

Deno.test("RelayController no longer lowers the rate once it gives up the relay", () => {
  using time = new FakeTime();
  const bench = new ControllerBench({ patienceMs: SECOND });
  const place = placeOf(bench.connects());
  bench.controller.follow(SLOWER, place);
  const { ratePerSecond } = bench.controller;
  time.pass(2 * SECOND);
  bench.controller.follow(SLOWER, place);
  assert.equal(bench.givenUp.length, 1);
  assert.equal(bench.controller.ratePerSecond, ratePerSecond);
});
