import assert from "node:assert/strict";
import fc from "fast-check";
import { KeySet } from "../../src/keys/key_set.ts";

Deno.test("KeySet.add() tells new keys from known ones, like a Set", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 4 })), (keys) => {
      const set = new KeySet();
      const model = new Set<string>();
      for (const key of keys) {
        assert.equal(set.add(key), !model.has(key));
        model.add(key);
      }
      assert.equal(set.size, model.size);
    }),
  );
});

Deno.test("KeySet.add() keeps apart 200,000 addresses that differ little", () => {
  const set = new KeySet();
  const address = (index: number) => `user${index >> 4}@example${index & 15}.com`;
  for (let index = 0; index < 200_000; index++) assert.ok(set.add(address(index)));
  for (let index = 0; index < 200_000; index++) assert.ok(!set.add(address(index)));
  assert.equal(set.size, 200_000);
});

Deno.test("KeySet.has() knows the keys that were added, even after the set has grown", () => {
  const set = new KeySet();
  const address = (index: number) => `user${index}@example.com`;
  for (let index = 0; index < 20_000; index += 2) {
    assert.equal(set.has(address(index)), false);
    set.add(address(index));
  }
  for (let index = 0; index < 20_000; index++) {
    assert.equal(set.has(address(index)), index % 2 === 0, address(index));
  }
});
