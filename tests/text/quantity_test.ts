import assert from "node:assert/strict";
import {
  countOf,
  countText,
  durationText,
  rateText,
  remainingText,
  sizeText,
  speedText,
} from "../../src/text/quantity.ts";

Deno.test("durationText() gives at most two units and never sixty of one", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0.0 s"],
    [49, "0.0 s"],
    [400, "0.4 s"],
    [9_949, "9.9 s"],
    [9_950, "10 s"],
    [42_000, "42 s"],
    [59_499, "59 s"],
    [59_700, "1 min 00 s"],
    [65_000, "1 min 05 s"],
    [3_599_700, "1 h 00 min"],
    [3_720_000, "1 h 02 min"],
    [86_399_000, "1 d 00 h"],
    [273_600_000, "3 d 04 h"],
    [-5, "0.0 s"],
    [NaN, "0.0 s"],
    [Infinity, "0.0 s"],
  ];
  for (const [ms, expected] of cases) assert.equal(durationText(ms), expected, String(ms));
});

Deno.test("remainingText() counts whole seconds and never says that none is left", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "1 s"],
    [1, "1 s"],
    [1_001, "2 s"],
    [9_001, "10 s"],
    [59_001, "1 min 00 s"],
    [71_000, "1 min 11 s"],
  ];
  for (const [ms, expected] of cases) assert.equal(remainingText(ms), expected, String(ms));
});

Deno.test("speedText() keeps the significant digits", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0/s"],
    [NaN, "0/s"],
    [Infinity, "0/s"],
    [-1, "0/s"],
    [0.25, "0.25/s"],
    [1, "1/s"],
    [9.34, "9.3/s"],
    [99.96, "100/s"],
    [148.4, "148/s"],
    [21_300.2, "21,300/s"],
  ];
  for (const [speed, expected] of cases) assert.equal(speedText(speed), expected, String(speed));
});

Deno.test("rateText() keeps the unit that the rate was given in", () => {
  assert.equal(rateText({ count: 14, perMs: 1_000 }), "14/s");
  assert.equal(rateText({ count: 500, perMs: 60_000 }), "500/min");
  assert.equal(rateText({ count: 10_000, perMs: 3_600_000 }), "10,000/h");
  assert.equal(rateText({ count: 50_000, perMs: 86_400_000 }), "50,000/d");
  assert.equal(rateText({ count: 0.5, perMs: 1_000 }), "0.5/s");
  assert.equal(rateText({ count: 1, perMs: 2_000 }), "0.5/s");
});

Deno.test("countText() groups digits, and countOf() uses the plural where needed", () => {
  assert.equal(countText(10_000_000), "10,000,000");
  assert.equal(countOf(1, "row"), "1 row");
  assert.equal(countOf(0, "row"), "0 rows");
  assert.equal(countOf(2_000, "row"), "2,000 rows");
});

Deno.test("sizeText() keeps two or three digits, and rounds before it chooses the unit", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [999, "999 B"],
    [1_000, "1.0 kB"],
    [1_449, "1.4 kB"],
    [9_949, "9.9 kB"],
    [9_950, "10 kB"],
    [12_345, "12 kB"],
    [999_499, "999 kB"],
    [999_500, "1.0 MB"],
    [52_428_800, "52.4 MB"],
  ];
  for (const [octets, text] of cases) assert.equal(sizeText(octets), text);
});
