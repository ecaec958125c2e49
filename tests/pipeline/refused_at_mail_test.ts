import assert from "node:assert/strict";
import { ConnectionLimits } from "../../src/pipeline/relay/connection_limits.ts";
import {
  newSession,
  type SendContext,
  type SessionCounts,
} from "../../src/pipeline/consumer/connection_slot.ts";
import type { Attempt } from "../../src/model/attempt.ts";
import { reply } from "../ledger/ledgers.ts";
import { refused } from "../policy/judging.ts";

const CLIENT = { dismissed: false, refusesBehindDot: false };
const TAKEN: Attempt = { kind: "accepted", reply: reply(250) };
const TOO_MANY = refused("mail", 550);
const LATER = refused("mail", 451);

class Relay {
  newest = 0;
  readonly limits = new ConnectionLimits("mx.test:25", () => this.newest, () => {});

  /** A session to which this many mails were given, and on which they were accepted. */
  session(taken: number): SessionCounts {
    const counts = newSession(++this.newest, { chunking: false, pipelining: true });
    for (let mail = 0; mail < taken; mail++) {
      counts.given++;
      this.limits.attempted(counts, TAKEN, CLIENT);
    }
    return counts;
  }

  hears(attempt: Attempt, session: SessionCounts): boolean {
    const place: SendContext = { session, mailsBefore: session.given, sentAt: 0 };
    return this.limits.refusedAtMail(attempt, place);
  }
}

for (
  const [what, attempt, isOver] of [
    ["550 at MAIL", TOO_MANY, true],
    ["4yz at MAIL", LATER, true],
    ["529 at MAIL", refused("mail", 529), true],
    ["539 at MAIL", refused("mail", 539), true],
    ["a mail that was taken", TAKEN, false],
    ["550 at RCPT", refused("rcpt", 550), false],
    ["421 at MAIL, which says so itself", refused("mail", 421), false],
    ["530 at MAIL, which wants a login", refused("mail", 530), false],
    ["538 at MAIL, which wants one, too", refused("mail", 538), false],
    ["552 at MAIL, which is about the mail's size", refused("mail", 552), false],
  ] as const
) {
  Deno.test(`ConnectionLimits.refusedAtMail() takes ${what} after other mails for ${isOver ? "the session's end" : "what it is"}`, () => {
    const relay = new Relay();
    const session = relay.session(10);
    assert.equal(relay.hears(attempt, session), isOver);
    assert.equal(session.exhausted, isOver);
  });
}

Deno.test("ConnectionLimits.refusedAtMail() takes a refusal on a fresh session for what it is, and there learns whether the one before was", () => {
  const relay = new Relay();
  assert.equal(relay.hears(TOO_MANY, relay.session(0)), false);
  const used = relay.session(10);
  assert.equal(relay.hears(LATER, used), true);
  assert.equal(relay.hears(LATER, relay.session(0)), false, "it is our pace");
  assert.equal(relay.hears(LATER, relay.session(10)), false, "as is known from then on");
  assert.equal(relay.hears(LATER, used), true, "the session that is over stays so");
  assert.equal(relay.hears(TOO_MANY, relay.session(10)), true, "a 5yz is asked about again");
});

Deno.test("ConnectionLimits.refusedAtMail() learns the number of mails by which fresh sessions prove it, in the next two", () => {
  const relay = new Relay();
  for (let time = 0; time < 2; time++) {
    assert.equal(relay.limits.mailsPerSession, Infinity);
    relay.hears(TOO_MANY, relay.session(10));
    relay.session(1);
  }
  assert.equal(relay.limits.mailsPerSession, 10);
});
