import assert from "node:assert/strict";
import fc from "fast-check";
import { RateLimit } from "../../src/unsubscribe/rate_limit.ts";

Deno.test("RateLimit.take() lets a burst pass, then as many as the rate, and says how long to wait", () => {
  const limit = new RateLimit({ burst: 3, perSecond: 0.5 });
  const table: [atMs: number, wait: number][] = [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 2],
    [1_000, 1],
    [1_999, 1],
    [2_000, 0],
    [2_000, 2],
    [1e9, 0],
    [1e9, 0],
    [1e9, 0],
    [1e9, 2],
  ];
  for (const [at, wait] of table) assert.equal(limit.take("a", at), wait, `at ${at} ms`);
});

Deno.test("RateLimit.take() counts each client separately", () => {
  const limit = new RateLimit({ burst: 1, perSecond: 1 });
  assert.equal(limit.take("a", 0), 0);
  assert.equal(limit.take("a", 0), 1);
  assert.equal(limit.take("b", 0), 0);
});

Deno.test("RateLimit.take() forgets the client that asked least recently, and copes with a clock that goes back", () => {
  const limit = new RateLimit({ burst: 1, perSecond: 1 }, 2);
  for (const client of ["a", "b", "a", "c"]) limit.take(client, 10);
  assert.equal(limit.take("a", 10), 1, "asked after b");
  assert.equal(limit.take("a", 0), 1);
  assert.equal(limit.take("b", 10), 0, "forgotten");
});

Deno.test("RateLimit never lets more pass than burst and rate allow, and lets clients pass that wait as told", () => {
  const limits = fc.record({
    burst: fc.integer({ min: 1, max: 20 }),
    perSecond: fc.integer({ min: 1, max: 50 }),
  });
  fc.assert(
    fc.property(
      limits,
      fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 100 }),
      (given, gaps) => {
        const limit = new RateLimit(given);
        let now = 0;
        let passed = 0;
        for (const gap of gaps) {
          now += gap;
          if (limit.take("a", now) === 0) passed++;
          assert(passed <= given.burst + now * given.perSecond / 1_000 + 1e-6);
        }
        const wait = limit.take("a", now);
        if (wait > 0) assert.equal(limit.take("a", now + wait * 1_000), 0);
      },
    ),
  );
});
