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

function allowanceOf(): RelayLimits {
  return new RelayLimits(relayAt(25), 5, new Pacer(), FOREVER);
}

/** A mail, and when its recipient was first put off; undefined: never. */
function sentAt(at = now(), firstTriedAt?: number): Parameters<RelayLimits["throttles"]>[1] {
  return { sentAt: at, job: jobOf({ id: 1, address: "r1@x.test", tries: 0, firstTriedAt }) };
}

/** A relay that takes a fresh mail and then puts eight off, which is taken for our pace. */
function throttled(): RelayLimits {
  const allowance = allowanceOf();
  allowance.throttles(TAKEN, sentAt());
  for (let mail = 0; mail < 8; mail++) allowance.throttles(PUT_OFF, sentAt());
  return allowance;
}

/** So many answers to mails sent at a time: every other one is put off. Whether the last one was, for our pace. */
function mixed(allowance: RelayLimits, answers: number, at: number): boolean {
  let throttles = false;
  for (let answer = 1; answer <= answers; answer++) {
    throttles = allowance.throttles(answer % 2 === 0 ? PUT_OFF : TAKEN, sentAt(at, at - 60_000));
  }
  return throttles;
}

Deno.test("Allowance.throttles() takes no mail that was taken, or refused for another reason, for a matter of pace", () => {
  using _ = new FakeTime();
  const allowance = throttled();
  assert.equal(allowance.throttles(PUT_OFF, sentAt()), true);
  const others: readonly Attempt[] = [
    TAKEN,
    { kind: "refused", stage: "rcpt", reply: reply(550, "5.1.1") },
    { kind: "refused", stage: "rcpt", reply: reply(450, "4.2.1") },
    { kind: "broken", stage: "rcpt", cause: "closed", handedOver: false, detail: "" },
  ];
  for (const attempt of others) assert.equal(allowance.throttles(attempt, sentAt()), false);
});

Deno.test("Allowance.throttles() compares for how long recipients have waited since they were first put off", () => {
  for (const [waitedMs, throttles] of [[60_000, true], [59_999, false]] as const) {
    using _ = new FakeTime();
    const allowance = allowanceOf();
    allowance.throttles(TAKEN, sentAt(now(), now() - 60_000));
    for (let mail = 1; mail < 8; mail++) {
      allowance.throttles(PUT_OFF, sentAt(now(), now() - waitedMs));
    }
    const eighth = allowance.throttles(PUT_OFF, sentAt(now(), now() - waitedMs));
    assert.equal(eighth, throttles, `${waitedMs} ms`);
  }
});

Deno.test("Allowance learns nothing of its lower rate from mails that were sent before it was lowered", () => {
  for (const [wasSentBefore, throttles] of [[true, true], [false, false]] as const) {
    using time = new FakeTime();
    const allowance = throttled();
    time.pass(50);
    const before = now();
    time.pass(50);
    assert.equal(allowance.lowerRate(now()), true);
    time.pass(50);
    assert.equal(mixed(allowance, 40, wasSentBefore ? before : now()), throttles);
  }
});

Deno.test("Allowance drops its learnt limit when the relay turns out to put off recipients at any pace", async () => {
  using time = new FakeTime();
  const allowance = throttled();
  allowance.lowerRate(now());
  await allowance.pass();
  const waiting = allowance.pass();
  assert.equal(await stateOf(waiting, time.settle()), "waits");
  mixed(allowance, 39, now());
  assert.equal(allowance.ratePerSecond, 1, "it does not know yet");
  mixed(allowance, 1, now());
  assert.equal(allowance.ratePerSecond, undefined);
  assert.equal(await stateOf(waiting, time.settle()), undefined);
});

Deno.test("Allowance.lowerRate() says whether this is the first limit that is known", () => {
  using time = new FakeTime();
  const allowance = allowanceOf();
  const news = [0, 500, 600, 2_000].map((ms) => {
    time.pass(ms);
    return allowance.lowerRate(now());
  });
  assert.deepEqual(news, [true, false, false, false]);
});

Deno.test("Allowance lets mails pass at the rate that it has learnt, as it changes", async () => {
  using time = new FakeTime();
  const allowance = allowanceOf();
  allowance.lowerRate(now());
  await allowance.pass();
  const waiting = allowance.pass();
  await time.advance(1_000);
  assert.equal(
    await stateOf(waiting, time.settle()),
    "waits",
    "one a second, less what is held back",
  );
  await time.advance(100);
  assert.equal(await stateOf(waiting, time.settle()), undefined);
  for (let mail = 0; mail < 40; mail++) allowance.judged(now());
  assert.ok(allowance.ratePerSecond! > 1);
  const next = allowance.pass();
  await time.advance(600);
  assert.equal(await stateOf(next, time.settle()), "waits", "1.5 a second by now");
  await time.advance(30);
  assert.equal(await stateOf(next, time.settle()), undefined);
});

Deno.test("Allowance keeps its learnt limit whatever is answered where recipients are not put off for our pace", () => {
  using _ = new FakeTime();
  const allowance = allowanceOf();
  allowance.lowerRate(now());
  for (const attempt of [TAKEN, PUT_OFF, TAKEN]) allowance.throttles(attempt, sentAt());
  assert.equal(allowance.ratePerSecond, 1);
});
