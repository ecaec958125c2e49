import assert from "node:assert/strict";
import fc from "fast-check";
import { Throttling } from "../../src/policy/pace/throttling.ts";

/** Feeds one answer every `everyMs` from `from` on, each to a mail sent a moment before. Returns when the next one would come. */
function feed(
  throttling: Throttling,
  answers: Iterable<boolean>,
  { from = 0, everyMs = 10, waitedMs = 0 } = {},
): number {
  let now = from;
  for (const accepted of answers) {
    throttling.note({ accepted, waitedMs, sentAt: now - 1 }, now);
    now += everyMs;
  }
  return now;
}

const TAKEN = true;
const PUT_OFF = false;
const times = (count: number, accepted: boolean) => Array<boolean>(count).fill(accepted);

Deno.test("Throttling blames a streak after new mails were accepted on our pace", () => {
  const throttling = new Throttling();
  const now = feed(throttling, [...times(20, TAKEN), ...times(7, PUT_OFF)]);
  assert.equal(throttling.assumed, false);
  feed(throttling, [PUT_OFF], { from: now });
  assert.equal(throttling.assumed, true);
});

Deno.test("Throttling does not blame greylisting, under which no new mail is accepted, on our pace", () => {
  const throttling = new Throttling();
  const now = feed(throttling, times(200, PUT_OFF));
  const later = feed(throttling, times(50, TAKEN), { from: now, waitedMs: 300_000 });
  feed(throttling, times(200, PUT_OFF), { from: later });
  assert.equal(throttling.assumed, false);
});

Deno.test("Throttling blames a streak on our pace in a run in which everybody has waited", () => {
  const throttling = new Throttling();
  const now = feed(throttling, times(5, TAKEN), { waitedMs: 60_000 });
  feed(throttling, times(8, PUT_OFF), { from: now, waitedMs: 60_000 });
  assert.equal(throttling.assumed, true);
});

Deno.test("Throttling does not blame greylisting on our pace if some have waited long enough and others have not", () => {
  const throttling = new Throttling();
  for (let round = 0; round < 100; round++) {
    const now = feed(throttling, times(3, TAKEN), { from: round * 1_000, waitedMs: 300_000 });
    feed(throttling, times(30, PUT_OFF), { from: now, waitedMs: 299_999 });
    assert.equal(throttling.assumed, false, `round ${round}`);
  }
});

Deno.test("Throttling compares with the one who had waited least among those just accepted", () => {
  for (
    const [taken, waitedMs, assumed] of [
      [[50_000, 90_000], 50_000, true],
      [[50_000, 90_000], 49_999, false],
      [[90_000, 50_000], 50_000, true],
      [[90_000, 50_000], 49_999, false],
    ] as const
  ) {
    const throttling = new Throttling();
    let now = 0;
    for (const waitedMs of taken) now = feed(throttling, [TAKEN], { from: now, waitedMs });
    feed(throttling, times(8, PUT_OFF), { from: now, waitedMs });
    assert.equal(throttling.assumed, assumed, `${taken}, then ${waitedMs}`);
  }
});

Deno.test("Throttling forgets how long a recipient accepted more than two seconds ago had waited", () => {
  for (const [ms, assumed] of [[2_000, true], [2_001, false]] as const) {
    const throttling = new Throttling();
    feed(throttling, [TAKEN], { waitedMs: 10_000 });
    const now = feed(throttling, [TAKEN], { from: ms, waitedMs: 60_000 });
    feed(throttling, times(8, PUT_OFF), { from: now - 10, waitedMs: 30_000 });
    assert.equal(throttling.assumed, assumed, `${ms} ms`);
  }
});

Deno.test("Throttling counts only those of a streak who have waited long enough", () => {
  const throttling = new Throttling();
  let now = feed(throttling, [TAKEN], { waitedMs: 60_000 });
  for (let count = 1; count <= 8; count++) {
    assert.equal(throttling.assumed, false, `${count - 1}`);
    now = feed(throttling, [PUT_OFF], { from: now, waitedMs: 1_000 });
    now = feed(throttling, [PUT_OFF], { from: now, waitedMs: 60_000 });
  }
  assert.equal(throttling.assumed, true);
});

