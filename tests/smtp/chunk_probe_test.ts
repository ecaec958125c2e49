import assert from "node:assert/strict";
import { discardsRefusedChunks } from "../../src/smtp/session/chunk_probe.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { hello } from "./dialogues.ts";
import { FOREVER, openSession, wire } from "./fixtures.ts";

const HELLO = hello("PIPELINING", "CHUNKING");
const PROBE = `${HELLO}C: BDAT 6 LAST\nC#6\n`;

for (
  const [sentence, script, expected] of [
    ["reads it and refuses it", `${PROBE}S: 503 no\nC: RSET\nS: 250 ok`, true],
    ["reads it and takes it, for nobody", `${PROBE}S: 250 ok\nC: RSET\nS: 250 ok`, true],
    ["obeys it at once", `${PROBE}S: 502 RCPT first\nS: 221 bye\n!close`, false],
    ["obeys it a moment later", `${PROBE}S: 502 RCPT first\n!sleep 20\nS: 221 bye\n!close`, false],
    ["obeys it and continues", `${PROBE}S: 502 RCPT first\n!sleep 20\nS: 221 bye`, false],
    ["calls it an unknown command", `${PROBE}S: 503 no\n!sleep 20\nS: 500 what?`, false],
    ["does not know BDAT", `${PROBE}S: 500 what?\nS: 221 bye\n!close`, false],
    ["hangs up", `${PROBE}!close`, false],
    ["sends us away behind its reply", `${PROBE}S: 503 no\nC: RSET\nS: 250 ok\nS: 421 bye`, false],
    ["sends us away", `${PROBE}S: 421 bye\n!close`, false],
  ] as const
) {
  Deno.test(`discardsRefusedChunks() is ${expected} where the server ${sentence}`, async () => {
    await using server = new ScriptedServer(script);
    const session = await openSession(server.port);
    assert.equal(await discardsRefusedChunks(session, FOREVER), expected);
    session.connection[Symbol.dispose]();
    await server.finished();
    const probe = wire("EHLO client.test\nBDAT 6 LAST\nQUIT");
    assert.ok([probe, `${probe}RSET\r\n`].includes(server.written()), server.written());
  });
}

Deno.test("discardsRefusedChunks() throws the signal's reason when it aborts", async () => {
  await using server = new ScriptedServer(`${PROBE}!stall`);
  const session = await openSession(server.port);
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("stop")), 20);
  await assert.rejects(discardsRefusedChunks(session, controller.signal), /stop/);
});
