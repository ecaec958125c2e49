import assert from "node:assert/strict";
import { ScriptedServer } from "../support/scripted_server.ts";
import { connectByName } from "./named.ts";

const HELLO = "S: 220 mx\nC: EHLO client.test\nS: 250 mx";
/** Addresses for documentation (RFC 5737, RFC 3849): they refuse here, and nothing is sent there. */
const [FIRST, SECOND, SIXTH] = ["192.0.2.1", "192.0.2.2", "2001:db8::6"];

Deno.test("dial() tries the addresses of a name in order until one accepts the connection", async () => {
  await using server = new ScriptedServer(HELLO);
  const { port } = server;
  const refusing = [FIRST, SECOND, SIXTH];
  const came = await connectByName([
    { port, refusing, resolved: [FIRST, SIXTH, "127.0.0.1", SECOND] },
    { port, refusing, resolved: ["127.0.0.1", FIRST] },
  ]);
  assert.deepEqual(came, [
    { tried: [FIRST, SIXTH, "127.0.0.1"], end: "session" },
    { tried: ["127.0.0.1"], end: "session" },
  ]);
});

Deno.test("dial() reports the failure of the last address, with an IPv6 address in brackets", async () => {
  const refusing = [FIRST, SECOND, SIXTH];
  const came = await connectByName([
    { port: 2525, refusing, resolved: [FIRST, SECOND] },
    { port: 2525, refusing, resolved: [FIRST, SIXTH] },
  ]);
  assert.deepEqual(came, [
    { tried: [FIRST, SECOND], end: "refused", address: `${SECOND}:2525` },
    { tried: [FIRST, SIXTH], end: "refused", address: `[${SIXTH}]:2525` },
  ]);
});

Deno.test("dial() distinguishes a name that does not exist from a name service that does not answer", async () => {
  const came = await connectByName([
    { port: 25, resolved: [] },
    { port: 25, resolved: "EAI_AGAIN" },
    { port: 25, resolved: "ENOTFOUND", dns: "none" },
    // As Deno 2.5 words it.
    { port: 25, resolved: "ENOTFOUND", dns: "silent" },
  ]);
  assert.deepEqual(came.map(({ tried, end }) => [...tried, end]), [
    ["unreachable"],
    ["name-service"],
    ["unreachable"],
    ["name-service"],
  ]);
});
