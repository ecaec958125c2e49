import assert from "node:assert/strict";
import { type Status, statusJson, statusText } from "../../src/report/status.ts";
import { tally } from "../support/report_examples.ts";

function status(changes: Partial<Status> = {}): Status {
  return {
    campaign: "demo",
    relays: [],
    tally: tally({ total: 1_000, sent: 1_000 }),
    suppressed: 0,
    notReached: 0,
    running: undefined,
    perSecond: 0,
    exitCode: 0,
    ...changes,
  };
}

Deno.test("statusText() says that a campaign is done if nobody waits and the whole list was read", () => {
  assert.equal(
    statusText(status()),
    "Campaign demo\n  Recipients  1,000\n  Sent        1,000\nDone",
  );
});

Deno.test("statusText() and statusJson() do not call a campaign done until the whole list was read", () => {
  const stopped = status({ notReached: 19_000 });
  assert.equal(
    statusText(stopped),
    `Campaign demo
  Recipients   1,000
  Sent         1,000
  Not reached 19,000
Not running: run send again to continue`,
  );
  assert.equal(statusJson(stopped).state, "stopped");
  assert.equal(statusJson(stopped).not_reached, 19_000);
});

Deno.test("statusText() and statusJson() name the relays of the last run, even the sandbox", () => {
  const relays = ["a.test:25", "b.test:587"];
  assert.match(statusText(status({ relays })), /^Campaign demo, through a\.test:25, b\.test:587\n/);
  assert.equal(statusJson(status({ relays })).relay, "a.test:25, b.test:587");
  assert.equal(statusJson(status({ relays: ["sandbox:"] })).relay, "sandbox:");
});

Deno.test("statusText() includes the rows not reached yet in the time left", () => {
  const running = { pid: 7, host: "mx", since: "2026-11-24T12:00:00.000Z" };
  assert.match(
    statusText(status({ running, perSecond: 100, notReached: 6_000 })),
    /Running: process 7 on mx since 2026-11-24T12:00:00.000Z, 100\/s, 1 min 00 s left$/,
  );
});

Deno.test("statusText() and statusJson() count the suppressed among the skipped", () => {
  const some = status({
    tally: tally({ total: 9_000, sent: 7_796, skipped: 1_204 }),
    suppressed: 1_200,
  });
  assert.match(statusText(some), /^ {2}Skipped {5}1,204 \(1,200 suppressed\)$/m);
  const { skipped, suppressed } = statusJson(some);
  assert.deepEqual([skipped, suppressed], [1_204, 1_200]);
  assert.match(statusText({ ...some, suppressed: 0 }), /^ {2}Skipped {5}1,204$/m);
});

Deno.test("statusText() and statusJson() say until when a run waits; it counts as running", () => {
  const at = new Date(2026, 10, 28, 9, 0);
  const running = { pid: 7, host: "mx", since: "2026-11-24T12:00:00.000Z" };
  const waiting = status({ running: { ...running, waitingUntil: at.toISOString() } });
  assert.match(
    statusText(waiting),
    /^Running: process 7 on mx since \S+, waiting until Sat 2026-11-28 09:00 [+-]\d\d:\d\d \(\S+\)$/m,
  );
  const json = statusJson(waiting);
  assert.deepEqual([json.state, json.running, json.waiting_until], [
    "running",
    running,
    at.toISOString(),
  ]);
  assert.deepEqual([statusJson(status({ running })).waiting_until, statusJson(status()).running], [
    null,
    null,
  ]);
});
