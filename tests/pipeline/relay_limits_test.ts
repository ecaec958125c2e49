import assert from "node:assert/strict";
import { RelayLimits } from "../../src/pipeline/relay/relay_limits.ts";
import { Pacer } from "../../src/policy/pace/pacer.ts";
import { now } from "../../src/time/steady_time.ts";
import type { Attempt } from "../../src/model/attempt.ts";
import { reply } from "../ledger/ledgers.ts";
import { jobOf } from "./jobs.ts";
import { relayAt } from "../smtp/fixtures.ts";
import { FakeTime } from "../support/fake_time.ts";
import { stateOf } from "./controller_bench.ts";

const FOREVER = new AbortController().signal;
const TAKEN: Attempt = { kind: "accepted", reply: reply(250) };
const PUT_OFF: Attempt = { kind: "refused", stage: "rcpt", reply: reply(450, "4.7.1") };

function limitsOf(): RelayLimits {
  return new RelayLimits(relayAt(25), 5, new Pacer(), FOREVER);
}

/** A mail, and when its recipient was first put off; undefined: never. */
function sentAt(at = now(), firstTriedAt?: number): Parameters<RelayLimits["throttles"]>[1] {
  return { sentAt: at, job: jobOf({ id: 1, address: "r1@x.test", tries: 0, firstTriedAt }) };
}

/** A relay that accepts a fresh mail and then defers eight, which is attributed to our pace. */
function throttled(): RelayLimits {
  const limits = limitsOf();
  limits.throttles(TAKEN, sentAt());
  for (let mail = 0; mail < 8; mail++) limits.throttles(PUT_OFF, sentAt());
  return limits;
}

/**
 * Feeds answers to mails sent at one time, of which every other one is a deferral. Returns whether the last one was
 * attributed to our pace.
 */
function mixed(limits: RelayLimits, answers: number, at: number): boolean {
  let throttles = false;
  for (let answer = 1; answer <= answers; answer++) {
    throttles = limits.throttles(answer % 2 === 0 ? PUT_OFF : TAKEN, sentAt(at, at - 60_000));
  }
  return throttles;
}

Deno.test("RelayLimits.throttles() does not take an accepted mail, or one refused for another reason, for a matter of pace", () => {
  using _ = new FakeTime();
  const limits = throttled();
  assert.equal(limits.throttles(PUT_OFF, sentAt()), true);
  const others: readonly Attempt[] = [
    TAKEN,
    { kind: "refused", stage: "rcpt", reply: reply(550, "5.1.1") },
    { kind: "refused", stage: "rcpt", reply: reply(450, "4.2.1") },
    { kind: "broken", stage: "rcpt", cause: "closed", handedOver: false, detail: "" },
  ];
  for (const attempt of others) assert.equal(limits.throttles(attempt, sentAt()), false);
});

Deno.test("RelayLimits.throttles() compares how long recipients have waited since they were first deferred", () => {
  for (const [waitedMs, throttles] of [[60_000, true], [59_999, false]] as const) {
    using _ = new FakeTime();
    const limits = limitsOf();
    limits.throttles(TAKEN, sentAt(now(), now() - 60_000));
    for (let mail = 1; mail < 8; mail++) {
      limits.throttles(PUT_OFF, sentAt(now(), now() - waitedMs));
    }
    const eighth = limits.throttles(PUT_OFF, sentAt(now(), now() - waitedMs));
    assert.equal(eighth, throttles, `${waitedMs} ms`);
  }
});

Deno.test("RelayLimits learns nothing about its lower rate from mails sent before it was lowered", () => {
  for (const [wasSentBefore, throttles] of [[true, true], [false, false]] as const) {
    using time = new FakeTime();
    const limits = throttled();
    time.pass(50);
    const before = now();
    time.pass(50);
    assert.equal(limits.lowerRate(now()), true);
    time.pass(50);
    assert.equal(mixed(limits, 40, wasSentBefore ? before : now()), throttles);
  }
});

Deno.test("RelayLimits drops its learnt limit when the relay turns out to defer recipients at any pace", async () => {
  using time = new FakeTime();
  const limits = throttled();
  limits.lowerRate(now());
  await limits.pass();
  const waiting = limits.pass();
  assert.equal(await stateOf(waiting, time.settle()), "waits");
  mixed(limits, 39, now());
  assert.equal(limits.ratePerSecond, 1, "it does not know yet");
  mixed(limits, 1, now());
  assert.equal(limits.ratePerSecond, undefined);
  assert.equal(await stateOf(waiting, time.settle()), undefined);
});

Deno.test("RelayLimits.lowerRate() returns whether this is the first known limit", () => {
  using time = new FakeTime();
  const limits = limitsOf();
  const news = [0, 500, 600, 2_000].map((ms) => {
    time.pass(ms);
    return limits.lowerRate(now());
  });
  assert.deepEqual(news, [true, false, false, false]);
});

Deno.test("RelayLimits lets mails pass at the learnt rate as it changes", async () => {
  using time = new FakeTime();
  const limits = limitsOf();
  limits.lowerRate(now());
  await limits.pass();
  const waiting = limits.pass();
  await time.advance(1_000);
  assert.equal(
    await stateOf(waiting, time.settle()),
    "waits",
    "one a second, less what is held back",
  );
  await time.advance(100);
  assert.equal(await stateOf(waiting, time.settle()), undefined);
  for (let mail = 0; mail < 40; mail++) limits.judged(now());
  assert.ok(limits.ratePerSecond! > 1);
  const next = limits.pass();
  await time.advance(600);
  assert.equal(await stateOf(next, time.settle()), "waits", "1.5 a second by now");
  await time.advance(30);
  assert.equal(await stateOf(next, time.settle()), undefined);
});

Deno.test("RelayLimits keeps its learnt limit whatever is replied if recipients are not deferred for our pace", () => {
  using _ = new FakeTime();
  const limits = limitsOf();
  limits.lowerRate(now());
  for (const attempt of [TAKEN, PUT_OFF, TAKEN]) limits.throttles(attempt, sentAt());
  assert.equal(limits.ratePerSecond, 1);
});
