import assert from "node:assert/strict";
import { SessionLimit } from "../../src/pipeline/relay/session_limit.ts";

function session(number: number, given: number, accepted = given) {
  const counts = {
    given,
    answered: given,
    accepted,
    carried: true,
    closed: false,
    exhausted: false,
  };
  return { number, chunking: true, pipelining: true, ...counts };
}

/** A limit of 20 that was learnt from silence, and the sessions after it, which are ended in order. */
class Relay {
  readonly limit = new SessionLimit();
  newest = 2;

  constructor() {
    this.limit.closedSilently(session(1, 20), 1);
    this.limit.closedSilently(session(2, 20), 2);
  }

  /** This many sessions send this many mails each. */
  keeps(sessions: number, given = 20): void {
    for (let left = sessions; left > 0; left--) {
      this.limit.left(session(++this.newest, given), this.newest);
    }
  }

  /** Whether the next session is allowed to exceed the limit. */
  get tries(): boolean {
    return this.limit.mailsOn(this.newest + 1) === Infinity;
  }
}

Deno.test("SessionLimit counts only sessions that reached the limit before it lets one exceed it", () => {
  const relay = new Relay();
  relay.keeps(99);
  relay.keeps(500, 19);
  assert.equal(relay.tries, false);
  relay.keeps(1);
  assert.equal(relay.tries, true);
});

Deno.test("SessionLimit lets twice as many sessions keep to the limit before the next one goes beyond it", () => {
  const relay = new Relay();
  for (const sessions of [100, 200, 400]) {
    for (let kept = 0; kept < sessions; kept++) {
      assert.equal(relay.tries, false, `after ${kept} of ${sessions}`);
      relay.keeps(1);
    }
    assert.equal(relay.tries, true, `${sessions}`);
    relay.limit.closedSilently(session(++relay.newest, 21), relay.newest);
  }
});

Deno.test("SessionLimit counts no session while one may exceed the limit, and continues when it has ended", () => {
  const relay = new Relay();
  relay.keeps(100);
  const beyond = relay.newest + 1;
  relay.newest++;
  relay.keeps(500);
  assert.equal(relay.tries, false, "there is one already");
  assert.equal(relay.limit.mailsOn(beyond), Infinity);
  relay.limit.left(session(beyond, 25), relay.newest);
  assert.equal(relay.limit.mailsOn(beyond), 20);
  relay.keeps(198);
  assert.equal(relay.tries, false);
  relay.keeps(1);
  assert.equal(relay.tries, true, "the one beyond had come to the limit, too");
});

Deno.test("SessionLimit tries a limit again after a hundred sessions once another was forgotten", () => {
  const relay = new Relay();
  relay.keeps(100);
  relay.limit.answered(session(++relay.newest, 30));
  assert.equal(relay.limit.mails, Infinity);
  for (let time = 0; time < 2; time++) {
    relay.limit.closedSilently(session(++relay.newest, 20), relay.newest);
  }
  assert.equal(relay.limit.mails, 20);
  relay.keeps(100);
  assert.equal(relay.tries, true);
});

Deno.test("SessionLimit does not take replies on other sessions for a sign that there is no limit", () => {
  const relay = new Relay();
  relay.keeps(100);
  relay.limit.answered(session(relay.newest, 40));
  assert.equal(relay.limit.mails, 20);
});

Deno.test("SessionLimit.closedAfter() compares with the last number, by mails given and by mails accepted", () => {
  const cases: readonly [readonly (readonly [given: number, accepted: number])[], number][] = [
    [[[10, 9], [10, 9]], 9],
    [[[10, 9], [10, 8]], 10],
    [[[10, 9], [12, 9]], 9],
    [[[10, 9], [12, 8], [10, 9]], Infinity],
    [[[10, 9], [12, 8], [12, 7]], 12],
  ];
  for (const [told, mails] of cases) {
    const limit = new SessionLimit();
    for (const [given, accepted] of told) limit.closedAfter(given, accepted);
    assert.equal(limit.mails, mails, JSON.stringify(told));
  }
});
