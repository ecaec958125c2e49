import assert from "node:assert/strict";
import { Refusals } from "../../src/pipeline/relay/refusals.ts";
import { newSession, type SendContext } from "../../src/pipeline/consumer/connection_slot.ts";
import { RunSuspicions } from "../../src/policy/health/run_suspicions.ts";
import { now } from "../../src/time/steady_time.ts";
import { answerOf } from "../simulation/relay_model.ts";
import { jobOf } from "./jobs.ts";
import { FakeTime } from "../support/fake_time.ts";

const HOUR = 3_600_000;
const DENIED = "rcpt 554 5.7.1 Relay access denied";
const SESSION = newSession(1, { chunking: false, pipelining: true });

/** One relay of several, with a campaign of which nothing was taken before. */
function relayOf(suspicions: RunSuspicions) {
  const suspicion = suspicions.ofRelay();
  const refusals = new Refusals("a:25", { suspicion, patienceMs: HOUR, hadTaken: false });
  const place: SendContext = { session: SESSION, mailsBefore: 0, sentAt: now() };
  const job = (id: number, domain: string) =>
    jobOf({ id, address: `r${id}@${domain}`, tries: 0, firstTriedAt: 0 });
  return {
    refusals,
    suspicion,
    passesOver: (id: number, domain = "x.test") => refusals.passesOver(job(id, domain)),
    refuses(id: number, answer = DENIED, domain = "x.test"): void {
      const attempt = { kind: "refused", ...answerOf(answer) } as const;
      refusals.hear(attempt, job(id, domain), place).blame(attempt.reply);
    },
    takes(id: number): void {
      const { reply } = answerOf("body 250 2.0.0 Ok");
      refusals.hear({ kind: "accepted", reply }, job(id, "x.test"), { ...place, sentAt: now() });
    },
  };
}

Deno.test("Refusals.isDoubted if the relay has refused some and not shown since then that it accepts mail", () => {
  const cases: readonly [taken: number, refused: number, isDoubted: boolean][] = [
    [0, 0, false],
    [0, 1, true],
    [1, 0, false],
    [1, 1, false],
    [1, 2, true],
  ];
  for (const [taken, refused, isDoubted] of cases) {
    const relay = relayOf(new RunSuspicions());
    for (let id = 1; id <= taken; id++) relay.takes(id);
    for (let id = 11; id <= 10 + refused; id++) relay.refuses(id);
    assert.equal(relay.refusals.isDoubted, isDoubted, `${taken} taken, ${refused} refused`);
  }
});

Deno.test("Refusals.doubted() says how many were refused, whether any was accepted, the last reply and what is known about it", () => {
  const cases: readonly [taken: number, refused: number, reason: string][] = [
    [0, 1, "a:25 refused a recipient and accepted none: 554 5.7.1 Relay access denied"],
    [
      0,
      2,
      "a:25 refused 2 recipients one after another and accepted none: 554 5.7.1 Relay access denied",
    ],
    [1, 1, "a:25 refused a recipient and accepted none since: 554 5.7.1 Relay access denied"],
  ];
  for (const [taken, refused, reason] of cases) {
    const relay = relayOf(new RunSuspicions());
    assert.equal(relay.refusals.whyDoubted(), undefined);
    for (let id = 1; id <= taken; id++) relay.takes(id);
    for (let id = 11; id <= 10 + refused; id++) relay.refuses(id);
    const why = relay.refusals.whyDoubted()!;
    assert.equal(why.reason, reason);
    assert.match(why.hint, /^5\.7\.1: .*Check that this machine or account may send/);
  }
});

Deno.test("Refusals.passesOver() leaves refused recipients to another relay that accepts mail, and others of the domain for later", () => {
  const all = new RunSuspicions();
  const [relay, other] = [relayOf(all), relayOf(all)];
  relay.refuses(1);
  assert.equal(relay.passesOver(1), undefined, "no relay is known to take mail");
  relay.refuses(2);
  assert.equal(relay.passesOver(3), "set-aside");
  assert.equal(relay.passesOver(4, "y.test"), undefined);
  other.takes(5);
  assert.equal(relay.passesOver(1), "elsewhere");
  assert.equal(relay.passesOver(3), "set-aside", "not refused here");
  other.refusals.retire();
  assert.equal(relay.passesOver(1), "set-aside", "the other relay is used no longer");
});

Deno.test("Refusals.takesNobody() gives up the relay after its patience, with its last reply and a hint", () => {
  const cases = [
    [
      "mail 451 4.3.0 Try later",
      /^a:25 has accepted no mail for 1 h.*: 451 4\.3\.0 Try later$/,
      /Run again later\.$/,
    ],
    ["rcpt 550 5.4.5 Daily limit", /: 550 5\.4\.5 Daily limit$/, /^5\.4\.5: .*quota is renewed/],
  ] as const;
  for (const [answer, reason, hint] of cases) {
    const relay = relayOf(new RunSuspicions());
    relay.refuses(1, answer);
    assert.deepEqual(relay.refusals.takesNobody(0), { kind: "rest", ms: 0 });
    const up = relay.refusals.takesNobody(HOUR + 1);
    assert.ok("reason" in up);
    assert.match(up.reason, reason);
    assert.match(up.hint, hint);
  }
});

Deno.test("Refusals.takesNobody() begins again once a recipient was judged", () => {
  const { refusals } = relayOf(new RunSuspicions());
  refusals.takesNobody(0);
  refusals.judged(HOUR);
  assert.deepEqual(refusals.takesNobody(2 * HOUR), { kind: "rest", ms: 0 });
});

Deno.test("Refusals.takesNobody() gives up a relay that gave no reason, and says that this may be temporary", () => {
  const { refusals } = relayOf(new RunSuspicions());
  refusals.takesNobody(0);
  const up = refusals.takesNobody(HOUR + 1);
  assert.ok("reason" in up);
  assert.match(up.reason, /^a:25 has accepted no mail for 1 h[^:]*$/);
  assert.match(up.hint, /Run again later\.$/);
});

Deno.test("Refusals.hear() returns how long the relay has accepted nobody since the first try, which is now if there was none", () => {
  using time = new FakeTime();
  const { suspicion } = relayOf(new RunSuspicions());
  const refusals = new Refusals("a:25", { suspicion, patienceMs: HOUR, hadTaken: false });
  const at = now();
  refusals.takesNobody(at - 60_000);
  refusals.judged(at - 20_000);
  const place: SendContext = { session: SESSION, mailsBefore: 0, sentAt: at };
  const rested = (firstTriedAt: number | undefined) => {
    const job = jobOf({ id: 1, address: "r1@x.test", tries: 0, firstTriedAt });
    return refusals.hear({ kind: "refused", ...answerOf("rcpt 450 Later") }, job, place).restedMs;
  };
  assert.deepEqual([rested(at - 50_000), rested(undefined)], [30_000, 0]);
  refusals.takesNobody(at);
  time.pass(5_000);
  assert.equal(rested(at - 50_000), 35_000, "and it lasts");
});
