import assert from "node:assert/strict";
import { connectByName } from "../smtp/named.ts";
import { assertStopped, run } from "./run.ts";
import { servers } from "./server.ts";

// No connection can be opened.

const SENT = ["p1 sent 1", "p2 sent 1"];

/** A port of this machine on which nobody listens. */
function closedPort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}

Deno.test("A refused connection is tried again later and counts as nobody's try", async () => {
  await using server = servers({});
  const { connect } = Deno;
  let dials = 0;
  const port = closedPort();
  // The server is there from the third try on.
  Object.assign(Deno, {
    connect: (options: Deno.ConnectOptions) =>
      connect({ ...options, port: ++dials < 3 ? port : server.port }),
  });
  try {
    const came = await run({ port, random: 0 });
    assert.deepEqual([came.exitCode, came.fates, dials], [0, SENT, 3]);
    assert.equal(came.news.filter((line) => /next try in/.test(line)).length, 2);
  } finally {
    Object.assign(Deno, { connect });
  }
});

Deno.test("Connections that are refused again and again stop the run, with a hint, and count as nobody's try", async () => {
  const came = await run({ port: closedPort(), random: 0 });
  assertStopped(came, /Cannot connect.*Check host and port/);
});

Deno.test("If one address of a name refuses, the next one is tried", async () => {
  await using server = servers({});
  // Nobody listens at the first one.
  const resolved = ["127.0.0.2", "127.0.0.1"];
  const came = await connectByName([{ port: server.port, resolved }]);
  assert.deepEqual(came, [{ tried: resolved, end: "session" }]);
  assert.equal(server.peers.length, 1);
});
