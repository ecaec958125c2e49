import assert from "node:assert/strict";
import fc from "fast-check";
import { Outages } from "../../src/policy/health/outages.ts";

Deno.test("Outages counts the time in which nobody was accepted, within the given period", () => {
  const outages = new Outages();
  assert.equal(outages.begin(1_000), 0);
  assert.equal(outages.begin(3_000), 2_000);
  assert.equal(outages.within(0, 4_000), 3_000);
  outages.end(5_000);
  const cases = [[0, 6_000, 4_000], [2_000, 6_000, 3_000], [5_000, 9_000, 0]] as const;
  for (const [from, to, ms] of cases) assert.equal(outages.within(from, to), ms);
});

Deno.test("Outages ignores pauses within a burst, which are shorter than a second", () => {
  for (const [ms, counted] of [[999, 0], [1_000, 1_000]] as const) {
    const outages = new Outages();
    outages.begin(0);
    outages.end(ms);
    assert.equal(outages.within(0, 10_000), counted);
  }
});

Deno.test("Outages counts an outage from its start, wherever that is, and nothing before", () => {
  const outages = new Outages();
  outages.end(500);
  assert.equal(outages.within(0, 10_000), 0);
  for (const [ms, counted] of [[999, 0], [1_000, 1_000]] as const) {
    outages.begin(20_000);
    outages.end(20_000 + ms);
    assert.equal(outages.within(0, 30_000), counted);
  }
  outages.begin(40_000);
  assert.equal(outages.within(30_000, 40_000), 0, "it begins where the time ends");
  assert.equal(outages.within(30_000, 35_000), 0, "and was not there before");
  assert.equal(outages.within(45_000, 47_000), 2_000);
});

Deno.test("Outages keeps the last hundred separately, and the sum of all", () => {
  const outages = new Outages();
  const beginOf = (outage: number) => outage * 10_000;
  for (let outage = 1; outage <= 150; outage++) {
    outages.begin(beginOf(outage));
    outages.end(beginOf(outage) + 2_000);
  }
  const end = beginOf(151);
  assert.equal(outages.within(0, end), 300_000);
  for (let outage = 52; outage <= 150; outage++) {
    assert.equal(outages.within(beginOf(outage), end), (151 - outage) * 2_000, `${outage}`);
  }
  // What is merged counts as much of itself as has room in what is asked for.
  assert.equal(outages.within(beginOf(51), end), 99 * 2_000 + 2_000);
  assert.equal(outages.within(beginOf(10), end), 300_000);
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
