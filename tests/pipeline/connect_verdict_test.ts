import assert from "node:assert/strict";
import { judgeConnect } from "../../src/policy/replies/connect_rules.ts";
import type { DisconnectCause, Stage } from "../../src/model/attempt.ts";
import type { ConnectFailure } from "../../src/smtp/session/connect_relay.ts";
import { reply } from "../ledger/ledgers.ts";
import { relayAt } from "../smtp/fixtures.ts";

const RELAY = relayAt(587, { name: "mx.test:587" });

function failure(
  stage: Stage,
  attempt: ConnectFailure["attempt"],
  address: string | undefined,
): ConnectFailure {
  return { kind: "connect-failure", stage, attempt, tlsReason: undefined, address };
}

function broken(cause: DisconnectCause, address?: string): ConnectFailure {
  const stage = "connect";
  const attempt = { kind: "broken", stage, cause, handedOver: false, detail: "so it was" } as const;
  return failure(stage, attempt, address);
}

function refused(stage: Stage): ConnectFailure {
  const attempt = { kind: "refused", stage, reply: reply(454, "4.7.0", "Not now") } as const;
  return failure(stage, attempt, undefined);
}

Deno.test("judgeConnect() names the relay, and its address if that tells more", () => {
  const cases = [
    [undefined, "Cannot connect to mx.test:587: so it was"],
    ["mx.test:587", "Cannot connect to mx.test:587: so it was"],
    ["192.0.2.1:587", "Cannot connect to mx.test:587 (192.0.2.1:587): so it was"],
  ] as const;
  for (const [address, reason] of cases) {
    assert.equal(judgeConnect(RELAY, broken("refused", address)).reason, reason);
  }
});

Deno.test("judgeConnect() says what the relay refused, in words if possible", () => {
  const cases = [
    ["greeting", "the connection"],
    ["ehlo", "our name"],
    ["starttls", "STARTTLS"],
    ["auth", "the login"],
    ["rset", "rset"],
  ] as const;
  for (const [stage, what] of cases) {
    const { reason } = judgeConnect(RELAY, refused(stage));
    assert.equal(reason, `mx.test:587 refused ${what}: 454 4.7.0 Not now`);
  }
});

Deno.test("judgeConnect() says whether the relay was contacted at all", () => {
  const isUnasked = (cause: DisconnectCause): boolean | undefined => {
    const verdict = judgeConnect(RELAY, broken(cause));
    return verdict.kind === "try-later" ? verdict.unasked ?? false : undefined;
  };
  assert.equal(isUnasked("name-service"), true);
  for (const cause of ["refused", "unreachable", "timeout", "closed"] as const) {
    assert.equal(isUnasked(cause), false, cause);
  }
});

Deno.test("judgeConnect() reports faults of the name service and of file descriptors as such, with a hint", () => {
  const service = judgeConnect(RELAY, broken("name-service"));
  assert.equal(service.reason, "The name service does not answer for mx.test:587: so it was");
  assert.match(service.hint, /resolve names/);
  const files = judgeConnect(RELAY, broken("exhausted"));
  assert.equal(files.reason, "No file descriptor is left to connect to mx.test:587");
  assert.match(files.hint, /ulimit/);
});

Deno.test("judgeConnect() gives up a relay that lacks a login, even if it had one earlier in the run", () => {
  const attempt = { kind: "lacking", stage: "auth", lacks: "auth", detail: "no AUTH" } as const;
  for (const met of [false, true]) {
    const verdict = judgeConnect(RELAY, failure("auth", attempt, undefined), met);
    assert.equal(verdict.kind, "give-up");
    assert.equal(verdict.reason, "Cannot use mx.test:587: no AUTH");
  }
});
