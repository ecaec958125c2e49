import assert from "node:assert/strict";
import { RelayHealth } from "../../src/policy/health/relay_health.ts";
import { RunSuspicions } from "../../src/policy/health/run_suspicions.ts";
import type { RelayEvidence } from "../../src/policy/judgement.ts";
import { answerOf } from "../simulation/relay_model.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A limit, and a "later" that is about the recipient. */
const LIMIT = "rcpt 452 4.3.1 No space";
const GREYLISTED = "rcpt 450 4.2.0 Greylisted";

/** A relay whose answers are given one by one, each a second after the one before. */
class Relay {
  readonly health: RelayHealth;
  now = 0;

  constructor({ patienceMs = HOUR, hadTaken = false } = {}) {
    this.health = new RelayHealth(new RunSuspicions().ofRelay(), patienceMs, hadTaken);
  }

  /** "rcpt 452 4.3.1 No space": the reply to recipient `id`. */
  refuses(id: number, answer: string, firstTriedAt = 0): RelayEvidence {
    return this.#hear(id, { kind: "refused", ...answerOf(answer) }, firstTriedAt);
  }

  takes(...ids: readonly number[]): void {
    const { reply } = answerOf("body 250 2.0.0 Ok");
    for (const id of ids) this.#hear(id, { kind: "accepted", reply }, 0);
  }

  #hear(
    id: number,
    attempt: Parameters<RelayHealth["hear"]>[0],
    firstTriedAt: number,
  ): RelayEvidence {
    const sentAt = this.now += 1_000;
    const sent = { id, address: `r${id}@x.test`, session: 1, sentAt, firstTriedAt };
    return this.health.hear(attempt, sent, this.now);
  }
}

