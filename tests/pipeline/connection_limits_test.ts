import assert from "node:assert/strict";
import { ConnectionLimits } from "../../src/pipeline/relay/connection_limits.ts";
import { newSession, type SessionCounts } from "../../src/pipeline/consumer/connection_slot.ts";
import type { Attempt, DisconnectCause } from "../../src/model/attempt.ts";
import { reply } from "../ledger/ledgers.ts";
import { refused } from "../policy/judging.ts";

const CHUNKING = { chunking: true, pipelining: true };
const PIPELINING = { chunking: false, pipelining: true };
const LOCK_STEP = { chunking: false, pipelining: false };
const CLIENT = { dismissed: false, refusesBehindDot: false };
const TAKEN: Attempt = { kind: "accepted", reply: reply(250) };

function broken(cause: DisconnectCause): Attempt {
  return { kind: "broken", stage: "body", cause, handedOver: false, detail: "" };
}

/** What is learned about one relay, and the messages about it. */
class Relay {
  readonly news: string[] = [];
  readonly limits: ConnectionLimits;
  #newest = 0;

  constructor() {
    this.limits = new ConnectionLimits(
      "mx.test:25",
      () => this.#newest,
      (message) => this.news.push(message),
    );
  }

  /** Opens a session. */
  session(uses = PIPELINING): SessionCounts {
    return newSession(++this.#newest, uses);
  }

  /** This many mails are accepted on it. */
  takes(session: SessionCounts, mails: number): void {
    for (let mail = 0; mail < mails; mail++) this.limits.attempted(session, TAKEN, CLIENT);
  }
}

Deno.test("ConnectionLimits begins with all that a relay offers, and no limit", () => {
  const { limits } = new Relay();
  assert.deepEqual(
    [limits.lockStep, limits.chunking, limits.chunkingShown, limits.behindDot, limits.hadSession],
    [false, true, false, true, false],
  );
  assert.deepEqual([limits.mailsInFlight, limits.mailsPerSession], [Infinity, Infinity]);
});

Deno.test("ConnectionLimits.roundTrip() returns the shortest of all measured, and notes that there was a session", () => {
  const { limits } = new Relay();
  assert.deepEqual([20, 30, 10].map((ms) => limits.roundTrip(ms)), [20, 20, 10]);
  assert.equal(limits.hadSession, true);
});

Deno.test("ConnectionLimits.outdated() where a session uses what is not to be used any more", () => {
  const uses = [CHUNKING, PIPELINING, LOCK_STEP];
  const outdated = (relay: Relay) => uses.map((use) => relay.limits.outdated(relay.session(use)));
  assert.deepEqual(outdated(new Relay()), [false, false, false]);
  const without = new Relay();
  without.limits.probedChunking(false);
  assert.deepEqual(outdated(without), [true, false, false]);
  const oneByOne = new Relay();
  oneByOne.limits.suspectPipelining();
  assert.deepEqual(outdated(oneByOne), [true, true, false]);
});

for (
  const [what, learns, said, has] of [
    [
      "does not answer pipelined commands",
      ({ limits }) => limits.suspectPipelining(),
      "mx.test:25 does not answer pipelined commands; continuing one by one",
      ({ limits }) => limits.lockStep,
    ],
    [
      "does not show that it reads the chunks it refuses",
      ({ limits }) => limits.probedChunking(false),
      "mx.test:25 has not shown that it discards refused chunks; continuing without CHUNKING",
      ({ limits }) => !limits.chunking && !limits.chunkingShown,
    ],
    [
      "refuses what stands behind a final dot",
      (relay) =>
        relay.limits.attempted(relay.session(), TAKEN, { ...CLIENT, refusesBehindDot: true }),
      "mx.test:25 refuses commands after the end of a mail; continuing with one mail in each group",
      ({ limits }) => !limits.behindDot,
    ],
    [
      "answers chunks out of step",
      (relay) => relay.limits.brokenBy("out-of-step", relay.session(CHUNKING)),
      "mx.test:25 answers out of step with pipelined commands; continuing without CHUNKING",
      ({ limits }) => !limits.chunking && !limits.lockStep,
    ],
    [
      "answers pipelined commands out of step",
      (relay) => relay.limits.brokenBy("out-of-step", relay.session()),
      "mx.test:25 answers out of step with pipelined commands; continuing one by one",
      ({ limits }) => limits.lockStep && limits.chunking,
    ],
    [
      "answers out of step, as is heard with the mail",
      (relay) =>
        relay.limits.attempted(relay.session(), broken("out-of-step"), {
          ...CLIENT,
          dismissed: true,
        }),
      "mx.test:25 answers out of step with pipelined commands; continuing one by one",
      ({ limits }) => limits.lockStep,
    ],
  ] as readonly [
    string,
    (bench: Relay) => void,
    string,
    (bench: Relay) => boolean,
  ][]
) {
  Deno.test(`ConnectionLimits says once that a relay ${what}, and keeps to it`, () => {
    const bench = new Relay();
    assert.equal(has(bench), false);
    for (let time = 0; time < 3; time++) learns(bench);
    assert.equal(has(bench), true);
    assert.deepEqual(bench.news, [said]);
  });
}

Deno.test("ConnectionLimits.probedChunking() keeps CHUNKING if the probe succeeded, and reports nothing", () => {
  const relay = new Relay();
  const { limits, news } = relay;
  limits.probedChunking(true);
  assert.deepEqual([limits.chunking, limits.chunkingShown, news], [true, true, []]);
});

Deno.test("ConnectionLimits learns nothing from replies out of step if nothing was pipelined", () => {
  const relay = new Relay();
  const { limits, news } = relay;
  limits.brokenBy("out-of-step", relay.session(LOCK_STEP));
  assert.deepEqual([limits.lockStep, limits.chunking, news], [false, true, []]);
});

Deno.test("ConnectionLimits.lost() ends CHUNKING at a second loss, and says so once", () => {
  const relay = new Relay();
  const { limits, news } = relay;
  limits.lost(relay.session(CHUNKING));
  assert.deepEqual([limits.mailsInFlight, limits.chunking, news], [1, true, []]);
  limits.lost(relay.session(CHUNKING));
  assert.equal(limits.chunking, false);
  limits.lost(relay.session(CHUNKING));
  assert.deepEqual(news, [
    "mx.test:25 drops connections while mails are unanswered; continuing without CHUNKING",
  ]);
});

Deno.test("ConnectionLimits has more mails under way on a connection again as a thousand are taken", () => {
  const relay = new Relay();
  const { limits } = relay;
  const first = relay.session(CHUNKING);
  limits.lost(first);
  for (let mail = 0; mail < 2_000; mail++) {
    limits.attempted(first, refused("rcpt", 550), CLIENT);
  }
  assert.equal(limits.mailsInFlight, 1, "only mails that are taken count");
  relay.takes(relay.session(CHUNKING), 1_000);
  assert.equal(limits.mailsInFlight, 2);
});

for (
  const [what, attempt, answered, accepted] of [
    ["a mail that is taken", TAKEN, 1, 1],
    ["a refusal", refused("rcpt", 550), 1, 0],
    ["a refusal for now", refused("body", 451), 1, 0],
    ["421, which ends the session", refused("mail", 421), 0, 0],
    ["a refused RSET, which ends it, too", refused("rset", 554), 0, 0],
    ["a mail that was not sent", { kind: "unsendable", lacks: "size", detail: "" }, 0, 0],
    ["a break", broken("timeout"), 0, 0],
  ] as readonly [string, Attempt, number, number][]
) {
  Deno.test(`ConnectionLimits.attempted() counts ${what} as ${answered} answered and ${accepted} taken`, () => {
    const relay = new Relay();
    const { limits } = relay;
    const counts = relay.session();
    limits.attempted(counts, attempt, CLIENT);
    assert.deepEqual([counts.answered, counts.accepted], [answered, accepted]);
    const exhausted = Object.assign(relay.session(), { exhausted: true });
    limits.attempted(exhausted, attempt, CLIENT);
    assert.deepEqual([exhausted.answered, exhausted.accepted], [0, 0], "it takes no more");
  });
}

Deno.test("ConnectionLimits learns from sessions closed without a reply after equally many mails, but not after a farewell", () => {
  const cases: readonly [string, DisconnectCause, boolean, mails: number][] = [
    ["closed", "closed", false, 20],
    ["closed behind 421", "closed", true, Infinity],
    ["a timeout", "timeout", false, Infinity],
    ["given up by us", "cancelled", false, Infinity],
  ];
  for (const [what, cause, dismissed, mails] of cases) {
    const relay = new Relay();
    const { limits } = relay;
    for (let time = 0; time < 2; time++) {
      const counts = relay.session();
      relay.takes(counts, 20);
      limits.attempted(counts, broken(cause), { ...CLIENT, dismissed });
    }
    assert.equal(limits.mailsPerSession, mails, what);
  }
});

Deno.test("ConnectionLimits hears once that a session was closed, however many mails were under way on it", () => {
  const relay = new Relay();
  const { limits } = relay;
  const counts = relay.session();
  relay.takes(counts, 20);
  for (let mail = 0; mail < 3; mail++) limits.attempted(counts, broken("closed"), CLIENT);
  assert.equal(counts.closed, true);
  assert.equal(limits.mailsPerSession, Infinity);
});

Deno.test("ConnectionLimits.ended() counts sessions that kept to a limit, but not closed ones", () => {
  for (const [closed, mails] of [[false, Infinity], [true, 2]] as const) {
    const relay = new Relay();
    const { limits } = relay;
    for (let time = 0; time < 2; time++) {
      const counts = relay.session();
      relay.takes(counts, 2);
      limits.brokenBy("closed", counts);
    }
    for (let time = 0; time < 100; time++) {
      limits.ended(Object.assign(relay.session(), { given: 2, closed }));
    }
    assert.equal(limits.mailsOn(relay.session()), mails, "the next one may go beyond it");
    assert.equal(limits.mailsOn(relay.session()), 2);
  }
});

Deno.test("ConnectionLimits.dismissedAfter() learns the number of mails that 421 came after, by what was taken", () => {
  const relay = new Relay();
  const { limits } = relay;
  assert.equal(limits.dismissedAfter(12, Object.assign(relay.session(), { accepted: 10 })), true);
  assert.equal(limits.dismissedAfter(11, Object.assign(relay.session(), { accepted: 10 })), true);
  assert.equal(limits.mailsPerSession, 10);
  assert.equal(limits.dismissedAfter(7, Object.assign(relay.session(), { accepted: 5 })), false);
});
