import assert from "node:assert/strict";
import { InFlightLimit } from "../../src/pipeline/relay/in_flight_limit.ts";
import { SessionLimit } from "../../src/pipeline/relay/session_limit.ts";

/** A session with the given number of answers, the last of which are refusals. */
function session(number: number, accepted: number, refused = 0) {
  const answered = accepted + refused;
  const counts = {
    given: answered,
    answered,
    accepted,
    carried: true,
    closed: false,
    exhausted: false,
  };
  return { number, chunking: true, pipelining: true, ...counts };
}

Deno.test("SessionLimit.closedSilently() learns the number that two connections show, one opened after the other was closed", () => {
  const limit = new SessionLimit();
  limit.closedSilently(session(1, 20), 10);
  assert.equal(limit.mails, Infinity);
  limit.closedSilently(session(11, 20), 14);
  assert.equal(limit.mails, 20);
});

Deno.test("SessionLimit.closedSilently() counts the mails taken, or those answered, as the relay does", () => {
  for (const [first, second] of [[[20, 3], [20, 0]], [[17, 3], [20, 0]]] as const) {
    const limit = new SessionLimit();
    limit.closedSilently(session(1, first[0], first[1]), 1);
    limit.closedSilently(session(2, second[0], second[1]), 2);
    assert.equal(limit.mails, 20);
  }
});

for (
  const [sentence, sessions] of [
    [
      "ten connections that are closed together, as a restart does",
      Array.from({ length: 10 }, (_, at) => [session(at + 1, 20), 10] as const),
    ],
    ["connections of which each had another number", [
      [session(1, 20), 10],
      [session(11, 7), 20],
      [session(21, 9), 30],
    ]],
    ["connections on which nothing was accepted", [[session(1, 0, 5), 1], [session(2, 0, 5), 2]]],
  ] as const
) {
  Deno.test(`SessionLimit.closedSilently() learns no limit from ${sentence}`, () => {
    const limit = new SessionLimit();
    for (const [closed, newest] of sessions) limit.closedSilently(closed, newest);
    assert.equal(limit.mails, Infinity);
  });
}

/** A limit of 20 that was learned by accident from two closed connections, and `kept` sessions that respected it. */
function learnt(kept: number): { limit: SessionLimit; newest: number } {
  const limit = new SessionLimit();
  limit.closedSilently(session(1, 20), 1);
  limit.closedSilently(session(2, 20), 2);
  let newest = 2;
  for (let at = 0; at < kept; at++) limit.left(session(++newest, 20), newest);
  return { limit, newest };
}

Deno.test("SessionLimit lets one session in a hundred go beyond a limit that was learnt from silence, and no other", () => {
  const { limit, newest } = learnt(100);
  assert.equal(limit.mailsOn(newest + 1), Infinity);
  assert.equal(limit.mailsOn(newest), 20);
  assert.equal(limit.mailsOn(newest + 2), 20);
  assert.equal(learnt(99).limit.mailsOn(newest), 20);
});

Deno.test("SessionLimit forgets a limit when that session gets ten answers more", () => {
  const { limit, newest } = learnt(100);
  limit.answered(session(newest + 1, 29));
  assert.equal(limit.mails, 20);
  limit.answered(session(newest + 1, 29, 1));
  assert.equal(limit.mails, Infinity);
});

Deno.test("SessionLimit keeps a limit soon after which that session was closed, and tries half as often", () => {
  const { limit, newest } = learnt(100);
  limit.closedSilently(session(newest + 1, 22), newest + 1);
  assert.equal(limit.mails, 20);
  let last = newest + 1;
  const keep = (sessions: number) => {
    for (let at = 0; at < sessions; at++) limit.left(session(++last, 20), last);
  };
  keep(199);
  assert.equal(limit.mailsOn(last + 1), 20);
  keep(1);
  assert.equal(limit.mailsOn(last + 1), Infinity);
});

Deno.test("SessionLimit never tests a limit that the relay announced with 421", () => {
  const limit = new SessionLimit();
  limit.closedAfter(10, 10);
  limit.closedAfter(10, 10);
  for (let number = 1; number <= 1_000; number++) {
    limit.left(session(number, 10), number);
    assert.equal(limit.mailsOn(number + 1), 10);
  }
});

Deno.test("InFlightLimit allows one mail after a loss, and CHUNKING until a further one", () => {
  const limit = new InFlightLimit();
  assert.equal(limit.mails, Infinity);
  assert.equal(limit.lost(3, 10), false);
  assert.deepEqual([limit.mails, limit.chunking], [1, true]);
  for (let number = 1; number <= 10; number++) {
    assert.equal(limit.lost(number, 12), false, "they were open together");
  }
  assert.ok(limit.chunking);
  assert.ok(limit.lost(13, 13));
  assert.equal(limit.chunking, false);
  assert.equal(limit.lost(14, 14), false, "it is said once");
});

Deno.test("InFlightLimit allows more again as mails get through, until the loss is forgotten", () => {
  const limit = new InFlightLimit();
  limit.lost(1, 10);
  const after = (mails: number) => {
    for (let mail = 0; mail < mails; mail++) limit.accepted();
    return limit.mails;
  };
  assert.deepEqual([after(999), after(1), after(999), after(1)], [1, 2, 2, 4]);
  limit.lost(2, 10);
  assert.equal(limit.mails, 1, "another one of those that were open");
  assert.deepEqual([after(5_000), after(1_000)], [32, Infinity]);
  assert.equal(limit.lost(11, 11), false, "as the first");
  assert.ok(limit.chunking);
});

Deno.test("InFlightLimit.endChunking() returns whether CHUNKING was in use, and ends it", () => {
  const limit = new InFlightLimit();
  assert.equal(limit.endChunking(), true);
  assert.equal(limit.chunking, false);
  assert.equal(limit.endChunking(), false);
  limit.lost(1, 1);
  assert.equal(limit.lost(2, 2), false, "there is nothing left to be ended");
});