/** Recipients from one number to another, both included. */
function ids(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

Deno.test("RelayHealth attributes a limit that three recipients in a row hit to the relay", () => {
  const cases: readonly [string, (relay: Relay) => void, atLimit: boolean][] = [
    ["two before", (relay) => ids(1, 2).forEach((id) => relay.refuses(id, LIMIT)), true],
    ["one before", (relay) => relay.refuses(1, LIMIT), false],
    ["the same one twice before", (relay) => {
      for (const id of [1, 1, 3, 3]) relay.refuses(id, LIMIT);
    }, false],
    ["a mail taken between", (relay) => {
      ids(1, 2).forEach((id) => relay.refuses(id, LIMIT));
      relay.takes(9);
    }, false],
    ["a refusal for good between", (relay) => {
      relay.refuses(1, LIMIT);
      relay.refuses(9, "rcpt 550 5.1.1 No such user");
      relay.refuses(2, LIMIT);
    }, true],
    ["5yz quotas before", (relay) => {
      ids(1, 2).forEach((id) => relay.refuses(id, "body 550 5.4.5 Daily limit"));
    }, true],
    ["before a recipient is named", (relay) => {
      ids(1, 2).forEach((id) => relay.refuses(id, "mail 452 4.3.1 No space"));
    }, false],
    [
      "greylisted before",
      (relay) => ids(1, 2).forEach((id) => relay.refuses(id, GREYLISTED)),
      false,
    ],
  ];
  for (const [what, happens, atLimit] of cases) {
    const relay = new Relay();
    happens(relay);
    assert.equal(relay.refuses(3, LIMIT).atLimit, atLimit, what);
  }
});

Deno.test("RelayHealth calls a mailbox sick that hits a limit again after more than five others were accepted", () => {
  for (const answer of [LIMIT, "rcpt 421 4.3.2 Closing"]) {
    for (const [others, isSick] of [[0, false], [5, false], [6, true]] as const) {
      const relay = new Relay();
      relay.takes(100, 101, 102);
      assert.equal(relay.refuses(1, answer).isOwnLimit, false);
      relay.takes(...ids(2, 1 + others));
      const { isOwnLimit: sick, isSeldom: spared } = relay.refuses(1, answer);
      assert.deepEqual({ sick, spared }, { sick: isSick, spared: true }, `${answer}: ${others}`);
    }
  }
});

Deno.test("RelayHealth does not call a mailbox sick that hits a limit for the first time, however many were accepted", () => {
  const relay = new Relay();
  relay.takes(...ids(2, 50));
  assert.equal(relay.refuses(1, LIMIT).isOwnLimit, false);
});

Deno.test("RelayHealth does not call a mailbox sick that hit a limit once, and is greylisted later", () => {
  const relay = new Relay();
  relay.refuses(1, LIMIT);
  relay.takes(...ids(2, 50));
  assert.equal(relay.refuses(1, GREYLISTED).isOwnLimit, false);
});

Deno.test("RelayHealth spares a recipient five tries, and another five once its mail was accepted", () => {
  const relay = new Relay();
  for (let round = 1; round <= 2; round++) {
    for (let time = 1; time <= 5; time++) assert.equal(relay.refuses(1, LIMIT).isSeldom, true);
    assert.equal(relay.refuses(1, LIMIT).isSeldom, false);
    assert.equal(relay.refuses(2, LIMIT).isSeldom, true, "another recipient");
    relay.takes(1, 2);
  }
});

Deno.test("RelayHealth.hear() reports whether the relay accepts mail of this campaign", () => {
  const before = new Relay({ hadTaken: true });
  const { takes, hasTaken } = before.refuses(1, GREYLISTED);
  assert.deepEqual({ takes, hasTaken }, { takes: false, hasTaken: true }, "in an earlier run");
  const relay = new Relay();
  assert.equal(relay.refuses(1, GREYLISTED).hasTaken, false);
  relay.takes(2);
  assert.equal(relay.refuses(1, GREYLISTED).takes, true);
  assert.equal(relay.refuses(1, GREYLISTED).hasTaken, true);
});

Deno.test("RelayHealth takes twenty deferrals with nobody accepted in between for trouble of the relay", () => {
  const relay = new Relay({ hadTaken: true });
  for (let time = 0; time < 30; time++) relay.refuses(1, GREYLISTED);
  ids(20, 40).forEach((id) => relay.refuses(id, "rcpt 550 5.1.1 No such user"));
  for (const id of ids(2, 19)) assert.equal(relay.refuses(id, GREYLISTED).hasTaken, true);
  assert.equal(relay.refuses(20, GREYLISTED).hasTaken, false);
  relay.takes(50);
  assert.equal(relay.refuses(1, GREYLISTED).hasTaken, true);
});

Deno.test("RelayHealth.takesNobody() rests for a sixth of the time nobody was accepted, up to a quarter more, and at most about a minute", () => {
  const { health } = new Relay({ patienceMs: 24 * HOUR });
  const cases = [
    [0, 0, 0],
    [6_000, 0, 1_000],
    [6_000, 0.5, 1_125],
    [5 * MINUTE, 0, 50_000],
    [6 * MINUTE, 0, MINUTE],
    [10 * HOUR, 0, MINUTE],
    [10 * HOUR, 0.8, 72_000],
  ] as const;
  for (const [at, random, ms] of cases) {
    assert.deepEqual(health.takesNobody(at, random), { kind: "rest", ms }, `${at} ms, ${random}`);
  }
});

Deno.test("RelayHealth.takesNobody() gives up the relay after its patience", () => {
  const { health } = new Relay({ patienceMs: HOUR });
  health.takesNobody(5_000, 0);
  assert.equal(health.takesNobody(HOUR + 5_000, 0).kind, "rest");
  assert.deepEqual(health.takesNobody(HOUR + 5_001, 0), { kind: "give-up", forMs: HOUR + 1 });
});

Deno.test("RelayHealth.takesNobody() starts again once a mail was accepted or a recipient was judged", () => {
  const ends: readonly ((relay: Relay) => void)[] = [
    (relay) => {
      relay.now = 2 * HOUR;
      relay.takes(1);
    },
    ({ health }) => health.judged(2 * HOUR),
  ];
  for (const end of ends) {
    const relay = new Relay({ patienceMs: HOUR });
    relay.health.takesNobody(0, 0);
    end(relay);
    assert.deepEqual(relay.health.takesNobody(3 * HOUR, 0), { kind: "rest", ms: 0 });
  }
});

Deno.test("RelayHealth.hear() reports how long the relay accepted nobody since the recipient's first try", () => {
  const relay = new Relay();
  relay.health.takesNobody(10_000, 0);
  relay.health.judged(40_000);
  relay.now = 99_000;
  for (const [firstTriedAt, restedMs] of [[0, 30_000], [25_000, 15_000], [40_000, 0]] as const) {
    assert.equal(relay.refuses(1, GREYLISTED, firstTriedAt).restedMs, restedMs);
  }
});

Deno.test("RelayHealth.lastRefusal is the last reply that said later or reported a limit, whatever was refused permanently since", () => {
  const relay = new Relay();
  const last = (): string | undefined => relay.health.lastRefusal?.text;
  assert.equal(last(), undefined);
  const cases = [
    ["rcpt 450 4.2.0 Greylisted", "Greylisted"],
    ["mail 451 4.3.0 Busy", "Busy"],
    ["body 550 5.4.5 Daily limit", "Daily limit"],
    ["rcpt 550 5.1.1 No such user", "Daily limit"],
    ["rcpt 550 5.7.1 Not you", "Daily limit"],
  ] as const;
  for (const [answer, text] of cases) {
    relay.refuses(1, answer).blame(answerOf(answer).reply);
    assert.equal(last(), text, answer);
  }
});

Deno.test("RelayHealth.hear() ends the time without accepted mail when one is accepted", () => {
  const relay = new Relay();
  relay.health.takesNobody(10_000, 0);
  relay.now = 39_000;
  relay.takes(1);
  relay.now = 99_000;
  assert.equal(relay.refuses(2, GREYLISTED).restedMs, 30_000);
});

Deno.test("RelayHealth.hear() ignores acceptance of a mail given to another connection before the refusal", () => {
  const { health } = new Relay();
  const sent = { id: 1, address: "r1@x.test", session: 1, sentAt: 1_000, firstTriedAt: 0 };
  const { reply } = answerOf("rcpt 554 5.7.1 Denied");
  health.hear({ kind: "refused", stage: "rcpt", reply }, sent, 2_000).blame(reply);
  const taken = answerOf("body 250 2.0.0 Ok").reply;
  for (const [sentAt, suspects] of [[1_999, 1], [2_000, 0]] as const) {
    health.hear({ kind: "accepted", reply: taken }, { ...sent, id: 2, session: 2, sentAt }, 3_000);
    assert.equal(health.suspicion.size, suspects, `sent at ${sentAt}`);
  }
});

Deno.test("RelayHealth.hear() blames by the recipient's domain", () => {
  const { health } = new Relay();
  const { reply } = answerOf("rcpt 554 5.7.1 Denied");
  for (const id of [1, 2]) {
    const sent = { id, address: `r${id}@X.test`, session: 1, sentAt: 0, firstTriedAt: 0 };
    health.hear({ kind: "refused", stage: "rcpt", reply }, sent, 0).blame(reply);
  }
  assert.equal(health.suspicion.passesOver("r3@x.test"), true);
  assert.equal(health.suspicion.passesOver("r3@y.test"), false);
});

/** A "later" that may mean our pace. */
const MAY_MEAN_PACE = "rcpt 451 4.7.1 Later";

/** How many tries it takes until a recipient is known to be put off alone. */
function triesUntilAlone(relay: Relay, answer = MAY_MEAN_PACE): number {
  for (let tries = 1;; tries++) {
    if (relay.refuses(1_000, answer).isAlone(tries)) return tries;
    assert.ok(tries < 1_000);
  }
}

Deno.test("RelayHealth: a recipient is put off alone after three tries where others are taken, and more where others are put off", () => {
  for (const answer of [MAY_MEAN_PACE, LIMIT]) {
    const takes = new Relay();
    takes.takes(...ids(1, 40));
    const busy = new Relay();
    busy.takes(...ids(1, 20));
    for (const id of ids(21, 40)) busy.refuses(id, answer);
    const cases: readonly [number, Relay][] = [[3, takes], [6, new Relay()], [12, busy]];
    for (const [tries, relay] of cases) assert.equal(triesUntilAlone(relay, answer), tries);
  }
});

Deno.test("RelayHealth: others who are told of their own mailbox, or at MAIL, are not put off", () => {
  for (const answer of ["rcpt 450 4.2.1 Busy", "mail 451 4.7.1 Later", "rcpt 550 5.1.1 No"]) {
    const relay = new Relay();
    relay.takes(...ids(1, 20));
    for (const id of ids(21, 40)) relay.refuses(id, answer);
    assert.equal(triesUntilAlone(relay), 3, answer);
  }
});
