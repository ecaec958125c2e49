import assert from "node:assert/strict";
import { type ConnectFailure, connectRelay } from "../../src/smtp/session/connect_relay.ts";
import { SmtpClient } from "../../src/smtp/smtp_client.ts";
import { type AuthMechanism, type Relay, Secret } from "../../src/model/relay.ts";
import type { Session } from "../../src/smtp/session/session.ts";
import type { Timeouts } from "../../src/smtp/wire/timeouts.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { FOREVER, relayAt } from "./fixtures.ts";

const PASSWORD = "geheim";
const b64 = (text: string) => btoa(text);

function authBy(mechanism?: AuthMechanism): Partial<Relay> {
  return { auth: { user: "ann", password: new Secret(PASSWORD), mechanism } };
}

async function connect(
  script: string,
  relay: Partial<Relay> = {},
  timeouts: Partial<Timeouts> = {},
): Promise<{ result: Session | ConnectFailure; written: string }> {
  await using server = new ScriptedServer(script);
  const result = await connectRelay(relayAt(server.port, relay), { signal: FOREVER, timeouts });
  if (result.kind === "session") result.connection[Symbol.dispose]();
  await server.finished();
  return { result, written: server.written() };
}

/** "refused ehlo 550", "broken greeting timeout", "lacking auth auth", "session". */
function outline(result: Session | ConnectFailure): string {
  if (result.kind === "session") return "session";
  const { attempt } = result;
  assert.equal(attempt.stage, result.stage);
  switch (attempt.kind) {
    case "refused":
      return `refused ${attempt.stage} ${attempt.reply.code}`;
    case "broken":
      return `broken ${attempt.stage} ${attempt.cause}`;
    case "lacking":
      return `lacking ${attempt.stage} ${attempt.lacks}`;
  }
}

const EHLO = "C: EHLO client.test";

for (
  const [sentence, script, expected] of [
    ["a banner of 554", "S: 554 no service", "refused greeting 554"],
    ["a banner of 521", "S: 521 no mail here", "refused greeting 521"],
    ["a banner of 421", "S: 421 too busy\n!close", "refused greeting 421"],
    ["no banner", "!sleep 80", "broken greeting timeout"],
    ["a banner of another protocol", "S: SSH-2.0-OpenSSH_9.2", "broken greeting protocol"],
    ["the end of the connection for a banner", "!close", "broken greeting closed"],
    ["EHLO answered 504", `S: 220 mx\n${EHLO}\nS: 504 your name`, "refused ehlo 504"],
    ["EHLO answered 550", `S: 220 mx\n${EHLO}\nS: 550 your name`, "refused ehlo 550"],
    ["EHLO answered 421", `S: 220 mx\n${EHLO}\nS: 421 bye\n!close`, "refused ehlo 421"],
    ["EHLO answered 354", `S: 220 mx\n${EHLO}\nS: 354 go`, "refused ehlo 354"],
    [
      "HELO answered 550 after EHLO 500",
      `S: 220 mx\n${EHLO}\nS: 500 what?\nC: HELO client.test\nS: 550 no`,
      "refused ehlo 550",
    ],
    [
      "an endless reply to EHLO",
      `S: 220 mx\n${EHLO}\n!raw ${JSON.stringify("250-x\r\n".repeat(1100))}`,
      "broken ehlo protocol",
    ],
    ["a reply before EHLO was sent", "S: 220 mx\nS: 250 hello", "broken ehlo protocol"],
    ["a 421 before EHLO was sent", "S: 220 mx\nS: 421 bye\n!close", "refused ehlo 421"],
    [
      "an extra reply to EHLO",
      `S: 220 mx\n${EHLO}\nS: 250 mx\nS: 250 mx`,
      "broken ehlo protocol",
    ],
    ["a banner of several lines", `S: 220-mx\nS: 220 welcome\n${EHLO}\nS: 250 mx`, "session"],
    ["a banner byte by byte", `!bytewise\nS: 220 mx\n${EHLO}\nS: 250-mx\nS: 250 SIZE`, "session"],
  ] as const
) {
  Deno.test(`connectRelay() with ${sentence}: ${expected}`, async () => {
    const { result } = await connect(script, {}, { greeting: 50 });
    assert.equal(outline(result), expected);
  });
}

