import assert from "node:assert/strict";
import { type ConnectFailure, connectRelay } from "../../src/smtp/session/connect_relay.ts";
import type { Relay } from "../../src/model/relay.ts";
import { FakeClock, settled } from "./fake_clock.ts";
import { FakeNetwork, FakeTcpConn } from "./fake_network.ts";
import { FOREVER, relayAt } from "./fixtures.ts";

const HOST = "192.0.2.25";

/** Connects to a server that sends these lines in turn and closes when none is left. */
async function connectTo(lines: readonly string[], relay: Partial<Relay> = {}) {
  using network = new FakeNetwork();
  const conn = new FakeTcpConn();
  network.connecting.resolve(conn);
  const connecting = connectRelay(relayAt(587, { host: HOST, ...relay }), { signal: FOREVER });
  for (const line of lines) {
    await settled();
    conn.say(`${line}\r\n`);
  }
  await settled();
  conn.stop(null);
  const result = await connecting;
  assert.equal(conn.closed, result.kind === "session" ? 0 : 1);
  return { result, conn };
}

/** The facts of a failure, whole: decisions and hints are made of them. */
for (
  const [sentence, lines, relay, expected] of [
    ["a refusal", ["554 no"], {}, {
      stage: "greeting",
      attempt: {
        kind: "refused",
        stage: "greeting",
        reply: { code: 554, enhanced: undefined, text: "no", lines: ["no"] },
      },
    }],
    ["a connection that ends", ["220 mx"], {}, {
      stage: "ehlo",
      attempt: {
        kind: "broken",
        stage: "ehlo",
        cause: "closed",
        handedOver: false,
        detail: "Server closed the connection",
      },
    }],
    ["what is lacking", ["220 mx", "250 mx"], { security: "starttls" }, {
      stage: "starttls",
      attempt: {
        kind: "lacking",
        stage: "starttls",
        lacks: "starttls",
        detail: "Server does not offer STARTTLS",
      },
    }],
  ] as [string, string[], Partial<Relay>, Pick<ConnectFailure, "stage" | "attempt">][]
) {
  Deno.test(`connectRelay() returns the facts of ${sentence}, with the address, and closes`, async () => {
    const { result } = await connectTo(lines, relay);
    assert.deepEqual(result, {
      kind: "connect-failure",
      ...expected,
      tlsReason: undefined,
      address: `${HOST}:587`,
    });
  });
}

Deno.test("connectRelay() throws the signal's reason and closes, whenever it aborts", async () => {
  const reason = new Error("Enough");
  for (const when of ["as the connection is made", "before the greeting"]) {
    // The clock is not advanced, so only the signal can end the connect.
    using _clock = new FakeClock();
    using network = new FakeNetwork();
    const stop = new AbortController();
    const conn = new FakeTcpConn();
    if (when.startsWith("as")) conn.setNoDelay = () => stop.abort(reason);
    network.connecting.resolve(conn);
    const connecting = connectRelay(relayAt(587, { host: HOST }), { signal: stop.signal });
    const failed = assert.rejects(connecting, (error) => error === reason);
    await settled();
    stop.abort(reason);
    await failed;
    assert.equal(conn.closed, 1, when);
  }
});

Deno.test("connectRelay() lets go of the signal when it is done: a later abort ends no session", async () => {
  using network = new FakeNetwork();
  const stop = new AbortController();
  const conn = new FakeTcpConn();
  network.connecting.resolve(conn);
  const connecting = connectRelay(relayAt(587, { host: HOST }), { signal: stop.signal });
  for (const line of ["220 mx", "250 mx"]) {
    await settled();
    conn.say(`${line}\r\n`);
  }
  const session = await connecting;
  stop.abort();
  assert.deepEqual([session.kind, conn.closed], ["session", 0]);
  if (session.kind === "session") session.connection[Symbol.dispose]();
});

/** After 5 s without a greeting, the port is looked into by a second connection. */
for (const [met, connections] of [[false, 2], [undefined, 2], [true, 1]] as const) {
  Deno.test(`connectRelay() looks into a greeting that is late, unless the relay has been met: met=${met}`, async () => {
    using clock = new FakeClock();
    using network = new FakeNetwork();
    const conn = new FakeTcpConn();
    network.connecting.resolve(conn);
    const relay = relayAt(587, { host: HOST });
    const options = met === undefined ? {} : { hadSession: met };
    const connecting = connectRelay(relay, { signal: FOREVER, ...options });
    await clock.advance(4_999);
    assert.equal(network.plain.length, 1);
    await clock.advance(1);
    assert.equal(network.plain.length, connections);
    conn.stop(null);
    await connecting;
    await clock.advance(60_000);
    assert.equal(clock.timers, 0);
  });
}

Deno.test("connectRelay() does not look into a greeting that has come, however late EHLO is answered", async () => {
  using clock = new FakeClock();
  using network = new FakeNetwork();
  const conn = new FakeTcpConn();
  network.connecting.resolve(conn);
  const connecting = connectRelay(relayAt(587, { host: HOST }), { signal: FOREVER });
  await clock.advance(4_000);
  conn.say("220 mx\r\n");
  await clock.advance(60_000);
  conn.say("250 mx\r\n");
  assert.equal((await connecting).kind, "session");
  assert.equal(network.plain.length, 1);
});

Deno.test("connectRelay() does not probe after a connection has ended, and leaves no timer running", async () => {
  using clock = new FakeClock();
  using network = new FakeNetwork();
  const conn = new FakeTcpConn();
  network.connecting.resolve(conn);
  const connecting = connectRelay(relayAt(587, { host: HOST }), { signal: FOREVER });
  await clock.advance(1_000);
  conn.stop(null);
  assert.equal((await connecting).kind, "connect-failure");
  assert.equal(clock.timers, 0);
  await clock.advance(60_000);
  assert.equal(network.plain.length, 1);
});
