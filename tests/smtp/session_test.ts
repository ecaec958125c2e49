import assert from "node:assert/strict";
import { Connection } from "../../src/smtp/wire/connection.ts";
import { DialogueBroken } from "../../src/smtp/session/dialogue.ts";
import { type Relay, Secret } from "../../src/model/relay.ts";
import { openSession, SessionRefused } from "../../src/smtp/session/session.ts";
import { TIMEOUTS } from "../../src/smtp/wire/timeouts.ts";
import { FakeClock, settled } from "./fake_clock.ts";
import { FakeConn } from "./fake_conn.ts";
import { relayAt } from "./fixtures.ts";

/** Opens a session with a server that sends each of these replies after the given number of ms. */
async function openWith(replies: readonly (readonly [ms: number, reply: string])[], relay: Relay) {
  using clock = new FakeClock();
  const conn = new FakeConn();
  let greetedAfter: number | undefined;
  let said = 0;
  const opening = openSession(relay, new Connection(conn, TIMEOUTS), TIMEOUTS, () => {
    greetedAfter = said;
  });
  for (const [ms, reply] of replies) {
    await clock.advance(ms);
    said++;
    conn.say(`${reply}\r\n`);
    await settled();
  }
  const session = await opening;
  session.connection[Symbol.dispose]();
  return { session, written: conn.writes, greetedAfter };
}

const auth = { user: "ann", password: new Secret("geheim"), mechanism: undefined };

for (
  const [sentence, replies, expected] of [
    ["EHLO, where nothing else is asked", [[9, "220 mx"], [70, "250 mx"]], 70],
    ["HELO, where that was faster", [[9, "220 mx"], [70, "502 what"], [40, "250 mx"]], 40],
    ["EHLO, where HELO was slower", [[9, "220 mx"], [30, "502 what"], [40, "250 mx"]], 30],
  ] as const
) {
  Deno.test(`openSession() measures the round trip by the reply to ${sentence}, never by the greeting`, async () => {
    const { session } = await openWith(replies, relayAt(25));
    assert.equal(session.roundTripMs, expected);
  });
}

Deno.test("openSession() reports its findings: capabilities, mechanism, and that nothing is secured", async () => {
  const relay = relayAt(25, { auth });
  const { session, written } = await openWith([
    [1, "220 mx"],
    [50, "250-mx\r\n250-PIPELINING\r\n250-CHUNKING\r\n250 AUTH PLAIN"],
    [20, "235 ok"],
  ], relay);
  const { relay: its, capabilities, mechanism, secure, roundTripMs, timeouts } = session;
  assert.equal(its, relay);
  assert.equal(timeouts, TIMEOUTS);
  assert.deepEqual([mechanism, secure, roundTripMs], ["plain", false, 20]);
  const { esmtp, pipelining, chunking } = capabilities;
  assert.deepEqual([esmtp, pipelining, chunking], [true, true, true]);
  assert.equal(written.length, 2);
});

for (const name of ["chunking", "pipelining"] as const) {
  Deno.test(`openSession() leaves ${name} alone where the relay's URL switches it off`, async () => {
    const replies = [[1, "220 mx"], [1, "250-mx\r\n250-PIPELINING\r\n250 CHUNKING"]] as const;
    const { session } = await openWith(replies, relayAt(25, { [name]: false }));
    const { pipelining, chunking } = session.capabilities;
    assert.deepEqual({ pipelining, chunking }, { pipelining: true, chunking: true, [name]: false });
  });
}

Deno.test("openSession() calls `greeted` with the first word of the server, even one that refuses", async () => {
  const replies = [[1, "220 mx"], [1, "250 mx"]] as const;
  assert.equal((await openWith(replies, relayAt(25))).greetedAfter, 1);
  let greeted = 0;
  const conn = new FakeConn();
  conn.say("554 no\r\n");
  using connection = new Connection(conn, TIMEOUTS);
  const opening = openSession(relayAt(25), connection, TIMEOUTS, () => {
    greeted++;
  });
  await assert.rejects(opening);
  assert.equal(greeted, 1);
});

