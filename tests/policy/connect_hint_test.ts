import assert from "node:assert/strict";
import type { DisconnectCause, Stage } from "../../src/model/attempt.ts";
import type { TlsReason } from "../../src/smtp/wire/disconnect.ts";
import type { ConnectFailure } from "../../src/smtp/session/connect_relay.ts";
import { connectHint } from "../../src/policy/replies/connect_hint.ts";
import type { Relay } from "../../src/model/relay.ts";
import type { Lacking } from "../../src/smtp/session/session.ts";
import { relayAt } from "../smtp/fixtures.ts";

function failure(
  stage: Stage,
  attempt: ConnectFailure["attempt"],
  tlsReason?: TlsReason,
): ConnectFailure {
  return { kind: "connect-failure", stage, attempt, tlsReason, address: undefined };
}

const broken = (stage: Stage, cause: DisconnectCause, tlsReason?: TlsReason) =>
  failure(stage, { kind: "broken", stage, cause, handedOver: false, detail: "" }, tlsReason);

const lacking = (lacks: Lacking) =>
  failure("ehlo", { kind: "lacking", stage: "ehlo", lacks, detail: "" });

const refused = (stage: Stage, code: number) =>
  failure(stage, {
    kind: "refused",
    stage,
    reply: { code, enhanced: undefined, text: "", lines: [""] },
  });

const PORTS = /smtps:\/\/ uses TLS.*465.*smtp:\/\/.*587/;
const FIREWALL = /^Check host and port in the SMTP URL, the firewall/;

/** The failure, and the next step that the user is advised to take. */
for (
  const [sentence, why, pattern, relay = {}, hadSession = false] of [
    ["no STARTTLS", lacking("starttls"), PORTS],
    ["no STARTTLS any more", lacking("starttls"), /removing STARTTLS/, {}, true],
    ["no AUTH", lacking("auth"), /Omit the user.*587/],
    ["no AUTH any more", lacking("auth"), /Omit the user/, {}, true],
    ["no mechanism of ours", lacking("auth-mechanism"), /\?auth=plain\|login\|cram-md5\|xoauth2/],
    ["a wrong password", refused("auth", 535), /SMTP_PASSWORD/],
    ["a name that is refused", refused("ehlo", 550), /\?name=/],
    ["a refusal for now", refused("greeting", 421), /Run again later/],
    ["an expired certificate", broken("connect", "tls", "expired"), /certificate renewed/],
    ["a certificate of the future", broken("connect", "tls", "not-yet-valid"), /machine's clock/],
    ["another's certificate", broken("connect", "tls", "wrong-name"), /the name in the cert/],
    ["an unknown authority", broken("connect", "tls", "unknown-authority"), /\?ca=FILE in the/],
    [
      "an unknown authority beside ours",
      broken("connect", "tls", "unknown-authority"),
      /named with \?ca=FILE is not that of/,
      { ca: "PEM" },
    ],
    ["a revoked certificate", broken("connect", "tls", "revoked"), /new certificate/],
    ["a handshake that goes wrong", broken("connect", "tls", "other"), PORTS],
    ["a handshake without a reason", broken("connect", "tls"), PORTS],
    ["our own certificate beside a wrong port", broken("connect", "tls"), PORTS, { ca: "PEM" }],
    ["no descriptors", broken("connect", "exhausted"), /ulimit -n.*--connections/],
    ["no name service", broken("connect", "name-service"), /resolve names \(DNS\)/],
    ["no SMTP", broken("greeting", "protocol"), /Is that an SMTP server\?.*465/],
    ["another protocol", broken("greeting", "not-smtp"), PORTS],
    ["nobody there", broken("connect", "refused"), FIREWALL],
    ["no greeting", broken("greeting", "timeout"), PORTS],
    ["no handshake", broken("connect", "timeout"), PORTS, { security: "tls" }],
  ] as [string, ConnectFailure, RegExp, Partial<Relay>?, boolean?][]
) {
  Deno.test(`connectHint() for ${sentence}`, () => {
    assert.match(connectHint(relayAt(587, relay), why, hadSession), pattern);
  });
}

Deno.test("connectHint() does not mention ports if nothing answers at all, or if there has been a session", () => {
  const text = (why: ConnectFailure, hadSession: boolean, relay: Partial<Relay> = {}) =>
    connectHint(relayAt(587, relay), why, hadSession);
  assert.doesNotMatch(text(broken("connect", "timeout"), false), PORTS);
  assert.doesNotMatch(text(broken("greeting", "timeout"), true), PORTS);
  assert.doesNotMatch(text(broken("connect", "timeout"), true, { security: "tls" }), PORTS);
  assert.match(text(broken("greeting", "timeout"), true), FIREWALL);
});
