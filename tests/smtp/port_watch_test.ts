import assert from "node:assert/strict";
import { clientHello, isTlsRecord } from "../../src/smtp/wire/client_hello.ts";
import { connectRelay } from "../../src/smtp/session/connect_relay.ts";
import { connectHint } from "../../src/policy/replies/connect_hint.ts";
import type { Relay } from "../../src/model/relay.ts";
import { makeCertificates } from "../support/certificates.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { TlsServer } from "../support/starttls_server.ts";
import { FOREVER, relayAt } from "./fixtures.ts";

const certificates = await makeCertificates();
const OFFERS = { clear: [], secured: [] };

/** Cause, words and hint of the failure, and how many seconds it took. */
async function failureAt(relay: Relay) {
  const begunAt = performance.now();
  const failure = await connectRelay(relay, { signal: FOREVER });
  if (failure.kind === "session") throw new Error("A session was opened");
  const { attempt } = failure;
  if (attempt.kind !== "broken") throw new Error(JSON.stringify(attempt));
  const seconds = (performance.now() - begunAt) / 1_000;
  return { ...attempt, hint: connectHint(relay, failure), seconds };
}

/** Sends no greeting, and answers the first bytes received with `answer`. */
function answering(answer: string): Deno.TcpListener {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  void (async () => {
    for await (const conn of listener) {
      void (async () => {
        using open = conn;
        if (await open.read(new Uint8Array(1_000)) !== null) {
          await open.write(new TextEncoder().encode(answer));
        }
        while (await open.read(new Uint8Array(1_000)) !== null);
      })().catch(() => {});
    }
  })().catch(() => {});
  return listener;
}

Deno.test("smtp:// to a port that uses TLS from the first byte is reported within seconds, with the ports", async () => {
  await using server = await TlsServer.start({
    ...certificates.good,
    implicit: true,
    offers: OFFERS,
  });
  const { cause, detail, hint, seconds } = await failureAt(
    relayAt(server.port, { host: "localhost", security: "starttls", ca: certificates.ca }),
  );
  assert.equal(cause, "not-smtp");
  assert.match(detail, /speaks TLS from the first byte/);
  assert.match(hint, /465.*587/);
  assert.ok(seconds < 10, `${seconds} s`);
});

Deno.test("smtps:// to a port that begins in clear text is reported at once, with the ports", async () => {
  await using server = new ScriptedServer("S: 220 mx.test");
  const { cause, hint, seconds } = await failureAt(relayAt(server.port, { security: "tls" }));
  assert.equal(cause, "tls");
  assert.match(hint, /465.*587/);
  assert.ok(seconds < 5, `${seconds} s`);
});

Deno.test("A web server's port is reported within seconds", async () => {
  using listener = answering("HTTP/1.1 400 Bad Request\r\n\r\n");
  const { port } = listener.addr;
  const { cause, detail, seconds } = await failureAt(relayAt(port, { security: "starttls" }));
  assert.equal(cause, "not-smtp");
  assert.match(detail, /web server/);
  assert.ok(seconds < 10, `${seconds} s`);
});

for (const host of ["localhost", "127.0.0.1", "[::1]"]) {
  Deno.test(`clientHello() for ${host} is answered with a TLS record`, async () => {
    await using server = await TlsServer.start({
      ...certificates.good,
      implicit: true,
      offers: OFFERS,
    });
    using conn = await Deno.connect({ hostname: "127.0.0.1", port: server.port });
    await conn.write(clientHello(host));
    const answer = new Uint8Array(5);
    await conn.read(answer);
    // A handshake record of TLS 1.2: the server has understood it.
    assert.deepEqual([...answer.subarray(0, 3)], [22, 3, 3]);
    assert.ok(isTlsRecord(answer));
  });
}

Deno.test("isTlsRecord() rejects the first bytes of other protocols", () => {
  for (const text of ["220 mx", "HTTP/", "SSH-2", "", "\x15\x01"]) {
    assert.equal(isTlsRecord(new TextEncoder().encode(text)), false, text);
  }
});
