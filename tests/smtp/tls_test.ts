import assert from "node:assert/strict";
import { connectRelay } from "../../src/smtp/session/connect_relay.ts";
import { SmtpClient } from "../../src/smtp/smtp_client.ts";
import { type Relay, Secret } from "../../src/model/relay.ts";
import { makeCertificates, type Pair } from "../support/certificates.ts";
import { TlsServer, type TlsServerOptions } from "../support/starttls_server.ts";
import { FOREVER, free, mailTo, outline, relayAt } from "./fixtures.ts";

const certificates = await makeCertificates();

const OFFERS = {
  clear: ["STARTTLS", "SIZE 1000", "AUTH PLAIN"],
  secured: ["PIPELINING", "AUTH PLAIN LOGIN"],
};

function server(
  pair: Pair,
  changes: Partial<TlsServerOptions> = {},
): ReturnType<typeof TlsServer.start> {
  return TlsServer.start({ ...pair, offers: OFFERS, ...changes });
}

function relay(port: number, changes: Partial<Relay> = {}): Relay {
  return relayAt(port, {
    host: "localhost",
    security: "starttls",
    ca: certificates.ca,
    ...changes,
  });
}

const auth = { user: "ann", password: new Secret("geheim"), mechanism: undefined };

async function failure(target: Relay): Promise<Record<string, unknown>> {
  const result = await connectRelay(target, { signal: FOREVER, timeouts: { handshake: 5_000 } });
  if (result.kind === "session") {
    result.connection[Symbol.dispose]();
    throw new Error("A session was opened");
  }
  const { attempt, stage, tlsReason } = result;
  assert.equal(attempt.stage, stage);
  return {
    kind: attempt.kind,
    stage,
    tlsReason,
    ...("cause" in attempt ? { cause: attempt.cause } : {}),
  };
}

Deno.test("STARTTLS secures the session, discards what was offered in clear text, and mail and AUTH are sent encrypted", async () => {
  await using tls = await server(certificates.good);
  const session = await connectRelay(relay(tls.port, { auth }), { signal: FOREVER });
  if (session.kind !== "session") throw new Error(JSON.stringify(session));
  assert.equal(session.secure, true);
  assert.equal(session.capabilities.sizeOffered, false);
  const client = new SmtpClient(session, { signal: FOREVER });
  assert.equal(outline(await client.send(mailTo("a@b.test"), free)), "accepted 250");
  await client.close();
  assert.deepEqual(await tls.heard(), [
    "clear EHLO client.test",
    "clear STARTTLS",
    "tls EHLO client.test",
    `tls AUTH PLAIN ${btoa("\0ann\0geheim")}`,
    "tls MAIL FROM:<s@a.test>",
    "tls RCPT TO:<a@b.test>",
    "tls DATA",
    "tls QUIT",
  ]);
});

for (const host of ["localhost", "127.0.0.1"]) {
  Deno.test(`smtps:// verifies ${host} and sends a mail`, async () => {
    await using tls = await server(certificates.good, { implicit: true });
    const session = await connectRelay(relay(tls.port, { host, security: "tls" }), {
      signal: FOREVER,
    });
    if (session.kind !== "session") throw new Error(JSON.stringify(session));
    const client = new SmtpClient(session, { signal: FOREVER });
    assert.equal(outline(await client.send(mailTo("a@b.test"), free)), "accepted 250");
    await client.close();
  });
}

