import assert from "node:assert/strict";
import { dial } from "../../src/smtp/wire/dial.ts";
import { type Relay, Secret } from "../../src/model/relay.ts";
import { FakeClock, settled } from "./fake_clock.ts";
import { FakeNetwork, FakeTcpConn } from "./fake_network.ts";
import { FOREVER, relayAt } from "./fixtures.ts";

const address = (host: string, changes: Partial<Relay> = {}) => relayAt(2525, { host, ...changes });

for (
  const [host, hostname, shown] of [
    ["192.0.2.1", "192.0.2.1", "192.0.2.1:2525"],
    ["[2001:db8::1]", "2001:db8::1", "[2001:db8::1]:2525"],
  ] as const
) {
  Deno.test(`dial() connects to ${host} without asking for a name, and sends each write at once`, async () => {
    using network = new FakeNetwork();
    const conn = new FakeTcpConn();
    network.connecting.resolve(conn);
    assert.deepEqual(await dial(address(host), 1_000, FOREVER), { conn, address: shown });
    assert.deepEqual(network.plain.map(({ hostname, port }) => [hostname, port]), [[
      hostname,
      2525,
    ]]);
    // Nagle's algorithm would hold back what follows the first packet of a group.
    assert.deepEqual([conn.noDelay, conn.closed], [[true], 0]);
  });
}

Deno.test("dial() enforces the time limit of an address, and closes a connection that is established later", async () => {
  using clock = new FakeClock();
  using network = new FakeNetwork();
  const dialling = dial(address("192.0.2.1"), 30_000, FOREVER);
  await clock.advance(29_999);
  assert.equal(network.plain[0]!.signal!.aborted, false);
  await clock.advance(1);
  assert.equal(network.plain[0]!.signal!.aborted, true);
  assert.deepEqual(await dialling, {
    why: { cause: "timeout", detail: "No connection within 30 s", tlsReason: undefined },
    address: "192.0.2.1:2525",
  });
  const late = new FakeTcpConn();
  network.connecting.resolve(late);
  await settled();
  assert.equal(late.closed, 1);
});

Deno.test("dial() leaves no timer running, whether the address accepts the connection or refuses it", async () => {
  for (const end of ["resolve", "reject"] as const) {
    using clock = new FakeClock();
    using network = new FakeNetwork();
    if (end === "resolve") network.connecting.resolve(new FakeTcpConn());
    else network.connecting.reject(new Deno.errors.ConnectionRefused("refused"));
    await dial(address("192.0.2.1"), 30_000, FOREVER);
    assert.deepEqual([clock.started, clock.timers], [1, 0]);
  }
});

for (
  const [error, cause] of [
    [new Deno.errors.ConnectionRefused("refused"), "refused"],
    [Object.assign(new Error("too many open files"), { code: "EMFILE" }), "exhausted"],
    // A network error without a known code still means that there is no route.
    [new Error("no route"), "unreachable"],
  ] as const
) {
  Deno.test(`dial() returns ${error} as ${cause}`, async () => {
    using network = new FakeNetwork();
    network.connecting.reject(error);
    const dialled = await dial(address("192.0.2.1"), 1_000, FOREVER);
    assert.deepEqual(dialled, {
      why: { cause, detail: error.message, tlsReason: undefined },
      address: "192.0.2.1:2525",
    });
  });
}

Deno.test("dial() throws the signal's reason at once when it aborts, and closes a connection that is established later", async () => {
  // The clock is not advanced, so the address's own time limit never ends.
  using _clock = new FakeClock();
  using network = new FakeNetwork();
  const stop = new AbortController();
  const dialling = dial(address("192.0.2.1"), 1_000, stop.signal);
  await settled();
  stop.abort(new Error("Enough"));
  await assert.rejects(dialling, /Enough/);
  const late = new FakeTcpConn();
  network.connecting.resolve(late);
  await settled();
  assert.equal(late.closed, 1);
});

Deno.test("dial() leaves no listener on a signal that outlives it, whatever its result", async () => {
  for (const end of ["resolve", "reject"] as const) {
    using network = new FakeNetwork();
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...call: unknown[]) => (listeners++, add(...call as [never, never]));
    signal.removeEventListener = (...call: unknown[]) => {
      if (typeof call[1] === "function") listeners--;
      remove(...call as [never, never]);
    };
    if (end === "resolve") network.connecting.resolve(new FakeTcpConn());
    else network.connecting.reject(new Deno.errors.ConnectionRefused("refused"));
    const dialling = dial(address("192.0.2.1"), 1_000, signal);
    assert.ok(listeners > 0);
    await dialling;
    assert.equal(listeners, 0);
  }
});

Deno.test("dial() tries nothing if the signal is already aborted", async () => {
  using network = new FakeNetwork();
  await assert.rejects(
    dial(address("192.0.2.1"), 1_000, AbortSignal.abort(new Error("Enough"))),
    /Enough/,
  );
  assert.deepEqual(network.plain, []);
});

Deno.test("dial() presents our certificate to the host by its name, and trusts the given authority", async () => {
  const certificate = { cert: "CERT", key: new Secret("KEY") };
  for (const [ca, caCerts] of [[undefined, []], ["CA", ["CA"]]] as const) {
    using network = new FakeNetwork();
    network.connecting.resolve(new FakeTcpConn());
    const relay = address("[2001:db8::1]", { certificate, ca });
    await dial(relay, 1_000, FOREVER);
    assert.deepEqual([network.plain, network.tls], [[], [{
      hostname: "2001:db8::1",
      port: 2525,
      caCerts,
      cert: "CERT",
      key: "KEY",
    }]]);
  }
});
