import assert from "node:assert/strict";
import { Connection } from "../../src/smtp/wire/connection.ts";
import { DialogueBroken } from "../../src/smtp/session/dialogue.ts";
import { Secret } from "../../src/model/relay.ts";
import { openSession } from "../../src/smtp/session/session.ts";
import { FakeClock } from "./fake_clock.ts";
import { FakeConn } from "./fake_conn.ts";
import { relayAt } from "./fixtures.ts";
import { TIMEOUTS } from "./client_over.ts";

/** What is awaited, and what the server has sent before it falls silent. */
for (
  const [name, stage, replies, ms] of [
    ["the greeting", "greeting", [], TIMEOUTS.greeting],
    ["the reply to EHLO", "ehlo", ["220 mx"], TIMEOUTS.command],
    ["the reply to HELO", "ehlo", ["220 mx", "502 what"], TIMEOUTS.command],
    ["the reply to AUTH", "auth", ["220 mx", "250-mx\r\n250 AUTH LOGIN"], TIMEOUTS.command],
    [
      "the reply to a password",
      "auth",
      ["220 mx", "250-mx\r\n250 AUTH LOGIN", "334 ", "334 "],
      TIMEOUTS.command,
    ],
    ["the reply to STARTTLS", "starttls", ["220 mx", "250-mx\r\n250 STARTTLS"], TIMEOUTS.command],
  ] as const
) {
  Deno.test(`openSession() gives ${name} its time, from its command on`, async () => {
    using clock = new FakeClock();
    const conn = new FakeConn();
    const relay = relayAt(25, {
      security: stage === "starttls" ? "starttls" : "off",
      auth: stage === "auth"
        ? { user: "ann", password: new Secret("geheim"), mechanism: "login" }
        : undefined,
    });
    const opening = openSession(relay, new Connection(conn, TIMEOUTS), TIMEOUTS);
    const failure = assert.rejects(opening, (error) => {
      assert.ok(error instanceof DialogueBroken);
      assert.deepEqual([error.stage, error.why.cause], [stage, "timeout"]);
      return true;
    });
    for (const reply of replies) {
      await clock.advance(500);
      conn.say(`${reply}\r\n`);
    }
    await clock.advance(ms - 1);
    assert.equal(conn.closed, 0);
    await clock.advance(1);
    assert.deepEqual([conn.closed, clock.timers], [1, 0]);
    await failure;
  });
}
