import assert from "node:assert/strict";
import { Adaptation } from "../../src/policy/pace/adaptation.ts";
import { Pacer } from "../../src/policy/pace/pacer.ts";
import { RateMeter } from "../../src/policy/pace/rate_meter.ts";

Deno.test("RateMeter counts the last two seconds, and forgets the ones before", () => {
  const meter = new RateMeter();
  for (let now = 10_000; now < 12_000; now += 50) meter.note(now);
  assert.equal(meter.perSecond(11_999), 20);
  assert.equal(meter.perSecond(12_999), 10);
  assert.equal(meter.perSecond(15_000), 0);
});

Deno.test("RateMeter does not average a burst with the silence before it", () => {
  const meter = new RateMeter();
  for (let now = 10_000; now < 10_200; now += 10) meter.note(now);
  assert.equal(meter.perSecond(10_300), 20);
  assert.equal(meter.perSecond(11_500), 10);
});

Deno.test("RateMeter is not confused by a clock that is set back", () => {
  const meter = new RateMeter();
  meter.note(100_000);
  meter.note(40_000);
  assert.equal(meter.perSecond(40_000), 2);
});

Deno.test("Adaptation counts many replies to one burst once", () => {
  const adaptation = new Adaptation(10);
  for (let now = 0; now < 2_000; now += 10) adaptation.judged(now);
  assert.ok(adaptation.lowerRate(2_000));
  const lowered = adaptation.ratePerSecond;
  for (let at = 0; at < 50; at++) assert.equal(adaptation.lowerRate(2_000 + at), false);
  assert.equal(adaptation.ratePerSecond, lowered);
  assert.ok(lowered! >= 50 && lowered! <= 80, `100/s were shown, now ${lowered}`);
});

Deno.test("Adaptation drops its limit when it no longer has an effect", () => {
  const adaptation = new Adaptation(1);
  for (let now = 0; now < 2_000; now += 100) adaptation.judged(now);
  adaptation.lowerRate(2_000);
  assert.notEqual(adaptation.ratePerSecond, undefined);
  // The list yields less than the relay accepts.
  for (let now = 3_000; now < 60_000; now += 1_000) adaptation.judged(now);
  assert.equal(adaptation.ratePerSecond, undefined);
});

Deno.test("Adaptation never asks for less than one connection, nor for more than was asked for", () => {
  const adaptation = new Adaptation(3);
  for (let at = 0; at < 10; at++) adaptation.fewerConnections(at, 0);
  assert.equal(adaptation.connections, 1);
  for (let now = 0; now < 600_000; now += 10_000) adaptation.judged(now);
  assert.equal(adaptation.connections, 3);
});

/** A server that accepts this many mails in each second of its clock, and answers the others with 450. */
function simulate(serverLimit: number, roundTripMs: number, seconds: number) {
  const adaptation = new Adaptation(5);
  const pacer = new Pacer();
  const perSecond = new Map<number, number>();
  const accepted: number[] = [];
  let refused = 0;
  let pausedUntil = 0;
  const free = [0, 0, 0, 0, 0];
  for (;;) {
    const connection = free.indexOf(Math.min(...free));
    const now = Math.max(free[connection]!, pausedUntil);
    if (now >= seconds * 1_000) break;
    const at = now + pacer.reserve(now);
    const second = Math.floor(at / 1_000);
    const taken = perSecond.get(second) ?? 0;
    const end = at + roundTripMs;
    if (taken < serverLimit) {
      perSecond.set(second, taken + 1);
      accepted.push(at);
      adaptation.judged(end);
    } else {
      refused++;
      if (adaptation.lowerRate(end)) pausedUntil = end + 375;
    }
    pacer.limit(adaptation.ratePerSecond);
    free[connection] = end;
  }
  const from = (second: number) =>
    accepted.filter((at) => at >= second * 1_000).length / (seconds - second);
  return { average: from(0), settled: from(seconds / 2), refused };
}

for (const [limit, roundTripMs] of [[20, 5], [20, 50], [5, 20], [200, 5]] as const) {
  Deno.test(`Adaptation finds a server's ${limit}/s at ${roundTripMs} ms and uses 80 % of it`, () => {
    const { average, settled, refused } = simulate(limit, roundTripMs, 120);
    assert.ok(average >= 0.8 * limit, `${average.toFixed(1)}/s over all`);
    assert.ok(settled >= 0.8 * limit, `${settled.toFixed(1)}/s in the end`);
    assert.ok(refused <= 0.2 * average * 120, `${refused} refused`);
  });
}
