import assert from "node:assert/strict";
import { free, mailTo, openClient, outline, play, wire } from "./fixtures.ts";
import { BYE, CHUNK, hello, LET_IN, OK, WINDOW } from "./dialogues.ts";
import { ScriptedServer } from "../support/scripted_server.ts";

const HELLO = hello("PIPELINING", "CHUNKING");
const a = mailTo("a@b.test");
const b = mailTo("b@b.test");
const c = mailTo("c@b.test");

Deno.test("Chunking writes a window of mails before the first answer, RSET between them, byte for byte", async () => {
  const { outlines, written } = await play(
    `${HELLO}
    ${WINDOW("a", "b", "c")}
    ${OK}
    S: 250 reset
    ${OK}
    S: 250 reset
    ${OK}
    ${BYE}`,
    [a, b, c],
    { atOnce: true },
  );
  assert.deepEqual(outlines, ["accepted 250", "accepted 250", "accepted 250"]);
  const one = (who: string) => `
    MAIL FROM:<s@a.test>
    RCPT TO:<${who}@b.test>
    BDAT 21 LAST
    Subject: x
    ~
    Hello
  `;
  assert.equal(
    written,
    wire(`EHLO client.test\n${one("a")}RSET\n${one("b")}RSET\n${one("c")}QUIT`),
  );
});

Deno.test("Chunking begins with two mails in flight, and writes the next one when the first is answered", async () => {
  const { outlines } = await play(
    `${HELLO}
    ${WINDOW("a", "b")}
    ${OK}
    C: RSET
    ${CHUNK("c")}
    S: 250 reset
    ${OK}
    S: 250 reset
    ${OK}
    ${BYE}`,
    [a, b, c],
  );
  assert.deepEqual(outlines, ["accepted 250", "accepted 250", "accepted 250"]);
});

Deno.test("SmtpClient without CHUNKING uses DATA even if the server offers it", async () => {
  const { outlines } = await play(
    `${HELLO}
    C: MAIL FROM:<s@a.test>
    C: RCPT TO:<a@b.test>
    C: DATA
    ${LET_IN}
    C.
    S: 250 queued
    ${BYE}`,
    [a],
    { chunking: false },
  );
  assert.deepEqual(outlines, ["accepted 250"]);
});

Deno.test("Chunking sends no RSET if the previous mail has been answered and accepted", async () => {
  await using server = new ScriptedServer(
    `${HELLO}${CHUNK("a")}${OK}${CHUNK("b")}${OK}${BYE}`,
  );
  const client = await openClient(server.port);
  assert.equal(outline(await client.send(a, free)), "accepted 250");
  assert.equal(outline(await client.send(b, free)), "accepted 250");
  await client.close();
  await server.finished();
});

Deno.test("Chunking sends bytes unchanged: no dot is stuffed, and none ends the mail", async () => {
  const text = ".\r\n..\r\n.QUIT\r\n";
  const { written } = await play(
    `${HELLO}
    C: MAIL FROM:<s@a.test>
    C: RCPT TO:<a@b.test>
    C: BDAT ${text.length} LAST
    C#${text.length}
    ${OK}${BYE}`,
    [mailTo("a@b.test", text)],
  );
  assert.ok(written.endsWith(`BDAT ${text.length} LAST\r\n${text}QUIT\r\n`));
});

for (
  const [name, replies, expected] of [
    ["RCPT refused and BDAT answered 503", "250 ok|550 who?|503 no", "refused rcpt 550"],
    ["RCPT refused and BDAT answered 554", "250 ok|450 grey|554 no", "refused rcpt 450"],
    ["RCPT refused and BDAT answered 250", "250 ok|550 who?|250 ok", "refused rcpt 550"],
    ["MAIL refused", "550 no|503 no|503 no", "refused mail 550"],
    ["BDAT refused", "250 ok|250 ok|554 spam", "refused body 554"],
    ["BDAT deferred", "250 ok|250 ok|452 full", "refused body 452"],
  ] as const
) {
  Deno.test(`Chunking leaves the neighbours whole: ${name}`, async () => {
    const { outlines } = await play(
      `${HELLO}
      ${WINDOW("a", "b", "c")}
      ${OK}
      S: 250 reset
      ${replies.split("|").map((reply) => `S: ${reply}`).join("\n")}
      S: 250 reset
      ${OK}
      ${BYE}`,
      [a, b, c],
      { atOnce: true },
    );
    assert.deepEqual(outlines, ["accepted 250", expected, "accepted 250"]);
  });
}