Deno.test("Throttling does not blame an occasional busy mailbox on our pace", () => {
  const throttling = new Throttling();
  for (let round = 0; round < 2_500; round++) {
    feed(throttling, [TAKEN, TAKEN, TAKEN, PUT_OFF], { from: round * 40 });
    assert.equal(throttling.assumed, false, `round ${round}`);
  }
});

Deno.test("Throttling forgets a mail accepted long before the streak", () => {
  const throttling = new Throttling();
  feed(throttling, [TAKEN]);
  feed(throttling, times(50, PUT_OFF), { from: 3_000 });
  assert.equal(throttling.assumed, false);
});

Deno.test("Throttling blames a streak on our pace that begins within two seconds of a new mail, whenever it ends", () => {
  for (const [from, assumed] of [[2_000, true], [2_001, false]] as const) {
    const throttling = new Throttling();
    feed(throttling, [TAKEN]);
    feed(throttling, times(8, PUT_OFF), { from, everyMs: 1_000 });
    assert.equal(throttling.assumed, assumed, `from ${from}`);
  }
});

/** In the state in which a lower rate is kept since `now`. */
function slower(): { throttling: Throttling; now: number } {
  const throttling = new Throttling();
  const now = feed(throttling, [TAKEN, ...times(8, PUT_OFF)]);
  assert.equal(throttling.assumed, true);
  throttling.slowed(now);
  return { throttling, now: now + 2 };
}

Deno.test("Throttling keeps its guess while the lower rate is accepted, and occasionally one mail too many is deferred", () => {
  const { throttling, now } = slower();
  feed(throttling, Array.from({ length: 2_000 }, (_, at) => at % 20 !== 0), { from: now });
  assert.equal(throttling.assumed, true);
});

Deno.test("Throttling keeps its guess while nothing at all is accepted, because the minute of a limit may not be over", () => {
  const { throttling, now } = slower();
  feed(throttling, times(500, PUT_OFF), { from: now });
  assert.equal(throttling.assumed, true);
});

Deno.test("Throttling drops its guess if nothing is accepted for minutes, however slowly it is offered", () => {
  const { throttling, now } = slower();
  feed(throttling, times(40, PUT_OFF), { from: now, everyMs: 5_000 });
  assert.equal(throttling.assumed, false);
});

/**
 * Sends 500 mails to a relay that accepts `perSecond` in each second of the clock: as fast as possible at first, then
 * at `rate`, which falls by a fifth each second while mails are deferred. Returns whether the guess still holds.
 */
function keepsGuess(perSecond: number, rate: number, startsAt: number): boolean {
  const throttling = new Throttling();
  let [now, second, taken, loweredAt] = [startsAt, 0, 0, -Infinity];
  for (let mail = 0; mail < 500; mail++) {
    if (Math.floor(now / 1_000) !== second) [second, taken] = [Math.floor(now / 1_000), 0];
    const accepted = ++taken <= perSecond;
    throttling.note({ accepted, waitedMs: 0, sentAt: now - 1 }, now);
    if (!accepted && throttling.assumed && now - loweredAt >= 1_000) {
      if (loweredAt !== -Infinity) rate *= 0.8;
      throttling.slowed(now);
      loweredAt = now;
    }
    now += throttling.assumed ? 1_000 / rate : 1;
  }
  return throttling.assumed;
}

Deno.test("Throttling keeps its guess while the rate is still above the limit, and goes down step by step", () => {
  fc.assert(fc.property(
    fc.integer({ min: 10, max: 100 }),
    fc.double({ min: 0.8, max: 2, noNaN: true }),
    fc.integer({ min: 0, max: 999 }),
    (perSecond, times, startsAt) => keepsGuess(perSecond, perSecond * times, startsAt),
  ));
});

