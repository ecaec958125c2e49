import fc from "fast-check";
import assert from "node:assert/strict";
import { backoffMs, FIRST_RETRY_MS } from "../../src/policy/backoff.ts";

const HOUR = 3_600_000;

Deno.test("backoffMs() returns between a sixth of the try's pause and all of it; the pause grows sixfold each time, up to two hours", () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(fc.property(fc.integer({ min: 1, max: 1_000 }), random, (attempt, random) => {
    const pause = backoffMs(attempt, FIRST_RETRY_MS, random);
    const longest = Math.min(2 * HOUR, 5_000 * 6 ** (attempt - 1));
    assert.ok(Number.isSafeInteger(pause) && pause <= longest);
    assert.ok(pause >= Math.floor(longest / 6));
  }));
  assert.deepEqual([1, 2, 3, 4, 5, 6].map((attempt) => backoffMs(attempt, FIRST_RETRY_MS, 1)), [
    5_000,
    30_000,
    180_000,
    1_080_000,
    6_480_000,
    7_200_000,
  ]);
});

Deno.test("backoffMs() never uses up five retries within twenty minutes, so greylisting fails nobody", () => {
  const least = [1, 2, 3, 4, 5].reduce(
    (sum, attempt) => sum + backoffMs(attempt, FIRST_RETRY_MS, 0),
    0,
  );
  assert.ok(least > 20 * 60_000);
});
