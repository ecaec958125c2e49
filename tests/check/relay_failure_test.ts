import assert from "node:assert/strict";
import type { Certificate } from "../../src/check/relay/certificate.ts";
import { connectFinding } from "../../src/check/relay/relay_failure.ts";
import type { DisconnectCause, Stage } from "../../src/model/attempt.ts";
import type { TlsReason } from "../../src/smtp/wire/disconnect.ts";
import type { ConnectFailure } from "../../src/smtp/session/connect_relay.ts";
import { reply } from "../ledger/ledgers.ts";
import { relayAt } from "../smtp/fixtures.ts";

const RELAY = relayAt(587, { name: "mx.acme.test:587", host: "mx.acme.test" });
const CERTIFICATE: Certificate = {
  validTo: Date.UTC(2020, 0, 2, 23, 59),
  names: "DNS:other.test",
  issuer: "Acme Root",
};

function broken(stage: Stage, cause: DisconnectCause, tlsReason?: TlsReason): ConnectFailure {
  const attempt = {
    kind: "broken",
    stage,
    cause,
    handedOver: false,
    detail: "the detail",
  } as const;
  return { kind: "connect-failure", stage, attempt, tlsReason, address: undefined };
}

function failure(stage: Stage, attempt: ConnectFailure["attempt"]): ConnectFailure {
  return { kind: "connect-failure", stage, attempt, tlsReason: undefined, address: undefined };
}

const CONNECT = "Cannot connect to mx.acme.test:587: the detail";
const SESSION = /^Cannot .* mx\.acme\.test:587: the detail$/;

const BROKEN: readonly (readonly [Stage, DisconnectCause, string, string | RegExp, RegExp])[] = [
  ["connect", "refused", "relay.connect", CONNECT, /^Nobody answers/],
  ["connect", "unreachable", "relay.connect", CONNECT, /^Nobody answers/],
  ["connect", "name-service", "relay.connect", CONNECT, /^This machine's name service/],
  ["connect", "timeout", "relay.connect", CONNECT, /^RFC 5321, 4\.5\.3\.2: .* at connect$/],
  ["connect", "tls", "relay.tls", CONNECT, /^RFC 8314, 3: without TLS nothing is sent$/],
  ["starttls", "tls", "relay.tls", SESSION, /^RFC 8314, 3: without TLS nothing is sent$/],
  ["greeting", "not-smtp", "relay.connect", SESSION, /^RFC 8314, 3: a port either uses TLS/],
  ["greeting", "timeout", "relay.connect", SESSION, /at the greeting$/],
  ["ehlo", "closed", "relay.connect", SESSION, /at EHLO$/],
  ["starttls", "protocol", "relay.connect", SESSION, /at STARTTLS$/],
  ["auth", "closed", "relay.connect", SESSION, /at the login$/],
];

for (const [stage, cause, check, what, why] of BROKEN) {
  Deno.test(`connectFinding() reports '${cause}' at ${stage}`, () => {
    const finding = connectFinding(RELAY, broken(stage, cause), undefined);
    assert.deepEqual([finding.level, finding.check], ["error", check]);
    assert.deepEqual(finding.where, { relay: "mx.acme.test:587" });
    if (typeof what === "string") assert.equal(finding.what, what);
    else {
      assert.match(finding.what, what);
      assert.doesNotMatch(finding.what, /connect to/, "there was a connection");
    }
    assert.match(finding.why, why);
    assert.notEqual(finding.fix, "");
  });
}

const REFUSED: readonly (readonly [Stage, string, RegExp, RegExp])[] = [
  [
    "greeting",
    "relay.connect",
    /refuses us at the greeting: 554 5\.7\.1 /,
    /5321, 3\.1 and RFC 7504/,
  ],
  ["ehlo", "relay.connect", /refuses us at EHLO: 554 5\.7\.1 /, /4\.1\.1\.1/],
  ["starttls", "relay.connect", /refuses us at STARTTLS: 554 5\.7\.1 /, /RFC 3207, 4/],
  ["auth", "relay.login", /refuses the login: 554 5\.7\.1 /, /RFC 4954, 6/],
  ["rset", "relay.connect", /refuses us at rset: 554 5\.7\.1 /, /RFC 5321, 4\.2/],
];

for (const [stage, check, what, why] of REFUSED) {
  Deno.test(`connectFinding() reports a refusal at ${stage}`, () => {
    const attempt = { kind: "refused", stage, reply: reply(554, "5.7.1") } as const;
    const finding = connectFinding(RELAY, failure(stage, attempt), undefined);
    assert.deepEqual([finding.level, finding.check], ["error", check]);
    assert.match(finding.what, what);
    assert.match(finding.why, why);
    assert.deepEqual(finding.where, { relay: "mx.acme.test:587" });
  });
}

Deno.test("connectFinding() says what the relay does not offer, and why it is needed", () => {
  for (
    const [lacks, stage, check, why, fix] of [
      ["starttls", "starttls", "relay.tls", /RFC 8314, 3 and RFC 3207, 6/, /Check the port/],
      ["auth", "auth", "relay.login", /RFC 4954, 4/, /Omit the user/],
      ["auth-mechanism", "auth", "relay.login", /RFC 4954, 4/, /\?auth=/],
    ] as const
  ) {
    const attempt = { kind: "lacking", stage, lacks, detail: "it lacks this" } as const;
    const finding = connectFinding(RELAY, failure(stage, attempt), undefined);
    assert.deepEqual(
      [finding.level, finding.check, finding.what],
      ["error", check, "it lacks this"],
    );
    assert.match(finding.why, why);
    assert.match(finding.fix, fix);
  }
});

const UNTRUSTED: readonly (readonly [TlsReason, Certificate | undefined, RegExp])[] = [
  ["expired", CERTIFICATE, /mx\.acme\.test expired on 2020-01-02$/],
  ["expired", undefined, /mx\.acme\.test expired$/],
  ["not-yet-valid", CERTIFICATE, /not valid yet$/],
  ["wrong-name", CERTIFICATE, /was issued for DNS:other\.test$/],
  ["wrong-name", undefined, /was issued for another name$/],
  ["wrong-name", { ...CERTIFICATE, names: "" }, /was issued for another name$/],
  ["unknown-authority", CERTIFICATE, /not signed by a trusted authority \(Acme Root\)$/],
  ["unknown-authority", undefined, /not signed by a trusted authority$/],
  ["unknown-authority", { ...CERTIFICATE, issuer: "" }, /not signed by a trusted authority$/],
  ["revoked", CERTIFICATE, /revoked$/],
];

Deno.test("connectFinding() says what is wrong with a certificate, with details if it could be read", () => {
  for (const [reason, certificate, what] of UNTRUSTED) {
    const finding = connectFinding(RELAY, broken("starttls", "tls", reason), certificate);
    assert.deepEqual([finding.level, finding.check], ["error", "relay.certificate"], reason);
    assert.match(finding.what, what, reason);
    assert.match(finding.why, /^RFC 8314, 3 and RFC 7817, 3/);
  }
});

Deno.test("connectFinding() does not blame the certificate for a handshake that fails otherwise", () => {
  const finding = connectFinding(RELAY, broken("starttls", "tls", "other"), CERTIFICATE);
  assert.equal(finding.check, "relay.tls");
  assert.match(finding.what, SESSION);
});
