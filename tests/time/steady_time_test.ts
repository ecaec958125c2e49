import assert from "node:assert/strict";
import { now, SteadyTime } from "../../src/time/steady_time.ts";

Deno.test("SteadyTime.now() starts at the wall clock and advances as time passes, whatever the wall clock is set to", () => {
  let [wall, elapsed] = [1_764_000_000_000, 500.25];
  const clock = new SteadyTime(() => wall, () => elapsed);
  assert.equal(clock.now(), 1_764_000_000_000);
  wall -= 30 * 86_400_000;
  elapsed += 20.5;
  assert.equal(clock.now(), 1_764_000_000_020);
  wall += 60 * 86_400_000;
  elapsed += 0.5;
  assert.equal(clock.now(), 1_764_000_000_021);
});

Deno.test("now() is the time of this machine, in whole milliseconds", () => {
  assert(Number.isInteger(now()));
  // Ten minutes, because the wall clock can be corrected while the tests run.
  assert(Math.abs(now() - Date.now()) < 600_000);
});
