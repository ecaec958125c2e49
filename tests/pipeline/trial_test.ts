import assert from "node:assert/strict";
import { Trial } from "../../src/pipeline/relay/trial.ts";

Deno.test("Trial lets in one mail of the first slot, and no other while it is under way", () => {
  const trial = new Trial();
  assert.deepEqual([trial.admits(0, 0), trial.admits(1, 0)], [true, false]);
  trial.hold(0, 0);
  assert.deepEqual([trial.admits(0, 9_999), trial.admits(1, 9_999)], [false, false]);
  trial.release(0);
  assert.deepEqual([trial.admits(0, 9_999), trial.admits(1, 9_999)], [true, false]);
});

Deno.test("Trial admits one more mail for each ten seconds without a reply", () => {
  const trial = new Trial();
  const admitted = (now: number) => [0, 1, 2, 3].filter((slot) => trial.admits(slot, now));
  trial.hold(0, 0);
  assert.deepEqual(admitted(10_000), [1]);
  trial.hold(1, 12_000);
  assert.deepEqual(admitted(21_999), []);
  assert.deepEqual(admitted(22_000), [2]);
  trial.release(0);
  assert.deepEqual(admitted(22_000), [0]);
});

Deno.test("Trial lets in everybody when it is over", () => {
  const trial = new Trial();
  trial.hold(0, 0);
  trial.end();
  assert.deepEqual([trial.admits(0, 1), trial.admits(5, 1)], [true, true]);
});
