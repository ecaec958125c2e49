import assert from "node:assert/strict";
import { Sessions } from "../../src/consume/sessions.ts";

const HOUR = 3_600_000;

Deno.test("Sessions.failingMs counts from the first connect that failed, not from when nobody had a mail to send", () => {
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