for (
  const [name, pair, ca, reason] of [
    ["has run out", certificates.expired, certificates.ca, "expired"],
    ["is not valid yet", certificates.notYetValid, certificates.ca, "not-yet-valid"],
    ["is for another host", certificates.otherName, certificates.ca, "wrong-name"],
    ["is signed by itself", certificates.selfSigned, certificates.ca, "unknown-authority"],
    [
      "is signed by an authority that is not trusted",
      certificates.good,
      undefined,
      "unknown-authority",
    ],
  ] as const
) {
  for (const security of ["starttls", "tls", "opportunistic"] as const) {
    Deno.test(`a certificate that ${name} ends the connection, nothing sent in clear (${security})`, async () => {
      await using tls = await server(pair, { implicit: security === "tls" });
      assert.deepEqual(await failure(relay(tls.port, { auth, ca, security })), {
        kind: "broken",
        stage: security === "tls" ? "connect" : "starttls",
        cause: "tls",
        tlsReason: reason,
      });
      assert.ok((await tls.heard()).every((line) => !line.includes("AUTH")));
    });
  }
}

Deno.test("bytes after the 220 of STARTTLS end the connection: they could be an attacker's", async () => {
  for (const behind220 of ["250 injected\r\n", "250-inj"]) {
    await using tls = await server(certificates.good, { behind220 });
    assert.deepEqual(await failure(relay(tls.port, { auth })), {
      kind: "broken",
      stage: "starttls",
      cause: "protocol",
      tlsReason: undefined,
    });
    assert.ok((await tls.heard()).every((line) => !line.includes("AUTH")));
  }
});

for (
  const [name, changes, expected] of [
    ["not offered", { offers: { clear: ["AUTH PLAIN"], secured: [] } }, {
      kind: "lacking",
      stage: "starttls",
      tlsReason: undefined,
    }],
    ["answered 454", { starttls: "454 4.7.0 later" }, {
      kind: "refused",
      stage: "starttls",
      tlsReason: undefined,
    }],
    ["answered 501", { starttls: "501 no" }, {
      kind: "refused",
      stage: "starttls",
      tlsReason: undefined,
    }],
    ["mangled", { offers: { clear: ["XXXXXXXA", "AUTH PLAIN"], secured: [] } }, {
      kind: "lacking",
      stage: "starttls",
      tlsReason: undefined,
    }],
  ] as const
) {
  Deno.test(`STARTTLS ${name} ends the connection, unless the relay is opportunistic`, async () => {
    await using tls = await server(certificates.good, changes);
    assert.deepEqual(await failure(relay(tls.port)), expected);
    const opportunistic = relay(tls.port, { security: "opportunistic" });
    const session = await connectRelay(opportunistic, { signal: FOREVER });
    if (session.kind !== "session") throw new Error(JSON.stringify(session));
    assert.equal(session.secure, false);
    session.connection[Symbol.dispose]();
    assert.deepEqual(await failure({ ...opportunistic, auth }), {
      kind: "lacking",
      stage: "auth",
      tlsReason: undefined,
    });
    assert.ok((await tls.heard()).every((line) => !line.includes("AUTH")));
  });
}

Deno.test("smtps:// shows the client certificate that the server demands", async () => {
  await using tls = await server(certificates.good, { implicit: true, ca: certificates.ca });
  const certificate = { cert: certificates.client.cert, key: new Secret(certificates.client.key) };
  const target = relay(tls.port, { security: "tls" });
  const without = await connectRelay(target, { signal: FOREVER });
  assert.equal(without.kind, "connect-failure");
  const session = await connectRelay({ ...target, certificate }, { signal: FOREVER });
  if (session.kind !== "session") throw new Error(JSON.stringify(session));
  await new SmtpClient(session, { signal: FOREVER }).close();
  assert.deepEqual(await tls.heard(), ["tls EHLO client.test", "tls QUIT"]);
});

Deno.test("a handshake that takes too long ends the connection", async () => {
  const silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = silent.accept();
  const target = relay((silent.addr as Deno.NetAddr).port, { security: "tls" });
  const result = await connectRelay(target, { signal: FOREVER, timeouts: { handshake: 50 } });
  if (result.kind === "session") throw new Error("A session was opened");
  assert.equal(outline(result.attempt as Parameters<typeof outline>[0]), "broken connect timeout");
  (await accepted).close();
  silent.close();
});
