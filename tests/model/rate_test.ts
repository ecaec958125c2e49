import assert from "node:assert/strict";
import { InputError } from "../../src/model/input_error.ts";
import { parseRate, perSecondOf } from "../../src/model/rate.ts";

Deno.test("parseRate() reads mails per second, per minute and per hour", () => {
  assert.deepEqual(parseRate("14/s"), { count: 14, perMs: 1_000 });
  assert.deepEqual(parseRate("500/m"), { count: 500, perMs: 60_000 });
  assert.deepEqual(parseRate("10000/h"), { count: 10_000, perMs: 3_600_000 });
  assert.deepEqual(parseRate(" 0.5/s "), { count: 0.5, perMs: 1_000 });
});

Deno.test("parseRate() refuses everything else and lists the accepted forms", () => {
  for (
    const text of [
      "",
      "14",
      "/s",
      "0/s",
      "0.0/s",
      "-1/s",
      "10/fortnight",
      "1/d",
      "1e3/s",
      "NaN/s",
      "1/s\n2",
    ]
  ) {
    assert.throws(() => parseRate(text), (error: unknown) => {
      assert.ok(error instanceof InputError);
      assert.match(error.describe(), /--rate.*\n.*14\/s.*500\/m.*10000\/h/);
      return true;
    }, text);
  }
});

Deno.test("parseRate() names what it found, truncated if it is long", () => {
  assert.throws(() => parseRate("fast", "rate"), /Cannot use rate .* found "fast"$/);
  assert.throws(() => parseRate("9".repeat(41)), new RegExp(`found "${"9".repeat(40)}\\.{3}"$`));
});

Deno.test("perSecondOf() returns the same limit per second, and undefined if there is none", () => {
  assert.equal(perSecondOf({ count: 90, perMs: 60_000 }), 1.5);
  assert.equal(perSecondOf({ count: 36_000, perMs: 3_600_000 }), 10);
  assert.equal(perSecondOf(undefined), undefined);
});
