import assert from "node:assert/strict";
import { Connection } from "../../src/smtp/wire/connection.ts";
import { PortWatch } from "../../src/smtp/wire/port_watch.ts";
import type { Relay } from "../../src/model/relay.ts";
import { TIMEOUTS } from "../../src/smtp/wire/timeouts.ts";
import { FakeClock, settled } from "./fake_clock.ts";
import { FakeConn } from "./fake_conn.ts";
import { FakeNetwork, FakeTcpConn } from "./fake_network.ts";
import { relayAt } from "./fixtures.ts";

// The rules that port_watch_test.ts tests with real servers, each on its own, with a clock and a network controlled by the test.

const REMOTE = { transport: "tcp", hostname: "192.0.2.25", port: 587 } as const;

class Watched implements Disposable {
  readonly clock = new FakeClock();
  readonly network = new FakeNetwork();
  readonly conn = new FakeConn();
  readonly connection = new Connection(this.conn, TIMEOUTS);
  /** The second connection. */
  readonly second = new FakeTcpConn();
  readonly watch: PortWatch;

  constructor(relay: Partial<Relay> = {}, remote: Deno.Addr = REMOTE) {
    this.watch = new PortWatch(relayAt(587, relay), remote, this.connection);
  }

  /** Passes the 5 s after which a greeting is looked into, and connects. */
  async connected(): Promise<void> {
    await this.clock.advance(5_000);
    this.network.connecting.resolve(this.second);
    await settled();
  }

  /** The port answers the first word with this. */
  async answered(text: string): Promise<void> {
    await this.connected();
    this.second.say(text);
    await settled();
  }

  [Symbol.dispose](): void {
    this.watch[Symbol.dispose]();
    this.network[Symbol.dispose]();
    this.clock[Symbol.dispose]();
  }
}

Deno.test("PortWatch probes the port if the greeting takes 5 s, but not if it arrives earlier", async () => {
  using late = new Watched();
  await late.clock.advance(4_999);
  assert.equal(late.network.plain.length, 0);
  await late.clock.advance(1);
  assert.deepEqual(late.network.plain.map(({ hostname, port }) => `${hostname}:${port}`), [
    "192.0.2.25:587",
  ]);
  late[Symbol.dispose]();
  using early = new Watched();
  early.watch[Symbol.dispose]();
  await early.clock.advance(60_000);
  assert.deepEqual([early.network.plain, early.clock.timers], [[], 0]);
});

for (
  const [sentence, relay, remote] of [
    ["port 25, where who speaks first is a spammer", { port: 25 }, REMOTE],
    ["what is not TCP", {}, { transport: "unix", path: "/run/smtp" }],
  ] as [string, Partial<Relay>, Deno.Addr][]
) {
  Deno.test(`PortWatch leaves ${sentence} alone`, async () => {
    using it = new Watched(relay, remote);
    await it.clock.advance(60_000);
    assert.deepEqual([it.network.plain, it.connection.ended], [[], undefined]);
  });
}

for (
  const [security, answer, detail] of [
    ["starttls", "\x16\x03\x03\0\x31", "Port 587 speaks TLS from the first byte"],
    ["off", "\x15\x03\x01\0\x02", "Port 587 speaks TLS from the first byte"],
    ["starttls", "HTTP/1.1 400 Bad Request\r\n", "Port 587 is a web server's"],
    ["tls", "HTTP/1.1 400 Bad Request\r\n", "Port 587 is a web server's"],
    // TLS within TLS says nothing about the port.
    ["tls", "\x16\x03\x03\0\x31", undefined],
    ["starttls", "220 mx.test\r\n", undefined],
    ["starttls", "HTTPS", undefined],
    ["starttls", "\x17\x03\x03\0\x31", undefined],
    ["starttls", "\x16\x04\x03\0\x31", undefined],
  ] as const
) {
  Deno.test(`PortWatch with ${security}, answered ${JSON.stringify(answer)}: ${detail ?? "waits on"}`, async () => {
    using it = new Watched({ security });
    await it.answered(answer);
    assert.deepEqual(
      it.connection.ended,
      detail && { cause: "not-smtp", detail, tlsReason: undefined },
    );
    assert.deepEqual([it.second.closed > 0, it.clock.timers], [true, 0]);
  });
}

Deno.test("PortWatch speaks first: a TLS hello in clear, a request over TLS, with the relay's name and authority", async () => {
  using clear = new Watched({ host: "mx.test", security: "starttls" });
  await clear.connected();
  assert.equal(clear.second.writes[0]!.charCodeAt(0), 22);
  assert.ok(clear.second.writes[0]!.includes("mx.test"));
  assert.deepEqual(clear.network.startedTls, []);
  clear[Symbol.dispose]();
  for (
    const [host, ca, expected] of [
      ["mx.test", undefined, { hostname: "mx.test", caCerts: [] }],
      ["[2001:db8::1]", "PEM", { hostname: "2001:db8::1", caCerts: ["PEM"] }],
    ] as const
  ) {
    using secured = new Watched({ host, ca, security: "tls" });
    await secured.connected();
    assert.deepEqual(secured.network.startedTls, [expected]);
    assert.deepEqual(secured.second.writes, ["QUIT\r\n\r\n"]);
  }
});

Deno.test("PortWatch looks for 5 s, closes the second connection, and waits on for the greeting", async () => {
  using it = new Watched();
  await it.connected();
  await it.clock.advance(4_999);
  assert.equal(it.second.closed, 0);
  await it.clock.advance(1);
  assert.ok(it.second.closed > 0);
  assert.deepEqual([it.connection.ended, it.clock.timers], [undefined, 0]);
});

Deno.test("PortWatch closes the second connection as soon as the greeting is there, whatever is answered then", async () => {
  using it = new Watched();
  await it.connected();
  it.watch[Symbol.dispose]();
  assert.ok(it.second.closed > 0);
  it.second.say("HTTP/1.1 400 Bad Request\r\n");
  await settled();
  assert.equal(it.connection.ended, undefined);
});

Deno.test("PortWatch reports nothing if the second connection fails", async () => {
  using it = new Watched();
  await it.clock.advance(5_000);
  it.network.connecting.reject(new Deno.errors.ConnectionRefused("refused"));
  await settled();
  assert.deepEqual([it.connection.ended, it.clock.timers], [undefined, 0]);
});
