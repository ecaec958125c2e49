import assert from "node:assert/strict";
import { judgeConnect } from "../../src/policy/replies/connect_rules.ts";
import { connectRelay } from "../../src/smtp/session/connect_relay.ts";
import { FOREVER, relayAt } from "../smtp/fixtures.ts";
import { assertStopped, type FaultyRun, run } from "./run.ts";
import { type Answers, servers } from "./server.ts";

// Opening a session: banner, EHLO, STARTTLS and AUTH.

const SENT = ["p1 sent 1", "p2 sent 1"];

Deno.test("A banner that does not come in time is a failed connect", async () => {
  await using server = servers({ greeting: "!stall" });
  const relay = relayAt(server.port);
  const failure = await connectRelay(relay, { signal: FOREVER, timeouts: { greeting: 30 } });
  assert.equal(failure.kind, "connect-failure");
  if (failure.kind !== "connect-failure") return;
  assert.deepEqual([failure.stage, failure.attempt.kind], ["greeting", "broken"]);
  assert.equal(judgeConnect(relay, failure).kind, "try-later");
});

/** Sessions that can never be opened: the run stops. */
for (
  const [sentence, answers, because, options] of [
    ["A 554 banner stops the run", { greeting: "554 5.3.2 no" }, /refused the connection: 554/],
    ["A 521 banner stops the run", { greeting: "521 no mail here" }, /521/],
    [
      "A 504 reply to EHLO stops the run with a hint about the name",
      { EHLO: "504 5.5.4 name?" },
      /\?name=/,
    ],
    ["A 550 reply to EHLO stops the run with a hint about the name", { EHLO: "550 no" }, /\?name=/],
    [
      "A server without EHLO stops a run that requires TLS",
      { EHLO: "502 no", HELO: "250 mx" },
      /STARTTLS/,
      { query: "weight=1" },
    ],
    [
      "A server without EHLO stops a run that requires a login",
      { EHLO: "502 no" },
      /does not offer AUTH/,
      { user: "u" },
    ],
    [
      "If no login is offered, the run stops without sending a password",
      {},
      /does not offer AUTH/,
      {
        user: "u",
      },
    ],
    [
      "If none of our AUTH mechanisms is offered, the run stops without sending a password",
      { offers: ["AUTH GSSAPI"] },
      /none of our AUTH/,
      { user: "u" },
    ],
    [
      "An endless series of challenges is cancelled and stops the run",
      {
        offers: ["AUTH LOGIN"],
        AUTH: "334 VXNlcm5hbWU6",
        other: ["334 UGFzc3dvcmQ6", "334 bW9yZQ==", "334 bW9yZQ==", "501 5.7.0 cancelled"],
      },
      /refused the login: 334/,
      { user: "u" },
    ],
    [
      "A malformed challenge is cancelled and stops the run",
      { offers: ["AUTH CRAM-MD5"], AUTH: "334 %%%", other: "501 5.7.0 cancelled" },
      /refused the login: 501/,
      { user: "u" },
    ],
    [
      "A 432 reply to AUTH stops the run with a hint",
      { offers: ["AUTH PLAIN"], AUTH: "432 4.7.12 change it" },
      /SMTP_PASSWORD/,
      { user: "u" },
    ],
    ["If STARTTLS is not offered, the run stops", {}, /tls=off/, { query: "weight=1" }],
    [
      "Repeated 454 replies to AUTH stop the run after a few tries",
      { offers: ["AUTH PLAIN"], AUTH: "454 4.7.0 later" },
      /refused the login: 454.*Run again later/,
      { user: "u" },
    ],
    [
      "Repeated 454 replies to STARTTLS stop the run after a few tries",
      { offers: ["STARTTLS"] },
      /refused STARTTLS: 454/,
      { query: "weight=1" },
    ],
    [
      "Bytes after the 220 of STARTTLS are never taken for replies",
      { offers: ["STARTTLS"], STARTTLS: "220 go|250 injected" },
      /came before a command/,
      { query: "weight=1" },
    ],
    [
      "A 5yz reply to STARTTLS stops the run",
      { offers: ["STARTTLS"], STARTTLS: "501 5.7.0 no" },
      /refused STARTTLS: 501/,
      { query: "weight=1" },
    ],
    [
      "A mangled handshake stops the run",
      {
        offers: ["STARTTLS"],
        STARTTLS: "220 go then !raw HTTP/1.1 400 Bad Request\r\n\r\n then !close",
      },
      /./,
      { query: "weight=1" },
    ],
  ] as [string, Answers, RegExp, Partial<FaultyRun>?][]
) {
  Deno.test(sentence, async () => {
    await using server = servers(answers);
    const result = await run({ port: server.port, random: 0, ...options });
    assertStopped(result, because);
    assert(server.peers.every(({ text }) => !/MAIL|RCPT/.test(text)), server.written());
    assert(
      server.peers.every(({ text }) =>
        !text.includes(btoa("\0u\0secret")) || answers.AUTH !== undefined
      ),
    );
  });
}

