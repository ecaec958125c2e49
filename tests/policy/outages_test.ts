import assert from "node:assert/strict";
import fc from "fast-check";
import { Outages } from "../../src/policy/outages.ts";

Deno.test("Outages counts the time in which nobody was taken, as far as it lies within what is asked for", () => {
  const outages = new Outages();
  assert.equal(outages.begin(1_000), 0);
  assert.equal(outages.begin(3_000), 2_000);
  assert.equal(outages.within(0, 4_000), 3_000);
  outages.end(5_000);
  const cases = [[0, 6_000, 4_000], [2_000, 6_000, 3_000], [5_000, 9_000, 0]] as const;
  for (const [from, to, ms] of cases) assert.equal(outages.within(from, to), ms);
});

Deno.test("Outages counts no pause of a burst, which is shorter than a second", () => {
  for (const [ms, counted] of [[999, 0], [1_000, 1_000]] as const) {
    const outages = new Outages();
    outages.begin(0);
    outages.end(ms);
    assert.equal(outages.within(0, 10_000), counted);
  }
});

Deno.test("Outages never counts more than the time that has passed", () => {
  const steps = fc.array(fc.tuple(fc.nat(10_000), fc.nat(10_000)), { maxLength: 300 });
  fc.assert(fc.property(steps, fc.nat(1_000_000), (outages, from) => {
    const counted = new Outages();
    let now = 0;
    for (const [well, down] of outages) {
      counted.begin(now += well);
      counted.end(now += down);
    }
    const within = counted.within(Math.min(from, now), now);
    assert.ok(within >= 0 && within <= now - Math.min(from, now));
  }));
});
