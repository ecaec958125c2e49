import assert from "node:assert/strict";
import fc from "fast-check";
import { Window } from "../../src/smtp/pipelining/window.ts";

/** A server that works on one connection's mails one after another, at the end of a network. Times in ms. */
interface Peer {
  readonly roundTripMs: number;
  readonly serviceMs: () => number;
  /** Replies to MAIL come with the one to the mail itself, as Exim's and Postfix's do. */
  readonly lateReplies?: boolean;
}

interface Course {
  readonly perSecond: number;
  /** The maximum number of mails in flight. */
  readonly most: number;
  readonly size: number;
}

/** A client that always has mails sends this many, each as soon as the window allows it. */
function sendThrough(
  peer: Peer,
  mails: number,
  { window, fixed }: { window: Window; fixed?: number },
): Course {
  const size = () => fixed ?? window.size;
  const underWay: { writtenAt: number; at: number; begunAt: number }[] = [];
  let [now, doneAt, given, most] = [0, 0, 0, 0];
  for (let answered = 0; answered < mails; answered++) {
    for (; underWay.length < size() && given < mails; given++) {
      const begunAt = Math.max(doneAt, now + peer.roundTripMs / 2);
      doneAt = begunAt + peer.serviceMs();
      underWay.push({ writtenAt: now, at: doneAt + peer.roundTripMs / 2, begunAt });
    }
    most = Math.max(most, underWay.length);
    const full = underWay.length >= size();
    const { writtenAt, at, begunAt } = underWay.shift()!;
    now = at;
    window.replied((peer.lateReplies ? at : begunAt + peer.roundTripMs / 2) - writtenAt);
    window.answered({ writtenAt, at, accepted: true, full });
  }
  return { perSecond: mails * 1_000 / now, most, size: window.size };
}

for (
  const [sentence, roundTripMs, serviceMs, openingMs, size] of [
    ["two to a near server that is fast", 0.3, 0.05, 0.5, 2],
    ["two to a near server that writes to its disk", 0.3, 20, 0.5, 2],
    ["two to a near server whose EHLO takes long", 0.3, 20, 5_000, 2],
    ["two over a round trip that is short against the service time", 10, 20, 11, 2],
    ["few to a far server that writes to its disk", 50, 25, 51, 5],
    ["more the faster it is", 50, 5, 51, 21],
    ["the most to a far server that is fast", 50, 0.1, 51, 32],
  ] as const
) {
  for (const lateReplies of [false, true]) {
    const when = lateReplies ? ", with late replies" : "";
    Deno.test(`Window allows ${sentence}${when}`, () => {
      const window = new Window(openingMs);
      const peer = { roundTripMs, serviceMs: () => serviceMs, lateReplies };
      const { most } = sendThrough(peer, 500, { window });
      assert.equal(window.size, size);
      // Before it knew the service time, one or two more were in flight to the distant ones.
      assert.ok(most <= (size === 2 ? 2 : size + 2), `${most} under way`);
    });
  }
}

const far = { roundTripMs: 50, serviceMs: () => 0.1 };

for (
  const [sentence, largest, mails, size] of [
    ["begins with two mails", 32, 0, 2],
    ["begins no larger than its cap", 1, 0, 1],
    ["tells nothing by one answer", 32, 1, 2],
    ["doubles with each round trip, once it knows the service time", 32, 2 + 3 + 6, 12],
    ["never outgrows its cap", 5, 200, 5],
  ] as const
) {
  Deno.test(`Window ${sentence}`, () => {
    const window = new Window(50, largest);
    for (let mail = 0, at = 0; mail < mails; mail++) {
      at += far.serviceMs();
      window.answered({ writtenAt: at - 50, at: at + 0.1, accepted: true, full: true });
    }
    assert.equal(window.size, size);
  });
}

Deno.test("Window does not grow while fewer mails arrive than it allows", () => {
  const window = new Window(50);
  for (let at = 100; at < 10_000; at += 100) {
    window.answered({ writtenAt: at - 50, at, accepted: true, full: false });
  }
  assert.equal(window.size, 2);
});

Deno.test("Window learns nothing from mails that are refused", () => {
  const window = new Window(50);
  for (let at = 100; at < 10_000; at += 100) {
    window.answered({ writtenAt: at - 50, at, accepted: false, full: true });
  }
  assert.equal(window.size, 2);
});

Deno.test("Window adapts to the service time of a server that becomes slower, and faster again", () => {
  const window = new Window(50);
  const sizes = [0.1, 25, 0.1].map((ms) =>
    sendThrough({ roundTripMs: 50, serviceMs: () => ms }, 200, { window }).size
  );
  // One on its way and twice the mails that fill the network: 1 + 2 * 50 / 25.
  assert.deepEqual(sizes, [32, 5, 32]);
});

Deno.test("Window.near is true if a round trip is shorter than 2 ms, whether known from the beginning or later", () => {
  assert.deepEqual([new Window(1.99).near, new Window(2).near], [true, false]);
  const window = new Window(2);
  window.replied(1.99);
  window.replied(50);
  assert.equal(window.near, true);
});

Deno.test("Window halves on trouble, never allows less than one mail, and grows again", () => {
  const window = new Window(50);
  sendThrough(far, 500, { window });
  const sizes = Array.from({ length: 7 }, () => (window.trouble(), window.size));
  assert.deepEqual(sizes, [16, 8, 4, 2, 1, 1, 1]);
  assert.equal(sendThrough(far, 200, { window }).size, 32);
});

Deno.test("Window forgets a pause of the server within two windows of mails", () => {
  const window = new Window(50);
  let mail = 0;
  sendThrough({ ...far, serviceMs: () => ++mail === 300 ? 60_000 : 0.1 }, 301, { window });
  assert.ok(window.size >= 5, `one answer after a minute leaves ${window.size}`);
  assert.equal(sendThrough(far, 64, { window }).size, 32);
});

Deno.test("Window achieves four fifths of the rate of 32 mails in flight, and allows no more than necessary, at any distance", () => {
  const peers = fc.record({
    roundTripMs: fc.double({ min: 0.05, max: 400, noNaN: true }),
    serviceMs: fc.double({ min: 0.05, max: 100, noNaN: true }),
    // The least that is seen of the network while the session is opened: never less than there is.
    openedSlower: fc.double({ min: 1, max: 1.2, noNaN: true }),
    lateReplies: fc.boolean(),
  });
  fc.assert(fc.property(peers, ({ roundTripMs, serviceMs, openedSlower, lateReplies }) => {
    const peer = { roundTripMs, serviceMs: () => serviceMs, lateReplies };
    const window = new Window(roundTripMs * openedSlower);
    sendThrough(peer, 200, { window });
    const { perSecond, most } = sendThrough(peer, 500, { window });
    const serviceTimes = roundTripMs * openedSlower / serviceMs;
    const isNear = roundTripMs * openedSlower < 2;
    if (isNear || serviceTimes < 0.5) assert.equal(most, 2, "of mails under way nearby");
    assert.ok(most <= 4 + 2 * serviceTimes, `${most} under way`);
    // A server that seemed distant when the session was opened can turn out to be near by its replies.
    if (roundTripMs < 2) return;
    const whole = sendThrough(peer, 500, { window: new Window(roundTripMs), fixed: 32 });
    assert.ok(perSecond >= 0.79 * whole.perSecond, `${perSecond} of ${whole.perSecond}/s`);
  }));
});

Deno.test("Window rejects a limit that is not a whole number of at least 1", () => {
  for (const largest of [0, -1, 1.5, NaN]) assert.throws(() => new Window(1, largest), RangeError);
});