Deno.test("connectRelay() greets with the literal of its own address if it has no name", async () => {
  const { written } = await connect("S: 220 mx\nC: EHLO [127.0.0.1]\nS: 250 mx", {
    helo: undefined,
  });
  assert.equal(written, "EHLO [127.0.0.1]\r\n");
});

Deno.test("connectRelay() returns the facts of a server that is not there", async () => {
  const gone = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = gone.addr as Deno.NetAddr;
  gone.close();
  const result = await connectRelay(relayAt(port), { signal: FOREVER });
  assert.equal(outline(result), "broken connect refused");
  assert.equal((result as ConnectFailure).address, `127.0.0.1:${port}`);
});

Deno.test("connectRelay() returns a name that does not resolve as unreachable, unless no name server answered", async () => {
  const result = await connectRelay(relayAt(25, { host: "nowhere.invalid" }), { signal: FOREVER });
  // A machine without a name service cannot tell that a name does not exist.
  assert.match(outline(result), /^broken connect (?:unreachable|name-service)$/);
  assert.equal((result as ConnectFailure).address, undefined);
});

Deno.test("connectRelay() connects by name", async () => {
  const { result } = await connect(`S: 220 mx\n${EHLO}\nS: 250 mx`, { host: "localhost" });
  assert.equal(outline(result), "session");
});