Deno.test("After a 421 instead of a banner, the client waits and tries again", async () => {
  await using server = servers({ greeting: "421 4.7.0 busy then !close" }, {});
  const result = await run({ port: server.port, random: 0 });
  assert.deepEqual([result.exitCode, result.fates], [0, SENT]);
});

/** 421 at every stage: the session is over, no try is counted, and another connection sends the mail. */
for (const stage of ["EHLO", "MAIL", "RCPT", "DATA", "body", "RSET"] as const) {
  Deno.test(`After a 421 to ${stage}, another connection takes over`, async () => {
    const answers: Answers = { [stage]: "421 4.3.2 bye then !close" };
    // A refusal at RCPT leaves a transaction that RSET ends.
    const first = stage === "RSET"
      ? { ...answers, RCPT: "450 4.2.0 later", DATA: "503 no" }
      : answers;
    await using server = servers(first, {});
    const result = await run({ port: server.port, random: 0, flags: { wait: true } });
    assert.equal(result.exitCode, 0);
    assert.deepEqual(result.fates, stage === "RSET" ? ["p1 sent 2", "p2 sent 1"] : SENT);
    assert.equal(server.peers.length, 2);
  });
}

for (const code of [500, 502]) {
  Deno.test(`After a ${code} reply to EHLO, the client says HELO and uses no extension`, async () => {
    await using server = servers({ EHLO: `${code} what` });
    assert.deepEqual((await run({ port: server.port })).fates, SENT);
    assert.match(server.written(), /^EHLO \S+\r\nHELO \S+\r\nMAIL FROM:<news@acme.test>\r\n/);
  });
}

Deno.test("If RSET is not answered with 250, another connection takes over", async () => {
  const refusal: Answers = { RCPT: "550 5.1.1 who", DATA: "503 no", RSET: "500 what" };
  await using server = servers(refusal, {});
  const result = await run({ port: server.port, random: 0, flags: { wait: true } });
  assert.deepEqual(result.fates, ["p1 failed 1", "p2 sent 1"]);
  assert.equal(server.peers.length, 2);
});

Deno.test("A connection closed while idle is replaced, and no try is counted", async () => {
  // The second recipient falls due when the server has long closed the first connection.
  await using server = servers({ RCPT: ["", "450 4.2.0 later"], RSET: " then !close" }, {});
  const result = await run({ port: server.port, random: 0.02, flags: { wait: true } });
  assert.deepEqual([result.exitCode, result.fates], [0, ["p1 sent 1", "p2 sent 2"]]);
});

for (const reply of ["535 5.7.8 wrong", "534 5.7.9 weak", "530 5.7.0 no", "538 5.7.11 no"]) {
  Deno.test(`A ${reply.slice(0, 3)} reply to AUTH stops the run after a single try`, async () => {
    await using server = servers({ offers: ["AUTH PLAIN"], AUTH: reply });
    const result = await run({
      port: server.port,
      user: "u",
      count: 20,
      flags: { connections: "5" },
    });
    assertStopped(result, /refused the login.*SMTP_PASSWORD/);
    const tries = server.peers.filter(({ text }) => text.includes("AUTH PLAIN"));
    assert.equal(tries.length, 1);
  });
}

Deno.test("After a 454 reply to AUTH, the login is tried again later", async () => {
  await using server = servers(
    { offers: ["AUTH PLAIN"], AUTH: "454 4.7.0 later" },
    { offers: ["AUTH PLAIN"] },
  );
  const result = await run({ port: server.port, user: "u", random: 0 });
  assert.deepEqual([result.exitCode, result.fates], [0, SENT]);
});

for (const answer of ["454 4.7.0 no", "501 5.7.0 no"]) {
  Deno.test(`With tls=opportunistic, mail is sent in clear text after a ${answer.slice(0, 3)} reply to STARTTLS, but never a password`, async () => {
    await using server = servers({ offers: ["STARTTLS", "AUTH PLAIN"], STARTTLS: answer });
    const query = "tls=opportunistic";
    assert.deepEqual((await run({ port: server.port, query })).fates, SENT);
    const withUser = await run({ port: server.port, query, user: "u", host: "localhost" });
    assertStopped(withUser, /Password is not sent without TLS/);
    assert(server.peers.every(({ text }) => !text.includes("AUTH")));
  });
}
