import assert from "node:assert/strict";
import { authenticate, chooseMechanism, secretsOf } from "../../src/smtp/session/auth.ts";
import { Connection } from "../../src/smtp/wire/connection.ts";
import { Dialogue } from "../../src/smtp/session/dialogue.ts";
import { type AuthMechanism, Secret } from "../../src/model/relay.ts";
import { replyLine } from "../../src/model/reply.ts";
import { TIMEOUTS } from "../../src/smtp/wire/timeouts.ts";
import { settled } from "./fake_clock.ts";
import { FakeConn } from "./fake_conn.ts";

const CREDENTIALS = { user: "ann", password: new Secret("geheim"), mechanism: undefined };

/** Logs in to a server that sends these replies in turn; returns what was written, and the reply that counts. */
async function logIn(mechanism: AuthMechanism, replies: readonly string[]) {
  const conn = new FakeConn();
  using connection = new Connection(conn, TIMEOUTS);
  const last = authenticate(new Dialogue(connection), CREDENTIALS, mechanism, 60_000);
  for (const reply of replies) {
    await settled();
    conn.say(`${reply}\r\n`);
  }
  return { last: replyLine(await last), written: conn.writes.map((line) => line.trimEnd()) };
}

Deno.test("authenticate() cancels once if a server continues asking, whatever it replies to that", async () => {
  for (const to of ["334 more", "354 go", "501 cancelled", "235 come in"]) {
    const { last, written } = await logIn("login", ["334 a", "334 b", "334 c", to]);
    assert.deepEqual([last, written], [to, [
      "AUTH LOGIN",
      btoa("ann"),
      btoa("geheim"),
      "*",
    ]]);
  }
});

Deno.test("authenticate() cancels a second challenge to CRAM-MD5 and to XOAUTH2", async () => {
  for (
    const [mechanism, challenge] of [["cram-md5", btoa("<1@mx.test>")], ["xoauth2", ""]] as const
  ) {
    const replies = [`334 ${challenge}`, `334 ${challenge}`, "501 cancelled"];
    const { last, written } = await logIn(mechanism, replies);
    assert.deepEqual([last, written.length, written.at(-1)], ["501 cancelled", 3, "*"]);
  }
});

Deno.test("authenticate() cancels if the server asks with a code other than 334", async () => {
  for (const code of [300, 354, 399]) {
    const { last, written } = await logIn("login", [`${code} go`, "501 cancelled"]);
    assert.deepEqual([last, written], ["501 cancelled", ["AUTH LOGIN", "*"]]);
  }
});

Deno.test("authenticate() sends nothing more once the server refuses, whatever the code", async () => {
  for (const refusal of ["400 no", "499 no", "500 no", "599 no"]) {
    const { last, written } = await logIn("login", ["334 a", refusal]);
    assert.deepEqual([last, written.length], [refusal, 2]);
  }
});

Deno.test("authenticate() hides the encoded password in the server's replies, but not the user", async () => {
  const challenge = btoa("<1@mx.test>");
  const refusal = `535 ${btoa("ann")} ${btoa("geheim")}`;
  // The password itself is hidden by openSession(), before the first word of the server.
  assert.equal(
    (await logIn("login", ["334 a", "334 b", refusal])).last,
    `535 ${btoa("ann")} [secret]`,
  );
  const { written } = await logIn("cram-md5", [`334 ${challenge}`, "535 no"]);
  const echo = `535 ${written[1]}`;
  assert.equal((await logIn("cram-md5", [`334 ${challenge}`, echo])).last, "535 [secret]");
});

for (
  const [offered, wanted, expected] of [
    ["PLAIN LOGIN CRAM-MD5 XOAUTH2", undefined, "cram-md5"],
    ["XOAUTH2 LOGIN PLAIN", undefined, "plain"],
    ["XOAUTH2 LOGIN", undefined, "login"],
    ["XOAUTH2 GSSAPI", undefined, undefined],
    ["XOAUTH2 PLAIN", "xoauth2", "xoauth2"],
    ["CRAM-MD5 PLAIN", "plain", "plain"],
    ["CRAM-MD5 PLAIN", "login", undefined],
    ["", undefined, undefined],
  ] as const
) {
  Deno.test(`chooseMechanism() of "${offered}", ${wanted ?? "nothing"} asked for: ${expected}`, () => {
    assert.equal(chooseMechanism(new Set(offered.split(" ")), wanted), expected);
  });
}

Deno.test("secretsOf() is the password in every form in which a server gets it", () => {
  assert.deepEqual(
    new Set(secretsOf(CREDENTIALS)),
    new Set([
      "geheim",
      btoa("geheim"),
      btoa("\0ann\0geheim"),
      btoa("user=ann\x01auth=Bearer geheim\x01\x01"),
    ]),
  );
});
