import assert from "node:assert/strict";
import { settled } from "./fake_clock.ts";
import { FakeConn } from "./fake_conn.ts";
import { free, mailTo, outline, play, wire } from "./fixtures.ts";
import { BYE, hello } from "./dialogues.ts";
import { clientOver, GROUPS, LOCK_STEP } from "./client_over.ts";

const HELLO = hello("SIZE 1000");
const SIZE = 21;
const a = mailTo("a@b.test");
const b = mailTo("b@b.test");

const WHOLE = (who: string) => `
  C: MAIL FROM:<s@a.test> SIZE=${SIZE}
  S: 250 ok
  C: RCPT TO:<${who}@b.test>
  S: 250 ok
  C: DATA
  S: 354 go
  C.
  S: 250 queued
`;

Deno.test("LockStep says one command at a time, byte for byte", async () => {
  const { outlines, written } = await play(`${HELLO}${WHOLE("a")}${WHOLE("b")}${BYE}`, [a, b]);
  assert.deepEqual(outlines, ["accepted 250", "accepted 250"]);
  assert.equal(
    written,
    wire(`
      EHLO client.test
      MAIL FROM:<s@a.test> SIZE=21
      RCPT TO:<a@b.test>
      DATA
      Subject: x
      ~
      Hello
      .
      MAIL FROM:<s@a.test> SIZE=21
      RCPT TO:<b@b.test>
      DATA
      Subject: x
      ~
      Hello
      .
      QUIT
    `),
  );
});

Deno.test("LockStep speaks HELO after EHLO was answered 502, and uses no extension", async () => {
  const { outlines, written } = await play(
    `
    S: 220 old.test
    C: EHLO client.test
    S: 502 what?
    C: HELO client.test
    S: 250 old.test
    C: MAIL FROM:<s@a.test>
    S: 250 ok
    C: RCPT TO:<a@b.test>
    S: 250 ok
    C: DATA
    S: 354 go
    C.
    S: 250 queued
    ${BYE}`,
    [a],
  );
  assert.deepEqual(outlines, ["accepted 250"]);
  assert.ok(!written.includes("SIZE"));
});

for (
  const [name, first, expected] of [
    ["MAIL", `C: MAIL FROM:<s@a.test> SIZE=${SIZE}\nS: 450 later`, "refused mail 450"],
    [
      "RCPT",
      `C: MAIL FROM:<s@a.test> SIZE=${SIZE}\nS: 250 ok\nC: RCPT TO:<a@b.test>\nS: 550 5.1.1 who?
       C: RSET\nS: 250 ok`,
      "refused rcpt 550",
    ],
    [
      "DATA",
      `C: MAIL FROM:<s@a.test> SIZE=${SIZE}\nS: 250 ok\nC: RCPT TO:<a@b.test>\nS: 250 ok\nC: DATA\nS: 451 disk
       C: RSET\nS: 250 ok`,
      "refused data 451",
    ],
    [
      "the body",
      WHOLE("a").replace("250 queued", "554 5.7.1 spam"),
      "refused body 554",
    ],
  ] as const
) {
  Deno.test(`LockStep continues with the next mail after ${name} was refused`, async () => {
    const { outlines } = await play(`${HELLO}${first}${WHOLE("b")}${BYE}`, [a, b]);
    assert.deepEqual(outlines, [expected, "accepted 250"]);
  });
}

Deno.test("LockStep is used if the consumer asks for it, although PIPELINING is offered", async () => {
  const both = hello("PIPELINING", "SIZE 1000");
  const { outlines } = await play(`${both}${WHOLE("a")}${BYE}`, [a], { lockStep: true });
  assert.deepEqual(outlines, ["accepted 250"]);
});

Deno.test("LockStep sends RSET once after a refusal that leaves a transaction open, and not before later mails", async () => {
  const conn = new FakeConn();
  const client = clientOver(conn, LOCK_STEP);
  const codes = [250, 550, 250, 250, 250, 354, 250, 250, 250, 354, 250];
  const attempts = [client.send(a, free), client.send(b, free)];
  void client.ready().then(() => attempts.push(client.send(a, free)));
  for (const code of codes) {
    await settled();
    conn.say(`${code} x\r\n`);
  }
  assert.deepEqual((await Promise.all(attempts)).map(outline), [
    "refused rcpt 550",
    "accepted 250",
    "accepted 250",
  ]);
  const verbs = conn.writes.map((write) => write.slice(0, 4));
  const whole = ["MAIL", "RCPT", "DATA", "Subj"];
  assert.deepEqual(verbs, ["MAIL", "RCPT", "RSET", ...whole, ...whole]);
  client.destroy();
});

for (const [name, offers] of [["LockStep", LOCK_STEP], ["DataGroups", GROUPS]] as const) {
  Deno.test(`${name} writes a body as soon as its hand-over is on record, and no sooner`, async () => {
    const conn = new FakeConn();
    const client = clientOver(conn, offers);
    const recorded = Promise.withResolvers<void>();
    const attempt = client.send(a, () => recorded.promise);
    for (const code of [250, 250, 354]) {
      await settled();
      conn.say(`${code} x\r\n`);
    }
    await settled();
    assert.ok(!conn.writes.join("").includes("Hello"));
    recorded.resolve();
    await settled();
    assert.ok(conn.writes.at(-1)!.endsWith("Hello\r\n.\r\n"));
    conn.say("250 x\r\n");
    assert.equal(outline(await attempt), "accepted 250");
    client.destroy();
  });
}
