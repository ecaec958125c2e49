import assert from "node:assert/strict";
import type { Finding } from "../../src/check/finding.ts";
import { checkRelay, type RelayFacts } from "../../src/check/relay/relay.ts";
import type { Mail } from "../../src/model/mail.ts";
import type { Relay } from "../../src/model/relay.ts";
import { relayAt } from "../smtp/fixtures.ts";
import { makeCertificates } from "../support/certificates.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { TlsServer } from "../support/starttls_server.ts";

const certificates = await makeCertificates();
const DAY = 86_400_000;
const MAIL: Mail = {
  envelope: { sender: "news@acme.test", recipient: "ann@example.test", smtpUtf8: false },
  messageId: "<1@acme.test>",
  bytes: new TextEncoder().encode("Subject: x\r\n\r\nx\r\n"),
  eightBit: false,
};
const OFFERS = { clear: ["STARTTLS"], secured: ["PIPELINING", "SIZE 1000", "LIMITS MAILMAX=50"] };

async function check(
  relay: Relay,
  now = Date.now(),
): Promise<{ facts: RelayFacts; findings: readonly Finding[] }> {
  const findings: Finding[] = [];
  const facts = await checkRelay(relay, { mail: MAIL, sizes: undefined }, {
    signal: new AbortController().signal,
    now,
    add: (finding) => void findings.push(finding),
  });
  return { facts, findings };
}

const outline = (findings: readonly Finding[]) =>
  findings.map(({ level, check, what }) => `${level} ${check}: ${what}`);

function relay(port: number, changes: Partial<Relay> = {}): Relay {
  return relayAt(port, {
    host: "localhost",
    security: "starttls",
    ca: certificates.ca,
    ...changes,
  });
}

for (const [security, implicit] of [["starttls", false], ["tls", true]] as const) {
  Deno.test(`checkRelay() says how long a certificate is valid (${security})`, async () => {
    await using server = await TlsServer.start({ ...certificates.good, offers: OFFERS, implicit });
    const monthBefore = await check(relay(server.port, { security }), Date.now() - 30 * DAY);
    assert.deepEqual(monthBefore.findings, []);
    assert.equal(monthBefore.facts.certificateDays, 31);
    assert.equal(monthBefore.facts.mailMax, 50);
    const now = await check(relay(server.port, { security }));
    assert.deepEqual(outline(now.findings), [
      "warning relay.certificate: The certificate of localhost expires in 1 day",
    ]);
    const heard = (await server.heard()).filter((line) => line.startsWith("tls "));
    assert.deepEqual(
      heard.filter((line) => /MAIL|RCPT|RSET|QUIT|DATA|BDAT/.test(line)).slice(0, 4),
      [
        "tls MAIL FROM:<news@acme.test>",
        "tls RCPT TO:<ann@example.test>",
        "tls RSET",
        "tls QUIT",
      ],
    );
    assert(!heard.some((line) => /DATA|BDAT/.test(line)), "nothing is sent");
  });
}

const UNTRUSTED = [
  ["expired", certificates.expired, "The certificate of localhost expired on 2020-01-02"],
  [
    "another host's",
    certificates.otherName,
    "The certificate of localhost was issued for DNS:other.test",
  ],
  [
    "self-signed",
    certificates.selfSigned,
    "The certificate of localhost is not signed by a trusted authority (alone)",
  ],
] as const;
for (const [what, pair, expected] of UNTRUSTED) {
  Deno.test(`checkRelay() says what is wrong with a certificate that is ${what}`, async () => {
    await using server = await TlsServer.start({ ...pair, offers: OFFERS });
    const { facts, findings } = await check(relay(server.port));
    assert.equal(facts.reached, false);
    assert.deepEqual(outline(findings), [`error relay.certificate: ${expected}`]);
  });
}

const DIALOGUE = `
  S: 220 mx ESMTP
  C: EHLO client.test
  S: 250-mx
  S: 250 PIPELINING
  C: MAIL FROM:<news@acme.test>
  S: 250 ok
  C: RCPT TO:<ann@example.test>
  S: 250 ok
  C: RSET
  S: 250 ok
  C: QUIT
  S: 221 bye
`;

Deno.test("checkRelay() warns of mails sent in the clear, but not to this machine", async () => {
  // 0.0.0.0 is "this host": it reaches the server here, but does not name this machine.
  for (
    const [host, expected] of [["127.0.0.1", []], ["0.0.0.0", ["warning relay.clear"]]] as const
  ) {
    await using server = new ScriptedServer(DIALOGUE);
    const { findings } = await check(relayAt(server.port, { host, security: "off" }));
    assert.deepEqual(findings.map(({ level, check }) => `${level} ${check}`), expected);
  }
});

Deno.test("checkRelay() resets an envelope whose recipient is refused, and quits", async () => {
  const script = DIALOGUE.replace(
    "C: RCPT TO:<ann@example.test>\n  S: 250 ok",
    "C: RCPT TO:<ann@example.test>\n  S: 550 5.1.1 no such user",
  );
  await using server = new ScriptedServer(script);
  const { findings } = await check(relayAt(server.port, { security: "off" }));
  assert.deepEqual(outline(findings), [
    "warning relay.recipient: The relay refuses the recipient ann@example.test: 550 5.1.1 no such user",
  ]);
});

Deno.test("checkRelay() reports a connection that breaks during the envelope, and a greeting that refuses", async () => {
  await using broken = new ScriptedServer(DIALOGUE.split("C: RCPT")[0] + "!close");
  assert.deepEqual(outline((await check(relayAt(broken.port, { security: "off" }))).findings), [
    "warning relay.dialogue: The connection broke during the dialogue about an envelope: Server closed the connection",
  ]);
  await using refusing = new ScriptedServer("S: 554 5.7.1 no mail from you\n!close");
  assert.deepEqual(outline((await check(relayAt(refusing.port, { security: "off" }))).findings), [
    "error relay.connect: The relay refuses us at the greeting: 554 5.7.1 no mail from you",
  ]);
});
