import assert from "node:assert/strict";
import { connectByName } from "../smtp/named.ts";
import { assertStopped, run } from "./run.ts";
import { servers } from "./server.ts";

// No connection can be opened.

const SENT = ["p1 sent 1", "p2 sent 1"];

/** A port of this machine on which nothing listens. */
function closedPort(): number {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  listener.close();
  return listener.addr.port;
}

Deno.test("A refused connection is tried again later, and does not count as a try", async () => {
  await using server = servers({});
  const { connect } = Deno;
  let dials = 0;
  const port = closedPort();
  // The server is reachable from the third try on.
  Object.assign(Deno, {
    connect: (options: Deno.ConnectOptions) =>
      connect({ ...options, port: ++dials < 3 ? port : server.port }),
  });
  try {
    const result = await run({ port, random: 0 });
    assert.deepEqual([result.exitCode, result.fates, dials], [0, SENT, 3]);
    assert.equal(result.news.filter((line) => /next try in/.test(line)).length, 2);
  } finally {
    Object.assign(Deno, { connect });
  }
});

Deno.test("Repeatedly refused connections stop the run with a hint, and do not count as tries", async () => {
  const result = await run({ port: closedPort(), random: 0 });
  assertStopped(result, /Cannot connect.*Check host and port/);
});

Deno.test("If one address of a name refuses, the next one is tried", async () => {
  await using server = servers({});
  // Nothing listens at the first one.
  const resolved = ["127.0.0.2", "127.0.0.1"];
  const result = await connectByName([{ port: server.port, resolved }]);
  assert.deepEqual(result, [{ tried: resolved, end: "session" }]);
  assert.equal(server.peers.length, 1);
});
