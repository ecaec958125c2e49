import assert from "node:assert/strict";
import { Connection } from "../../src/smtp/wire/connection.ts";
import { TIMEOUTS } from "../../src/smtp/wire/timeouts.ts";
import { FakeClock, settled } from "./fake_clock.ts";
import { FakeConn } from "./fake_conn.ts";

const INFO = { alpnProtocol: null };

/** A socket that appears to use TLS. */
class FakeTlsConn extends FakeConn {
  handshakes = 0;
  shaking: Promise<Deno.TlsHandshakeInfo> = Promise.resolve(INFO);

  handshake(): Promise<Deno.TlsHandshakeInfo> {
    this.handshakes++;
    return this.shaking;
  }
}

/** Replaces Deno.startTls(), which needs a real socket, and records its arguments. */
class FakeStartTls implements Disposable {
  readonly calls: unknown[][] = [];
  readonly #real = Deno.startTls;

  constructor(secured: Promise<FakeTlsConn>) {
    const startTls = (...call: unknown[]) => (this.calls.push(call), secured);
    Object.assign(Deno, { startTls });
  }

  [Symbol.dispose](): void {
    Object.assign(Deno, { startTls: this.#real });
  }
}

Deno.test("Connection.startTls() checks the certificate against the host and the given authority, and uses TLS from then on", async () => {
  for (const [ca, caCerts] of [[undefined, []], ["PEM", ["PEM"]]] as const) {
    const clear = new FakeConn();
    const secured = new FakeTlsConn();
    using startTls = new FakeStartTls(Promise.resolve(secured));
    const connection = new Connection(clear, TIMEOUTS);
    await connection.startTls("mx.test", ca);
    assert.deepEqual(startTls.calls, [[clear, { hostname: "mx.test", caCerts }]]);
    assert.deepEqual([secured.handshakes, connection.ended], [1, undefined]);
    await connection.write(new TextEncoder().encode("EHLO x\r\n"));
    assert.deepEqual([clear.writes, secured.writes], [[], ["EHLO x\r\n"]]);
    connection[Symbol.dispose]();
    assert.equal(secured.closed, 1);
  }
});

Deno.test("Connection.startTls() only performs the handshake if the connection already uses TLS", async () => {
  using startTls = new FakeStartTls(Promise.resolve(new FakeTlsConn()));
  const conn = new FakeTlsConn();
  const connection = new Connection(conn as unknown as Deno.TlsConn, TIMEOUTS);
  await connection.startTls("mx.test", undefined);
  assert.deepEqual([conn.handshakes, startTls.calls, connection.ended], [1, [], undefined]);
  connection[Symbol.dispose]();
});

Deno.test("Connection.startTls() ends the connection, and begins no TLS, if half a reply follows the 220", async () => {
  const conn = new FakeTlsConn();
  const connection = new Connection(conn, TIMEOUTS);
  connection.receive({ replies: () => connection.receive(undefined), broken() {} });
  conn.say("220 go\r\n250-injected");
  await settled();
  await connection.startTls("mx.test", undefined);
  assert.equal(connection.ended?.cause, "protocol");
  assert.match(connection.ended.detail, /STARTTLS in clear text/);
  assert.deepEqual([conn.handshakes, conn.closed], [0, 1]);
});

Deno.test("Connection.startTls() enforces the time limit of the handshake", async () => {
  using clock = new FakeClock();
  const conn = new FakeTlsConn();
  conn.shaking = new Promise(() => {});
  const connection = new Connection(conn, { ...TIMEOUTS, handshake: 12_000 });
  void connection.startTls("mx.test", undefined);
  await clock.advance(11_999);
  assert.equal(conn.closed, 0);
  await clock.advance(1);
  assert.deepEqual([connection.ended?.cause, conn.closed], ["timeout", 1]);
});

Deno.test("Connection.startTls() leaves no deadline behind", async () => {
  using clock = new FakeClock();
  const connection = new Connection(new FakeTlsConn(), TIMEOUTS);
  await connection.startTls("mx.test", undefined);
  await clock.advance(600_000);
  assert.deepEqual([connection.ended, clock.timers], [undefined, 0]);
  connection[Symbol.dispose]();
});

for (
  const [error, cause, tlsReason] of [
    [new Deno.errors.InvalidData("invalid peer certificate: UnknownIssuer"), "tls", [
      "unknown-authority",
    ]],
    [new Error("what is this?"), "tls", ["other"]],
    [new Deno.errors.TimedOut("no acknowledgement"), "timeout", [undefined]],
  ] as const
) {
  Deno.test(`Connection.startTls() ends the connection with the cause ${cause} for ${error}`, async () => {
    const conn = new FakeTlsConn();
    conn.shaking = Promise.reject(error);
    const connection = new Connection(conn, TIMEOUTS);
    await connection.startTls("mx.test", undefined);
    const { ended } = connection;
    assert.deepEqual([ended?.cause, ended?.detail, [ended?.tlsReason]], [
      cause,
      error.message,
      tlsReason,
    ]);
  });
}

Deno.test("Connection.startTls() closes a socket that it gets after the connection has ended, without a handshake", async () => {
  const clear = new FakeConn();
  const secured = new FakeTlsConn();
  const securing = Promise.withResolvers<FakeTlsConn>();
  using _startTls = new FakeStartTls(securing.promise);
  const connection = new Connection(clear, TIMEOUTS);
  const starting = connection.startTls("mx.test", undefined);
  connection.end("cancelled", "Connection was given up");
  securing.resolve(secured);
  await starting;
  assert.deepEqual([clear.closed, secured.closed, secured.handshakes], [1, 1, 0]);
  assert.equal(connection.ended?.cause, "cancelled");
});

Deno.test("Connection.localLiteral is the address literal of our own side", () => {
  const literal = (localAddr: Deno.Addr) => {
    const conn = new FakeConn();
    conn.localAddr = localAddr;
    return new Connection(conn, TIMEOUTS).localLiteral;
  };
  const port = 1;
  assert.equal(literal({ transport: "tcp", hostname: "192.0.2.7", port }), "[192.0.2.7]");
  assert.equal(
    literal({ transport: "tcp", hostname: "2001:db8::7", port }),
    "[IPv6:2001:db8::7]",
  );
  assert.equal(literal({ transport: "unix", path: "/run/smtp" }), "[127.0.0.1]");
});
