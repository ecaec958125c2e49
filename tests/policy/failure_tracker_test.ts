import assert from "node:assert/strict";
import { SessionLimit } from "../../src/pipeline/relay/session_limit.ts";
import { FailureTracker } from "../../src/policy/health/failure_tracker.ts";

Deno.test("FailureTracker doubles the pause with each failed connect, with jitter, up to half a minute", () => {
  const failures = new FailureTracker(0);
  const longest: number[] = [];
  let now = 0;
  for (let at = 0; at < 9; at++) {
    const pause = failures.failed(now, 1)!;
    longest.push(pause);
    assert.equal(failures.pause(now), pause);
    now += pause;
    assert.equal(failures.pause(now), 0);
  }
  assert.deepEqual(longest, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  failures.succeeded(now);
  assert.equal(failures.failed(now, 0), 250, "and begins again when the relay did its work");
});

Deno.test("FailureTracker ignores failed connects that began before a pause", () => {
  const failures = new FailureTracker(0);
  assert.equal(failures.failed(0, 1), 500);
  for (let at = 0; at < 50; at++) assert.equal(failures.failed(1, 1), undefined);
  assert.equal(failures.inARow, 1);
  assert.equal(failures.pause(1), 499);
  assert.equal(failures.failed(499.5, 1), undefined, "it is not over yet");
  assert.equal(failures.failed(500, 1), 1_000);
});

Deno.test("FailureTracker lets a lost connection be replaced at once, and pauses when the next one is lost too", () => {
  const failures = new FailureTracker(0);
  assert.ok(failures.lost(3, 10, 0, 1));
  assert.equal(failures.pause(0), 0);
  for (let session = 1; session <= 10; session++) {
    assert.equal(failures.lost(session, 10, 0, 1), false, "they were open together");
  }
  assert.ok(failures.lost(11, 11, 0, 1));
  assert.equal(failures.pause(0), 500);
  assert.ok(failures.lost(12, 12, 500, 1));
  assert.equal(failures.pause(500), 1_000);
  assert.equal(failures.sinceSuccess(700), 700);
});

Deno.test("SessionLimit believes a number that a relay shows twice in a row", () => {
  const limit = new SessionLimit();
  assert.equal(limit.mails, Infinity);
  assert.ok(limit.closedAfter(10, 10), "the first time it may be a limit");
  assert.equal(limit.mails, Infinity);
  assert.ok(limit.closedAfter(10, 9));
  assert.equal(limit.mails, 10);
  assert.equal(limit.closedAfter(7, 7), false, "a number that moves is none");
  assert.equal(limit.mails, 10);
});

Deno.test("SessionLimit counts accepted mails if a relay does, however many were refused between them", () => {
  const limit = new SessionLimit();
  limit.closedAfter(13, 10);
  assert.ok(limit.closedAfter(11, 10));
  assert.equal(limit.mails, 10);
});

Deno.test("SessionLimit learns no limit from connections that carried nothing", () => {
  const limit = new SessionLimit();
  limit.closedAfter(3, 0);
  assert.equal(limit.closedAfter(2, 0), false);
  assert.equal(limit.mails, Infinity);
});

Deno.test("FailureTracker.sinceSuccess() counts from the beginning, and then from when the relay last worked", () => {
  const failures = new FailureTracker(100);
  assert.equal(failures.sinceSuccess(700), 600);
  failures.succeeded(300);
  failures.failed(400, 1);
  failures.lost(1, 1, 400, 1);
  assert.equal(failures.sinceSuccess(700), 400);
});

Deno.test("FailureTracker.pauseFor() makes a pause longer, never shorter", () => {
  const failures = new FailureTracker(0);
  failures.pauseFor(0, 1_000);
  failures.pauseFor(100, 500);
  assert.equal(failures.pause(100), 900);
  failures.pauseFor(100, 2_000);
  assert.equal(failures.pause(100), 2_000);
  assert.equal(failures.pause(9_000), 0);
});

Deno.test("FailureTracker at most halves a pause", () => {
  const failures = new FailureTracker(0);
  assert.equal(failures.failed(0, 0), 250);
  assert.equal(failures.failed(250, 0.5), 750);
});

Deno.test("FailureTracker counts the loss of the very first session", () => {
  const failures = new FailureTracker(0);
  assert.equal(failures.inARow, 0);
  assert.equal(failures.lost(1, 1, 0, 1), true);
  assert.equal(failures.inARow, 1);
});
