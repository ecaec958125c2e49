import assert from "node:assert/strict";
import { connectRelay } from "../../src/smtp/session/connect_relay.ts";
import { timeoutOf, TIMEOUTS, type Timeouts } from "../../src/smtp/wire/timeouts.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { FOREVER, relayAt } from "./fixtures.ts";

/** The numbers of RFC 5321, 4.5.3.2, in minutes. */
const MINIMUM = [
  ["greeting", 5, "4.5.3.2.1, Initial 220 Message"],
  ["mail", 5, "4.5.3.2.2, MAIL Command"],
  ["rcpt", 5, "4.5.3.2.3, RCPT Command"],
  ["data", 2, "4.5.3.2.4, DATA Initiation"],
  ["write", 3, "4.5.3.2.5, Data Block"],
  ["body", 10, "4.5.3.2.6, DATA Termination"],
  ["command", 5, "4.5.3.2.2: what the RFC does not name is taken as MAIL"],
] as const;

for (const [step, minutes, section] of MINIMUM) {
  Deno.test(`TIMEOUTS.${step} is at least the ${minutes} minutes of RFC 5321, ${section}`, () => {
    assert.ok(TIMEOUTS[step] >= minutes * 60_000, `${TIMEOUTS[step]} ms`);
  });
}

for (const step of ["connect", "handshake"] as const) {
  Deno.test(`TIMEOUTS.${step} lasts for three lost packets`, () => {
    // RFC 6298: the first is sent again after 1 s, and each further one after twice the time.
    assert.ok(TIMEOUTS[step] >= (1 + 2 + 4 + 8) * 1_000, `${TIMEOUTS[step]} ms`);
  });
}

Deno.test("timeoutOf() is the time of the step itself; RSET has that of a command", () => {
  const timeouts = Object.fromEntries(
    Object.keys(TIMEOUTS).map((name, at) => [name, at]),
  ) as unknown as Timeouts;
  for (const step of ["mail", "rcpt", "data", "body"] as const) {
    assert.equal(timeoutOf(step, timeouts), timeouts[step]);
  }
  assert.equal(timeoutOf("rset", timeouts), timeouts.command);
});

Deno.test("connectRelay() gives a session the times of the RFC, but for those that are replaced", async () => {
  for (const timeouts of [undefined, { body: 7 }]) {
    await using server = new ScriptedServer("S: 220 mx\nC: EHLO client.test\nS: 250 mx");
    const session = await connectRelay(relayAt(server.port), {
      signal: FOREVER,
      ...(timeouts && { timeouts }),
    });
    if (session.kind !== "session") throw new Error(JSON.stringify(session));
    session.connection[Symbol.dispose]();
    assert.deepEqual(session.timeouts, { ...TIMEOUTS, ...timeouts });
  }
});
