import assert from "node:assert/strict";
import type { Attempt, DisconnectCause, Stage } from "../../src/model/attempt.ts";
import type { StopKind } from "../../src/model/stop_kind.ts";
import { judgeConnect } from "../../src/policy/replies/connect_rules.ts";
import { judgeReply } from "../../src/policy/replies/judge_reply.ts";
import { reply } from "../ledger/ledgers.ts";
import { relayAt } from "../smtp/fixtures.ts";

type Fault = Attempt & { readonly kind: "refused" | "broken" };

const refused = (stage: Stage, code: number): Fault => ({
  kind: "refused",
  stage,
  reply: reply(code),
});
const broken = (cause: DisconnectCause): Fault => ({
  kind: "broken",
  stage: "connect",
  cause,
  handedOver: false,
  detail: "",
});

for (
  const [sentence, attempt, kind] of [
    ["nobody listens", broken("refused"), "unreachable"],
    ["the name service is down", broken("name-service"), "unreachable"],
    ["this process is out of descriptors", broken("exhausted"), "unreachable"],
    ["the certificate is wrong", broken("tls"), "tls"],
    ["the port speaks something else", broken("not-smtp"), "tls"],
    ["the greeting is 421", refused("greeting", 421), "relay-busy"],
    ["the greeting is 554", refused("greeting", 554), "refused-by-relay"],
    ["our name is refused", refused("ehlo", 550), "refused-by-relay"],
    ["STARTTLS is refused", refused("starttls", 502), "tls"],
    ["the password is wrong", refused("auth", 535), "login"],
    ["the login server is away", refused("auth", 454), "relay-busy"],
  ] as readonly (readonly [string, Fault, StopKind])[]
) {
  Deno.test(`judgeConnect() calls it ${kind} if ${sentence}`, () => {
    const { stage } = attempt;
    const failure = {
      kind: "connect-failure",
      stage,
      attempt,
      tlsReason: undefined,
      address: undefined,
    };
    assert.equal(judgeConnect(relayAt(25), failure as never).why, kind);
  });
}

for (
  const [sentence, stage, code, enhanced, kind] of [
    ["a login is required", "mail", 530, undefined, "login"],
    ["From is refused at MAIL", "mail", 550, undefined, "sender"],
    ["From is refused at RCPT", "rcpt", 550, "5.1.8", "sender"],
    ["DMARC fails", "body", 550, "5.7.26", "sender"],
  ] as readonly (readonly [string, Stage, number, string | undefined, StopKind])[]
) {
  Deno.test(`judgeReply() calls it ${kind} if ${sentence}`, () => {
    const meaning = judgeReply(stage, reply(code, enhanced));
    assert.equal(meaning.kind === "refuses-us" && meaning.why, kind);
  });
}