Deno.test("openSession() sends EHLO with the name of the relay's URL, else the literal of our own address", async () => {
  const replies = [[1, "220 mx"], [1, "250 mx"]] as const;
  for (
    const [helo, said] of [["me.test", "me.test"], [undefined, "[192.0.2.1]"]] as const
  ) {
    const { written } = await openWith(replies, relayAt(25, { helo }));
    assert.deepEqual(written, [`EHLO ${said}\r\n`]);
  }
});

/** What arrives in the same packet as the last expected reply. */
for (
  const [asked, replies, relay] of [
    ["EHLO", ["250 mx"], relayAt(25)],
    ["AUTH", ["250-mx\r\n250 AUTH PLAIN", "235 ok"], relayAt(25, { auth })],
  ] as const
) {
  const stage = asked === "EHLO" ? "ehlo" : "auth";
  for (
    const [behind, expected] of [
      ["421 4.3.2 bye", { name: "SessionRefused", stage, code: 421 }],
      ["250 ok", { name: "DialogueBroken", stage, cause: "protocol" }],
    ] as const
  ) {
    Deno.test(`openSession() is refused by "${behind}" behind the reply to ${asked}: ${expected.name}`, async () => {
      const conn = new FakeConn();
      using connection = new Connection(conn, TIMEOUTS);
      const opening = openSession(relay, connection, TIMEOUTS);
      const failed = assert.rejects(opening, (error) => {
        const { name } = error as Error;
        if (error instanceof SessionRefused && "reply" in error.why) {
          assert.deepEqual({ name, stage: error.stage, code: error.why.reply.code }, expected);
        } else {
          assert.ok(error instanceof DialogueBroken);
          assert.deepEqual({ name, stage: error.stage, cause: error.why.cause }, expected);
        }
        return true;
      });
      for (const reply of ["220 mx", ...replies.slice(0, -1), `${replies.at(-1)}\r\n${behind}`]) {
        await settled();
        conn.say(`${reply}\r\n`);
      }
      await failed;
    });
  }
}

for (const behind of ["421 bye", "250 ok"]) {
  Deno.test(`openSession() begins no TLS where "${behind}" stands behind the 220 of STARTTLS`, async () => {
    const conn = new FakeConn();
    const relay = relayAt(25, { security: "starttls" });
    using connection = new Connection(conn, TIMEOUTS);
    const opening = openSession(relay, connection, TIMEOUTS);
    const failed = assert.rejects(opening, (error) => {
      assert.ok(error instanceof DialogueBroken);
      assert.deepEqual([error.stage, error.why.cause], ["starttls", "protocol"]);
      return true;
    });
    for (const reply of ["220 mx", "250-mx\r\n250 STARTTLS", `220 go\r\n${behind}`]) {
      await settled();
      conn.say(`${reply}\r\n`);
    }
    await failed;
    assert.equal(conn.closed, 1);
  });
}

for (
  const [reply, expected] of [["421 4.3.2 bye", 421], ["354 go", 354], ["454 later", undefined], [
    "501 no",
    undefined,
  ]] as const
) {
  Deno.test(`openSession() with tls=opportunistic ${expected ? "is refused" : "continues in clear"} after STARTTLS was answered ${reply}`, async () => {
    const conn = new FakeConn();
    const relay = relayAt(25, { security: "opportunistic" });
    using connection = new Connection(conn, TIMEOUTS);
    const opening = openSession(relay, connection, TIMEOUTS);
    const failed = opening.then(({ secure }) => assert.equal(secure, false), (error) => {
      assert.ok(error instanceof SessionRefused && "reply" in error.why);
      return error.why.reply.code;
    });
    for (const line of ["220 mx", "250-mx\r\n250 STARTTLS", reply]) {
      await settled();
      conn.say(`${line}\r\n`);
    }
    assert.equal(await failed, expected);
  });
}
