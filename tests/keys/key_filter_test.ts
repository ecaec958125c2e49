import fc from "fast-check";
import assert from "node:assert/strict";
import { KeyFilter } from "../../src/keys/key_filter.ts";
import { KeyHash } from "../../src/keys/key_hash.ts";

Deno.test("KeyFilter.mayHold() is true for every key that the filter was made of", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: "binary", maxLength: 40 })), (keys) => {
      const filter = new KeyFilter(keys, keys.length);
      assert.ok(keys.every((key) => filter.mayHold(new KeyHash().of(key))));
    }),
  );
});

Deno.test("KeyFilter.mayHold() is false for nearly every other key, however similar", () => {
  const count = 32_768;
  const keys = Array.from({ length: count }, (_, at) => `person${at}@example.com`);
  const filter = new KeyFilter(keys, count);
  const hash = new KeyHash();
  const others = Array.from({ length: 100_000 }, (_, at) => `person${count + at}@example.com`);
  const taken = others.filter((key) => filter.mayHold(hash.of(key))).length;
  // 6 of 16 bits: in theory one in about 2,000, so 50 here.
  assert.ok(taken < 200, `${taken} of ${others.length}`);
});