Deno.test("Chunking resets before the next mail when the last one was refused", async () => {
  await using server = new ScriptedServer(`${HELLO}
    ${CHUNK("a")}
    S: 250 ok
    S: 550 who?
    S: 503 no
    C: RSET
    ${CHUNK("b")}
    S: 250 reset
    ${OK}
    ${CHUNK("c")}
    ${OK}
    ${BYE}`);
  const client = await openClient(server.port);
  const outlines = [];
  for (const mail of [a, b, c]) outlines.push(outline(await client.send(mail, free)));
  assert.deepEqual(outlines, ["refused rcpt 550", "accepted 250", "accepted 250"]);
  await client.close();
  await server.finished();
});

Deno.test("Chunking puts a mail in doubt that was accepted after MAIL had been refused", async () => {
  const { outlines } = await play(
    `${HELLO}
    ${WINDOW("a", "b")}
    S: 503 nested MAIL
    S: 250 ok
    S: 250 queued`,
    [a, b],
  );
  assert.deepEqual(outlines, [
    "broken body out-of-step handed-over",
    "broken rset out-of-step handed-over",
  ]);
});

Deno.test("Chunking says that all mails written are in doubt when the connection ends without a word", async () => {
  const { outlines } = await play(
    `${HELLO}
    ${WINDOW("a", "b", "c")}
    ${OK}
    S: 250 reset
    S: 250 ok
    !close`,
    [a, b, c],
    { atOnce: true },
  );
  assert.deepEqual(outlines, [
    "accepted 250",
    "broken rcpt closed handed-over",
    "broken rset closed handed-over",
  ]);
});

Deno.test("Chunking puts no mail in doubt after a 421, as the server does nothing more (RFC 5321, 3.8)", async () => {
  const { outlines, client } = await play(
    `${HELLO}
    ${WINDOW("a", "b", "c")}
    ${OK}
    S: 250 reset
    S: 421 4.7.0 too many messages
    !close`,
    [a, b, c],
    { atOnce: true },
  );
  assert.deepEqual(outlines, ["accepted 250", "refused mail 421", "broken rset closed"]);
  assert.equal(client.end?.kind, "dismissed");
});

Deno.test("Chunking continues to read after a 421, as long as the server continues to answer", async () => {
  const { outlines } = await play(
    `${HELLO}
    ${WINDOW("a", "b")}
    S: 250 ok
    S: 421 not this one
    S: 503 no
    S: 250 reset
    ${OK}`,
    [a, b],
    { timeouts: { closing: 100 } },
  );
  assert.deepEqual(outlines, ["refused rcpt 421", "accepted 250"]);
});

Deno.test("SmtpClient.ready() admits no more mails than the window allows, and calls their hand-overs", async () => {
  await using server = new ScriptedServer(`${HELLO}!stall`);
  const client = await openClient(server.port, { window: 2 });
  let handedOver = 0;
  const attempts = [a, b].map((mail) => client.send(mail, () => void handedOver++));
  const ready = client.ready();
  assert.equal(
    await Promise.race([ready, new Promise((resolve) => setTimeout(resolve, 50, "no"))]),
    "no",
  );
  assert.equal(handedOver, 2);
  client.destroy();
  assert.equal(await ready, false);
  assert.deepEqual((await Promise.all(attempts)).map(outline), [
    "broken mail cancelled handed-over",
    "broken rset cancelled handed-over",
  ]);
});
