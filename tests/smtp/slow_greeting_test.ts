import assert from "node:assert/strict";
import { connectRelay } from "../../src/smtp/session/connect_relay.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { FOREVER, relayAt } from "./fixtures.ts";

/**
 * Connects to a server that takes 7 s to greet, and does with a second connection what is given. Returns how many connections it
 * was met on.
 */
async function connectToSlow(second: string, met = false): Promise<number> {
  let connections = 0;
  await using server = new ScriptedServer(async (peer) => {
    if (connections++ > 0) return await peer.play(second);
    await peer.play(`
      !sleep 7000
      S: 220 mx.test
      C: EHLO client.test
      S: 250 mx.test`);
  });
  const session = await connectRelay(relayAt(server.port), { signal: FOREVER, hadSession: met });
  assert.equal(session.kind, "session");
  if (session.kind === "session") session.connection[Symbol.dispose]();
  return connections;
}

Deno.test("A server that takes 7 s to greet is waited for, whatever it does with a client that speaks first", async () => {
  const answers = [
    "!stall",
    "S: 554 5.5.0 protocol error\n!close",
    "!close",
  ];
  const connections = await Promise.all(answers.map((answer) => connectToSlow(answer)));
  assert.deepEqual(connections, [2, 2, 2]);
});

Deno.test("A slow greeting is not probed if the relay has had a session before", async () => {
  assert.equal(await connectToSlow("!stall", true), 1);
});
