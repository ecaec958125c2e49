import assert from "node:assert/strict";
import { SessionLimit } from "../../src/pipeline/relay/session_limit.ts";
import { FailureTracker } from "../../src/policy/health/failure_tracker.ts";

Deno.test("Setbacks doubles the pause with each failed connect, with jitter, up to half a minute", () => {
  const setbacks = new FailureTracker(0);
  const longest: number[] = [];
  let now = 0;
  for (let at = 0; at < 9; at++) {
    const pause = setbacks.failed(now, 1)!;
    longest.push(pause);
    assert.equal(setbacks.pause(now), pause);
    now += pause;
    assert.equal(setbacks.pause(now), 0);
  }
  assert.deepEqual(longest, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  setbacks.succeeded(now);
  assert.equal(setbacks.failed(now, 0), 250, "and begins anew when the relay did its work");
});

Deno.test("Setbacks takes connects that were begun before a pause for no news", () => {
  const setbacks = new FailureTracker(0);
  assert.equal(setbacks.failed(0, 1), 500);
  for (let at = 0; at < 50; at++) assert.equal(setbacks.failed(1, 1), undefined);
  assert.equal(setbacks.inARow, 1);
  assert.equal(setbacks.pause(1), 499);
  assert.equal(setbacks.failed(499.5, 1), undefined, "it is not over yet");
  assert.equal(setbacks.failed(500, 1), 1_000);
});

Deno.test("Setbacks lets a lost connection be mended at once, and pauses when the next one is lost too", () => {
  const setbacks = new FailureTracker(0);
  assert.ok(setbacks.lost(3, 10, 0, 1));
  assert.equal(setbacks.pause(0), 0);
  for (let session = 1; session <= 10; session++) {
    assert.equal(setbacks.lost(session, 10, 0, 1), false, "they were open together");
  }
  assert.ok(setbacks.lost(11, 11, 0, 1));
  assert.equal(setbacks.pause(0), 500);
  assert.ok(setbacks.lost(12, 12, 500, 1));
  assert.equal(setbacks.pause(500), 1_000);
  assert.equal(setbacks.sinceSuccess(700), 700);
});

Deno.test("SessionLimit believes the number that a relay shows twice running", () => {
  const limit = new SessionLimit();
  assert.equal(limit.mails, Infinity);
  assert.ok(limit.closedAfter(10, 10), "the first time it may be a limit");
  assert.equal(limit.mails, Infinity);
  assert.ok(limit.closedAfter(10, 9));
  assert.equal(limit.mails, 10);
  assert.equal(limit.closedAfter(7, 7), false, "a number that moves is none");
  assert.equal(limit.mails, 10);
});

Deno.test("SessionLimit counts the mails taken where a relay does, however many were refused between them", () => {
  const limit = new SessionLimit();
  limit.closedAfter(13, 10);
  assert.ok(limit.closedAfter(11, 10));
  assert.equal(limit.mails, 10);
});

Deno.test("SessionLimit takes no limit from connections that carried nothing", () => {
  const limit = new SessionLimit();
  limit.closedAfter(3, 0);
  assert.equal(limit.closedAfter(2, 0), false);
  assert.equal(limit.mails, Infinity);
});

Deno.test("Setbacks.sinceWell() counts from the beginning, and then from when the relay last did its work", () => {
  const setbacks = new FailureTracker(100);
  assert.equal(setbacks.sinceSuccess(700), 600);
  setbacks.succeeded(300);
  setbacks.failed(400, 1);
  setbacks.lost(1, 1, 400, 1);
  assert.equal(setbacks.sinceSuccess(700), 400);
});

Deno.test("Setbacks.rest() makes a pause longer, and never shorter", () => {
  const setbacks = new FailureTracker(0);
  setbacks.pauseFor(0, 1_000);
  setbacks.pauseFor(100, 500);
  assert.equal(setbacks.pause(100), 900);
  setbacks.pauseFor(100, 2_000);
  assert.equal(setbacks.pause(100), 2_000);
  assert.equal(setbacks.pause(9_000), 0);
});

Deno.test("Setbacks halves a pause at the most", () => {
  const setbacks = new FailureTracker(0);
  assert.equal(setbacks.failed(0, 0), 250);
  assert.equal(setbacks.failed(250, 0.5), 750);
});

Deno.test("Setbacks counts the loss of the very first session", () => {
  const setbacks = new FailureTracker(0);
  assert.equal(setbacks.inARow, 0);
  assert.equal(setbacks.lost(1, 1, 0, 1), true);
  assert.equal(setbacks.inARow, 1);
});
