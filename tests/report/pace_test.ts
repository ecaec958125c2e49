import assert from "node:assert/strict";
import { Pace } from "../../src/report/pace.ts";

Deno.test("Pace.observe() returns the average in the first seconds", () => {
  const pace = new Pace();
  assert.equal(pace.observe(0, 0), 0);
  assert.equal(pace.observe(50, 500), 100);
  assert.equal(pace.observe(300, 3_000), 100);
});

Deno.test("Pace.observe() counts from the start of the run when it is first asked later", () => {
  assert.equal(new Pace().observe(40, 400), 100);
});

Deno.test("Pace.observe() follows a change within twenty seconds", () => {
  const pace = new Pace();
  for (let second = 0; second <= 60; second++) pace.observe(second * 1_000, second * 1_000);
  let speed = 0;
  for (let second = 61; second <= 81; second++) {
    speed = pace.observe(60_000 + (second - 60) * 10, second * 1_000);
  }
  assert.equal(speed, 10);
});

Deno.test("Pace.observe() falls to zero while nobody is settled", () => {
  const pace = new Pace();
  pace.observe(1_000, 1_000);
  let speed = NaN;
  for (let second = 2; second <= 30; second++) speed = pace.observe(1_000, second * 1_000);
  assert.equal(speed, 0);
});

Deno.test("Pace.observe() gives one answer to many questions at once", () => {
  const pace = new Pace();
  let speed = 0;
  for (let ms = 0; ms <= 60_000; ms += 1) speed = pace.observe(ms, ms);
  assert.equal(speed, 1_000);
});