Deno.test("connectRelay() throws the signal's reason, before it begins and in the middle of it", async () => {
  const reason = new Error("Enough");
  await assert.rejects(
    connectRelay(relayAt(1), { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
  await using server = new ScriptedServer("!stall");
  const controller = new AbortController();
  setTimeout(() => controller.abort(reason), 30);
  await assert.rejects(
    connectRelay(relayAt(server.port), { signal: controller.signal }),
    (error) => error === reason,
  );
});

Deno.test("an idle session says QUIT when its client is closed", async () => {
  await using server = new ScriptedServer(`S: 220 mx\n${EHLO}\nS: 250 mx\nC: QUIT\nS: 221 bye`);
  const session = await connectRelay(relayAt(server.port), { signal: FOREVER });
  if (session.kind !== "session") throw new Error(outline(session));
  await new SmtpClient(session, { signal: FOREVER }).close();
  await server.finished();
});

const offering = (mechanisms: string, ...rest: string[]) =>
  `S: 220 mx\n${EHLO}\nS: 250-mx\nS: 250 ${mechanisms}\n${rest.join("\n")}`;

for (
  const [name, mechanisms, lines] of [
    ["plain", "AUTH PLAIN LOGIN", [`C: AUTH PLAIN ${b64(`\0ann\0${PASSWORD}`)}`, "S: 235 ok"]],
    ["login", "AUTH=LOGIN", [
      "C: AUTH LOGIN",
      `S: 334 ${b64("Username:")}`,
      `C: ${b64("ann")}`,
      `S: 334 ${b64("Password:")}`,
      `C: ${b64(PASSWORD)}`,
      "S: 235 ok",
    ]],
    // The digest was made with Python's hmac module.
    ["cram-md5", "AUTH PLAIN CRAM-MD5", [
      "C: AUTH CRAM-MD5",
      `S: 334 ${b64("<1896.697170952@postoffice.test>")}`,
      `C: ${b64("ann 8eb56b0af60688e6b93e4a109a20457a")}`,
      "S: 235 ok",
    ]],
    ["xoauth2", "AUTH XOAUTH2 PLAIN", [
      `C: AUTH XOAUTH2 ${b64(`user=ann\x01auth=Bearer ${PASSWORD}\x01\x01`)}`,
      "S: 235 ok",
    ]],
  ] as [AuthMechanism, string, string[]][]
) {
  Deno.test(`AUTH ${name} is said byte for byte`, async () => {
    const wanted = name === "xoauth2" ? name : undefined;
    const { result } = await connect(offering(mechanisms, ...lines), authBy(wanted));
    assert.equal(outline(result), "session");
    assert.equal((result as Session).mechanism, name);
  });
}

Deno.test("AUTH uses the mechanism that the relay names although a stronger one is offered", async () => {
  const script = offering(
    "AUTH CRAM-MD5 PLAIN",
    `C: AUTH PLAIN ${b64(`\0ann\0${PASSWORD}`)}`,
    "S: 235 ok",
  );
  const { result } = await connect(script, authBy("plain"));
  assert.equal((result as Session).mechanism, "plain");
});

Deno.test("AUTH XOAUTH2 answers the error challenge with an empty line and returns what follows", async () => {
  const script = offering(
    "AUTH XOAUTH2",
    `C: AUTH XOAUTH2 ${b64(`user=ann\x01auth=Bearer ${PASSWORD}\x01\x01`)}`,
    `S: 334 ${b64('{"status":"401"}')}`,
    "C: ",
    "S: 535 5.7.8 bad token",
  );
  const { result } = await connect(script, authBy("xoauth2"));
  assert.equal(outline(result), "refused auth 535");
});

for (
  const code of [
    "535 5.7.8 no",
    "534 weak",
    "530 need TLS",
    "538 encrypt",
    "454 4.7.0 later",
    "432 change it",
  ]
) {
  Deno.test(`AUTH answered ${code.slice(0, 3)} is a refusal, tried once`, async () => {
    const script = offering(
      "AUTH PLAIN",
      `C: AUTH PLAIN ${b64(`\0ann\0${PASSWORD}`)}`,
      `S: ${code}`,
    );
    const { result, written } = await connect(script, authBy());
    assert.equal(outline(result), `refused auth ${code.slice(0, 3)}`);
    assert.equal(written.split("AUTH").length, 2);
  });
}

for (
  const [name, mechanism, mechanisms, lines] of [
    ["a challenge to PLAIN", "plain", "AUTH PLAIN", [
      `C: AUTH PLAIN ${b64(`\0ann\0${PASSWORD}`)}`,
      "S: 334 more",
    ]],
    ["a challenge that is no base64", "cram-md5", "AUTH CRAM-MD5", [
      "C: AUTH CRAM-MD5",
      "S: 334 ***",
    ]],
    ["an empty challenge", "cram-md5", "AUTH CRAM-MD5", ["C: AUTH CRAM-MD5", "S: 334"]],
    ["a 3yz that is not 334", "login", "AUTH LOGIN", ["C: AUTH LOGIN", "S: 354 go"]],
    ["a third challenge to LOGIN", "login", "AUTH LOGIN", [
      "C: AUTH LOGIN",
      "S: 334 a",
      `C: ${b64("ann")}`,
      "S: 334 b",
      `C: ${b64(PASSWORD)}`,
      "S: 334 c",
    ]],
  ] as [string, AuthMechanism, string, string[]][]
) {
  Deno.test(`AUTH cancels ${name}`, async () => {
    const script = offering(mechanisms, ...lines, "C: *", "S: 501 cancelled");
    const { result } = await connect(script, authBy(mechanism));
    assert.equal(outline(result), "refused auth 501");
  });
}

for (
  const [sentence, script, relay, expected] of [
    ["AUTH is not offered", `S: 220 mx\n${EHLO}\nS: 250 mx`, authBy(), "lacking auth auth"],
    [
      "only unknown mechanisms are offered",
      offering("AUTH GSSAPI NTLM"),
      authBy(),
      "lacking auth auth-mechanism",
    ],
    [
      "the requested mechanism is not offered",
      offering("AUTH PLAIN"),
      authBy("cram-md5"),
      "lacking auth auth-mechanism",
    ],
    [
      "XOAUTH2 is all there is and was not requested",
      offering("AUTH XOAUTH2"),
      authBy(),
      "lacking auth auth-mechanism",
    ],
    [
      "the server knows HELO only",
      `S: 220 mx\n${EHLO}\nS: 502 no\nC: HELO client.test\nS: 250 mx`,
      authBy(),
      "lacking auth auth",
    ],
  ] as const
) {
  Deno.test(`connectRelay() never continues without login when ${sentence}`, async () => {
    const { result, written } = await connect(script, relay);
    assert.equal(outline(result), expected);
    assert.ok(!written.includes("AUTH"));
  });
}

Deno.test("the server's replies to AUTH are never shown with the password, in whatever form they echo it", async () => {
  const plain = b64(`\0ann\0${PASSWORD}`);
  const script = offering(
    "AUTH PLAIN",
    `C: AUTH PLAIN ${plain}`,
    `S: 535-no ${PASSWORD}`,
    `S: 535 ${plain} ${b64(PASSWORD)}`,
  );
  const { result } = await connect(script, authBy());
  assert.equal(outline(result), "refused auth 535");
  const text = JSON.stringify(result);
  for (const secret of [PASSWORD, plain, b64(PASSWORD)]) assert.ok(!text.includes(secret));
});