Deno.test("Throttling drops its guess if most are deferred again and again, in long runs", () => {
  const { throttling, now } = slower();
  feed(throttling, Array.from({ length: 120 }, (_, at) => at % 40 < 12), { from: now });
  assert.equal(throttling.assumed, false);
});

for (
  const [what, accepted] of [
    ["every other recipient", (at: number) => at % 2 === 0],
    ["nine in ten recipients", (at: number) => at % 10 === 0],
    ["one in three recipients", (at: number) => at % 3 !== 0],
  ] as const
) {
  Deno.test(`Throttling drops its guess permanently if a lower rate still defers ${what}`, () => {
    const { throttling, now } = slower();
    const later = feed(throttling, Array.from({ length: 40 }, (_, at) => accepted(at)), {
      from: now,
    });
    assert.equal(throttling.assumed, false);
    feed(throttling, [TAKEN, ...times(100, PUT_OFF)], { from: later });
    assert.equal(throttling.assumed, false);
  });
}

Deno.test("Throttling learns nothing from what was sent before the rate was lowered", () => {
  const { throttling, now } = slower();
  throttling.slowed(now + 1_000);
  feed(throttling, Array.from({ length: 90 }, (_, at) => at % 2 === 0), { from: now });
  assert.equal(throttling.assumed, true);
});

/** Repeats forty answers, of which twelve, or all, are acceptances. */
const VAIN = Array.from({ length: 40 }, (_, at) => at < 12);
const FINE = times(40, TAKEN);

for (
  const [what, answers, keeps] of [
    ["twice in a row", [VAIN, VAIN], true],
    ["three times in a row", [VAIN, VAIN, VAIN], false],
    [
      "three times in a row, and one is accepted",
      Array(3).fill(times(40, PUT_OFF).with(0, TAKEN)),
      false,
    ],
    ["twice, and twice again", [VAIN, VAIN, FINE, VAIN, VAIN], true],
    ["three times in a row after others", [VAIN, FINE, VAIN, VAIN, VAIN], false],
  ] as const
) {
  Deno.test(`Throttling ${keeps ? "keeps" : "drops"} its guess if most of forty are deferred ${what}`, () => {
    const { throttling, now } = slower();
    feed(throttling, answers.flat(), { from: now });
    assert.equal(throttling.assumed, keeps);
  });
}

Deno.test("Throttling tests its guess after forty replies, and then forgets them", () => {
  for (const before of [39, 40]) {
    const { throttling, now } = slower();
    feed(throttling, Array.from({ length: before }, (_, at) => at % 2 === 0), { from: now });
    assert.equal(throttling.assumed, before === 39, `${before}`);
  }
  const { throttling, now } = slower();
  // Eight changes in forty are no coincidence, and neither are sixteen in eighty.
  const few = Array.from({ length: 40 }, (_, at) => at % 10 !== 5);
  feed(throttling, [...few, ...few, ...few, ...few], { from: now });
  assert.equal(throttling.assumed, true);
});

Deno.test("Throttling tolerates twelve changes in forty replies if most are accepted, and no more", () => {
  for (const [pairs, keeps] of [[6, true], [7, false]] as const) {
    const { throttling, now } = slower();
    // The answer before is an acceptance, so that each deferral makes two changes.
    const answers = times(40, TAKEN).map((_, at) => at % 3 !== 1 || at > 3 * pairs);
    throttling.note({ accepted: TAKEN, waitedMs: 0, sentAt: now - 10 }, now);
    feed(throttling, answers, { from: now });
    assert.equal(throttling.assumed, keeps, `${2 * pairs} changes`);
  }
});

Deno.test("Throttling learns from what was sent the moment the rate was lowered", () => {
  const { throttling, now } = slower();
  throttling.slowed(now);
  for (let answer = 0; answer < 40; answer++) {
    throttling.note({ accepted: answer % 2 === 0, waitedMs: 0, sentAt: now }, now + 1);
  }
  assert.equal(throttling.assumed, false);
});

Deno.test("Throttling.slowed() does not start a guess by itself", () => {
  const throttling = new Throttling();
  throttling.slowed(0);
  assert.equal(throttling.assumed, false);
});
