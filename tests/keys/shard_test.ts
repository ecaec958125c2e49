import assert from "node:assert/strict";
import { shardOf } from "../../src/keys/shard.ts";

Deno.test("shardOf() never changes, because machines with different versions can share a list", () => {
  assert.deepEqual(
    ["ada@example.com", "bob@example.com", "李雷@xn--fsqu00a.xn--fiqs8s"].map((key) =>
      shardOf(key, 1000)
    ),
    [389, 346, 71],
  );
});

Deno.test("shardOf() spreads addresses evenly over any number of shards", () => {
  for (const count of [1, 2, 3, 8, 10]) {
    const sizes = new Array<number>(count).fill(0);
    for (let index = 0; index < 10_000; index++) {
      const shard = shardOf(`user${index}@example.com`, count);
      sizes[shard] = (sizes[shard] ?? NaN) + 1;
    }
    for (const size of sizes) assert.ok(Math.abs(size * count / 10_000 - 1) < 0.15, `${sizes}`);
  }
});

Deno.test("shardOf() refuses a number of shards that is not a whole number of 1 or more", () => {
  for (const count of [0, -1, 1.5, NaN]) assert.throws(() => shardOf("a@x.de", count), RangeError);
});
