import assert from "node:assert/strict";
import { judgeConnect } from "../../src/policy/replies/connect_rules.ts";
import type { DisconnectCause, Stage } from "../../src/model/attempt.ts";
import type { ConnectFailure } from "../../src/smtp/session/connect_relay.ts";
import { reply } from "../ledger/ledgers.ts";
import { relayAt } from "../smtp/fixtures.ts";

const RELAY = relayAt(587, { name: "mx.test:587" });

function refused(stage: Stage, code: number, enhanced?: string): ConnectFailure {
  return failure(stage, { kind: "refused", stage, reply: reply(code, enhanced) });
}

function broken(stage: Stage, cause: DisconnectCause): ConnectFailure {
  return failure(stage, { kind: "broken", stage, cause, handedOver: false, detail: "what it was" });
}

function lacking(stage: Stage, lacks: "starttls" | "auth"): ConnectFailure {
  return failure(stage, { kind: "lacking", stage, lacks, detail: "it lacks it" } as never);
}

function failure(stage: Stage, attempt: ConnectFailure["attempt"]): ConnectFailure {
  return {
    kind: "connect-failure",
    stage,
    attempt,
    tlsReason: undefined,
    address: "192.0.2.1:587",
  };
}

for (
  const [sentence, given, kind, hint] of [
    ["nobody listens", broken("connect", "refused"), "try-later", /host and port/],
    ["this process is out of descriptors", broken("connect", "exhausted"), "fewer", /ulimit -n/],
    ["there is no such name", broken("connect", "unreachable"), "try-later", /host and port/],
    ["the name service is down", broken("connect", "name-service"), "try-later", /resolve names/],
    ["no banner comes", broken("greeting", "timeout"), "try-later", /host and port.*465.*587/],
    ["the connection ends before a banner", broken("greeting", "closed"), "try-later", undefined],
    ["it is no SMTP server", broken("greeting", "protocol"), "try-later", /an SMTP server\?/],
    ["TLS fails, and not for the certificate", broken("connect", "tls"), "give-up", /465.*587/],
    ["another protocol is spoken", broken("greeting", "not-smtp"), "give-up", /465.*587/],
    ["the banner is 554", refused("greeting", 554), "give-up", /no mail from this machine/],
    ["the banner is 521", refused("greeting", 521), "give-up", /no mail from this machine/],
    ["the banner is 421", refused("greeting", 421), "fewer", undefined],
    ["EHLO is answered 421", refused("ehlo", 421), "fewer", undefined],
    ["EHLO is answered 504", refused("ehlo", 504), "give-up", /\?name=HOST/],
    ["EHLO is answered 550", refused("ehlo", 550), "give-up", /\?name=HOST/],
    ["the login is wrong", refused("auth", 535, "5.7.8"), "give-up", /SMTP_PASSWORD/],
    ["the login is too weak", refused("auth", 534), "give-up", /SMTP_PASSWORD/],
    ["a login is wanted", refused("auth", 530), "give-up", /SMTP_PASSWORD/],
    ["encryption is wanted", refused("auth", 538), "give-up", undefined],
    ["the login server is away", refused("auth", 454), "fewer", undefined],
    ["the password must be changed", refused("auth", 432), "give-up", /SMTP_PASSWORD/],
    ["STARTTLS is answered 454", refused("starttls", 454), "fewer", undefined],
    ["STARTTLS is answered 501", refused("starttls", 501), "give-up", /TLS/],
    ["STARTTLS is not offered", lacking("starttls", "starttls"), "give-up", /\?tls=off/],
    ["AUTH is not offered", lacking("auth", "auth"), "give-up", /Omit the user/],
  ] as const
) {
  Deno.test(`judgeConnect(): ${sentence}: ${kind}`, () => {
    const verdict = judgeConnect(RELAY, given);
    assert.equal(verdict.kind, kind);
    assert.match(verdict.reason, /mx\.test:587 \(192\.0\.2\.1:587\)/);
    if (hint !== undefined) assert.match("hint" in verdict ? verdict.hint : "", hint);
  });
}

Deno.test("judgeConnect() suggests naming the certificate of a private authority", () => {
  const given = { ...broken("starttls", "tls"), tlsReason: "unknown-authority" as const };
  const verdict = judgeConnect(RELAY, given);
  assert.match("hint" in verdict ? verdict.hint : "", /\?ca=FILE/);
});

for (
  const [tlsReason, hint] of [
    ["expired", /Have the relay's certificate renewed/],
    ["not-yet-valid", /clock/],
    ["wrong-name", /the name in the certificate/],
    ["revoked", /new certificate/],
    ["other", /465.*587/],
  ] as const
) {
  Deno.test(`judgeConnect() says what to do if TLS fails: ${tlsReason}`, () => {
    const verdict = judgeConnect(RELAY, { ...broken("starttls", "tls"), tlsReason });
    assert.equal(verdict.kind, "give-up");
    assert.match(verdict.hint, hint);
  });
}

Deno.test("judgeConnect() never suggests going without TLS if STARTTLS was there earlier in the run, and tries again", () => {
  const verdict = judgeConnect(RELAY, lacking("starttls", "starttls"), true);
  assert.equal(verdict.kind, "try-later");
  assert.match(verdict.reason, /which it did earlier in this run/);
  assert.doesNotMatch(verdict.reason + verdict.hint, /tls=/);
  assert.match(verdict.hint, /removing STARTTLS/);
});
