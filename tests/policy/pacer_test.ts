import fc from "fast-check";
import assert from "node:assert/strict";
import { Pacer } from "../../src/policy/pace/pacer.ts";

/** The most events in any window of one second, begin included and end not. */
function mostInOneSecond(times: readonly number[]): number {
  const ordered = [...times].sort((a, b) => a - b);
  let most = 0;
  for (let first = 0, last = 0; last < ordered.length; last++) {
    while (ordered[last]! - ordered[first]! >= 1_000) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

/** Callers that take permits one after another; each timer fires late by `lateness`, and a send takes a moment. */
function simulate(
  perSecond: number,
  seconds: number,
  lateness: () => number,
  begin = 0,
): readonly number[] {
  const pacer = new Pacer(perSecond);
  const sent: number[] = [];
  for (let now = begin; now < begin + seconds * 1_000;) {
    const wait = pacer.reserve(now);
    now += wait >= 1 ? wait + lateness() : 0;
    sent.push(now);
  }
  return sent;
}

for (const perSecond of [1, 10, 500]) {
  Deno.test(`Pacer: no second holds more than the limit and one, and 95 % of it is used, at ${perSecond}/s`, () => {
    const seconds = perSecond === 1 ? 60 : 10;
    fc.assert(
      fc.property(fc.infiniteStream(fc.double({ min: 0, max: 15, noNaN: true })), (late) => {
        const sent = simulate(perSecond, seconds, () => late.next().value as number);
        assert.ok(mostInOneSecond(sent) <= perSecond + 1);
        assert.ok(sent.length >= 0.95 * perSecond * seconds, `${sent.length} in ${seconds} s`);
      }),
      { numRuns: 20 },
    );
  });

  Deno.test(`Pacer: no pause, however long, is caught up on at ${perSecond}/s`, () => {
    const gap = fc.oneof(
      { weight: 5, arbitrary: fc.constant(0) },
      fc.double({ min: 0, max: 3_000, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(gap, { minLength: 50, maxLength: 2_000 }), (gaps) => {
        const pacer = new Pacer(perSecond);
        let now = 0;
        const sent = gaps.map((gap) => {
          now += gap;
          return now += pacer.reserve(now);
        });
        assert.ok(mostInOneSecond(sent) <= perSecond + 1);
      }),
      { numRuns: 30 },
    );
  });
}

Deno.test("Pacer: callers who reserve at the same time get consecutive places", () => {
  const pacer = new Pacer(10);
  const waits = Array.from({ length: 4 }, () => pacer.reserve(1_000));
  const step = 1_000 / (10 * 0.97);
  assert.equal(waits[0], 0);
  waits.slice(1).forEach((wait, at) => {
    assert.ok(Math.abs(wait - (step * (at + 1) - 20)) < 1e-9, `place ${at + 1} at ${wait}`);
  });
});

Deno.test("Pacer without a limit lets everybody through at once", () => {
  const pacer = new Pacer();
  assert.deepEqual([pacer.reserve(5), pacer.reserve(5), pacer.next(5)], [0, 0, -Infinity]);
});

Deno.test("Pacer.limit() applies from the next place on", () => {
  const pacer = new Pacer(1);
  pacer.reserve(0);
  assert.ok(pacer.next(0) > 999);
  pacer.limit(100);
  assert.ok(pacer.next(0) < 11);
  pacer.limit(undefined);
  assert.equal(pacer.reserve(0), 0);
});

Deno.test("Pacer refuses an invalid limit", () => {
  for (const limit of [0, -1, NaN]) assert.throws(() => new Pacer(limit), RangeError);
});

Deno.test("Pacer tells its listeners when its limit changes, and only then", () => {
  const pacer = new Pacer(10);
  const heard: boolean[] = [];
  pacer.onChange(() => heard.push(pacer.limited));
  for (const limit of [10, 5, 5, undefined, undefined, 1]) pacer.limit(limit);
  assert.deepEqual(heard, [true, false, true]);
  assert.equal(new Pacer().limited, false);
  assert.equal(new Pacer(3).limited, true);
});
