import assert from "node:assert/strict";
import { Sessions } from "../../src/pipeline/relay/sessions.ts";

const HOUR = 3_600_000;

Deno.test("Sessions.failingMs counts from the first failed connect, not from when there was no mail to send", () => {
  let time = 0;
  const sessions = new Sessions(() => time);
  sessions.connecting();
  sessions.connected();
  sessions.leaving();
  sessions.left();
  time += HOUR;
  assert.equal(sessions.failingMs, 0, "idle, with connections closed on purpose");
  sessions.connecting();
  sessions.connectFailed();
  assert.equal(sessions.failingMs, 0);
  time += 1_000;
  sessions.connecting();
  sessions.connectFailed();
  assert.equal(sessions.failingMs, 1_000);
  sessions.connecting();
  sessions.connected();
  assert.equal(sessions.failingMs, 0);
  sessions.leaving();
  sessions.left();
  time += HOUR;
  assert.equal(sessions.failingMs, 0, "a session has come about since");
});

Deno.test("Sessions counts those that are being opened, carry mail, or are being ended, and numbers them from 1", () => {
  const sessions = new Sessions(() => 0);
  const counts = () => [sessions.all, sessions.carrying, sessions.opened];
  assert.deepEqual(counts(), [0, 0, 0]);
  const steps: readonly [() => unknown, number[]][] = [
    [() => sessions.connecting(), [1, 0, 0]],
    [() => sessions.connecting(), [2, 0, 0]],
    [() => sessions.connecting(), [3, 0, 0]],
    [() => assert.equal(sessions.connected(), 1), [3, 1, 1]],
    [() => assert.equal(sessions.connected(), 2), [3, 2, 2]],
    [() => sessions.connectFailed(), [2, 2, 2]],
    [() => sessions.leaving(), [2, 1, 2]],
    [() => sessions.leaving(), [2, 0, 2]],
    [() => sessions.left(), [1, 0, 2]],
    [() => sessions.left(), [0, 0, 2]],
  ];
  for (const [step, expected] of steps) {
    step();
    assert.deepEqual(counts(), expected, String(step));
  }
});

Deno.test("Sessions.failingMs is 0 while there is a session, however long others have failed", () => {
  let time = 0;
  const sessions = new Sessions(() => time);
  sessions.connecting();
  sessions.connected();
  sessions.connecting();
  sessions.connectFailed();
  time += HOUR;
  assert.equal(sessions.failingMs, 0);
  sessions.leaving();
  assert.equal(sessions.failingMs, HOUR);
});
