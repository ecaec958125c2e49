import assert from "node:assert/strict";
import { free, mailTo, openClient, outline, play, sendAll, wire } from "./fixtures.ts";
import { BYE, CHUNK, ENVELOPE, hello, LENGTH, LET_IN, OK, WINDOW } from "./dialogues.ts";
import { ScriptedServer } from "../support/scripted_server.ts";

const HELLO = hello("PIPELINING", "CHUNKING");
// Servers whose replies show that they do not read what is pipelined to them.

const a = mailTo("a@b.test");
const b = mailTo("b@b.test");
const c = mailTo("c@b.test");
const BEHIND = "S: 503 Bad sequence of commands - pipelined after end of DATA\n";

Deno.test("DataGroups writes an envelope again that was refused after a final dot, and nothing after a dot from then on", async () => {
  const { outlines, written, client } = await play(
    `${hello("PIPELINING")}${ENVELOPE("a")}${LET_IN}C.
    ${ENVELOPE("b")}
    S: 250 queued as A
    ${BEHIND.repeat(3)}
    ${ENVELOPE("b")}${LET_IN}C.
    S: 250 queued as B
    ${ENVELOPE("c")}${LET_IN}C.
    S: 250 queued as C
    ${BYE}`,
    [a, b, c],
  );
  assert.deepEqual(outlines, ["accepted 250", "accepted 250", "accepted 250"]);
  assert.equal(client.refusesBehindDot, true);
  const envelope = (who: string) => `MAIL FROM:<s@a.test>\nRCPT TO:<${who}@b.test>\nDATA\n`;
  const body = "Subject: x\n~\nHello\n.\n";
  assert.equal(
    written,
    wire(
      `EHLO client.test\n${envelope("a")}${body}${envelope("b")}${envelope("b")}${body}${
        envelope("c")
      }${body}QUIT`,
    ),
  );
});

Deno.test("DataGroups writes nothing after a dot to a host that is known to refuse it, and waits for each reply", async () => {
  await using server = new ScriptedServer(async (peer) => {
    await peer.play(`${hello("PIPELINING")}${ENVELOPE("a")}${LET_IN}C.`);
    const next = peer.line();
    const early = await Promise.race([next, new Promise((pass) => setTimeout(pass, 50, "none"))]);
    assert.equal(early, "none");
    await peer.reply("250 A");
    assert.equal(await next, "MAIL FROM:<s@a.test>");
    await peer.play(`C: RCPT TO:<b@b.test>\nC: DATA\n${LET_IN}C.\nS: 250 B\n${BYE}`);
  });
  const client = await openClient(server.port, { behindDot: false });
  const attempts = [a, b].map((mail) => client.send(mail, free));
  assert.deepEqual((await Promise.all(attempts)).map(outline), ["accepted 250", "accepted 250"]);
  await client.close();
  await server.finished();
});

Deno.test("DataGroups also takes a MAIL that is refused on its own at its word", async () => {
  const { outlines } = await play(
    `${hello("PIPELINING")}${ENVELOPE("a")}${LET_IN}C.
    ${ENVELOPE("b")}
    S: 250 queued as A
    ${BEHIND.repeat(3)}
    ${ENVELOPE("b")}
    S: 503 no more mails on this connection
    S: 503 MAIL first
    S: 503 MAIL first
    ${BYE}`,
    [a, b],
  );
  assert.deepEqual(outlines, ["accepted 250", "refused mail 503"]);
});

for (
  const [sentence, replies] of [
    ["550 to MAIL", "550 no|503 no|503 no"],
    ["450 to MAIL", "450 no|503 no|503 no"],
  ] as const
) {
  Deno.test(`DataGroups does not write an envelope again after ${sentence} after a dot`, async () => {
    const { outlines, client } = await play(
      `${hello("PIPELINING")}${ENVELOPE("a")}${LET_IN}C.
      ${ENVELOPE("b")}
      S: 250 queued as A
      ${replies.split("|").map((reply) => `S: ${reply}`).join("\n")}
      ${BYE}`,
      [a, b],
    );
    assert.deepEqual(outlines, ["accepted 250", `refused mail ${replies.slice(0, 3)}`]);
    assert.equal(client.refusesBehindDot, false);
  });
}

for (
  const [sentence, replies, expected] of [
    ["RCPT is out of order", "250 ok|503 no|503 no", "broken rcpt out-of-step"],
    ["DATA is out of order", "250 ok|250 ok|503 no", "broken data out-of-step"],
    ["DATA is not known", "250 ok|250 ok|500 what?", "broken data out-of-step"],
  ] as const
) {
  Deno.test(`DataGroups refuses nobody where ${sentence}: the replies do not fit`, async () => {
    const { outlines, client } = await play(
      `${hello("PIPELINING")}${ENVELOPE("a")}
      ${replies.split("|").map((reply) => `S: ${reply}`).join("\n")}`,
      [a],
    );
    assert.deepEqual(outlines, [expected]);
    assert.equal(client.end?.kind === "broken" && client.end.cause, "out-of-step");
  });
}

Deno.test("DataGroups treats 500 and 501 to RCPT as refusals of the address", async () => {
  for (const code of [500, 501]) {
    const { outlines } = await play(
      `${hello("PIPELINING")}${ENVELOPE("a")}
      S: 250 ok
      S: ${code} syntax
      S: 503 no recipient
      ${BYE}`,
      [a],
    );
    assert.deepEqual(outlines, [`refused rcpt ${code}`]);
  }
});

Deno.test("LockStep pipelines nothing, so a 503 to RCPT is taken at its word", async () => {
  const { outlines } = await play(
    `${hello()}
    C: MAIL FROM:<s@a.test>
    S: 250 ok
    C: RCPT TO:<a@b.test>
    S: 503 log in first
    ${BYE}`,
    [a],
  );
  assert.deepEqual(outlines, ["refused rcpt 503"]);
});

// What go-smtp does with a chunk whose RCPT it has refused: it reads the octets as commands, and closes after four errors.
const JUNK = "S: 500 5.5.2 Syntax errors, SUBJECT: command unrecognized\n";

Deno.test("Chunking puts no mail in doubt if the server read a chunk as commands, refused all of it and closed", async () => {
  const { outlines, client } = await play(
    `${HELLO}
    ${WINDOW("a", "b", "c")}
    ${OK}
    S: 250 reset
    S: 250 ok
    S: 550 who?
    S: 502 5.5.1 Missing RCPT TO command.
    ${JUNK.repeat(4)}
    S: 500 5.5.1 Too many errors. Quiting now
    !sleep 20
    !close`,
    [a, b, c],
    { atOnce: true },
  );
  assert.deepEqual(outlines, ["accepted 250", "refused rcpt 550", "broken rset out-of-step"]);
  assert.equal(client.end?.kind === "broken" && client.end.cause, "out-of-step");
});

// Servers tolerate different numbers of errors; the replies then end at a different step of the following mails.
for (const errors of [1, 2, 3, 4, 5, 6]) {
  Deno.test(`Chunking has nobody of a wide window in doubt after a chunk that was read as commands: closed after ${errors} errors`, async () => {
    const behind = ["c", "d", "e", "f"];
    const { outlines } = await play(
      `${HELLO}
    ${WINDOW("a", "b", ...behind)}
    ${OK}
    S: 250 reset
    S: 250 ok
    S: 550 who?
    S: 502 5.5.1 Missing RCPT TO command.
    ${JUNK.repeat(errors - 1)}
    S: 500 5.5.1 Too many errors. Quiting now
    !sleep 20
    !close`,
      [a, b, ...behind.map((who) => mailTo(`${who}@b.test`))],
      { atOnce: true },
    );
    assert.deepEqual(outlines.slice(0, 2), ["accepted 250", "refused rcpt 550"]);
    assert.deepEqual(outlines.filter((outline) => outline.endsWith("handed-over")), []);
  });
}

Deno.test("Chunking writes nothing more when the replies are out of step", async () => {
  await using server = new ScriptedServer(async (peer) => {
    await peer.play(`${HELLO}${CHUNK("a")}
      S: 250 ok
      S: 550 who?
      S: 502 Missing RCPT TO command
      S: 500 unrecognized`);
    assert.equal(await peer.line(), undefined, "the end of the connection");
  });
  const client = await openClient(server.port);
  assert.equal(outline(await client.send(a, free)), "refused rcpt 550");
  await server.finished();
  assert.equal(await client.ready(), false);
  assert.equal(outline(await client.send(b, free)), "broken mail closed");
});

for (
  const [sentence, rest] of [
    ["of whom the server has accepted something", "S: 250 ok\n!close"],
    ["of whom it says no more", "!stall"],
  ] as const
) {
  Deno.test(`Chunking has a mail in doubt after a misfit ${sentence}`, async () => {
    await using server = new ScriptedServer(
      `${HELLO}
      ${WINDOW("a", "b")}
      S: 250 ok
      S: 550 who?
      S: 502 no
      S: 500 what?
      ${rest}`,
    );
    const client = await openClient(server.port, { timeouts: { closing: 50 } });
    assert.deepEqual(await sendAll(client, [a, b]), [
      "refused rcpt 550",
      "broken rset out-of-step handed-over",
    ]);
  });
}

Deno.test("Chunking puts no mail in doubt if a server offers CHUNKING but does not know BDAT", async () => {
  const { outlines } = await play(
    `${HELLO}
    C: MAIL FROM:<s@a.test>
    C: RCPT TO:<a@b.test>
    C: BDAT ${LENGTH} LAST
    C#${LENGTH}
    S: 250 ok
    S: 250 ok
    S: 500 what?`,
    [a],
  );
  assert.deepEqual(outlines, ["broken body out-of-step"]);
});

Deno.test("SmtpClient.ready() lets in no mail once the reply to a chunk does not fit", async () => {
  await using server = new ScriptedServer(`${HELLO}${CHUNK("a")}
    S: 250 ok
    S: 250 ok
    S: 503 what?`);
  const client = await openClient(server.port, { window: 1 });
  const attempt = client.send(a, free);
  const ready = client.ready();
  assert.equal(outline(await attempt), "broken body out-of-step");
  assert.equal(await ready, false);
  await client.close();
  await server.finished();
});

/** Nothing more is written to a server that has sent 421, and its replies are still not about the mail. */
for (
  const [sentence, after, expected] of [
    ["says 421 and closes", "", "broken mail closed"],
    ["says 421 and then a reply too many", "S: 250 what?", "broken mail out-of-step"],
  ] as const
) {
  Deno.test(`DataGroups fails nobody for an envelope that was refused after a dot if the server ${sentence}`, async () => {
    const { outlines } = await play(
      `${hello("PIPELINING")}${ENVELOPE("a")}${LET_IN}
      C.
      ${ENVELOPE("b")}
      S: 421 bye
      S: 501 what?
      S: 503 what?
      S: 503 what?
      ${after}`,
      [a, b],
    );
    assert.deepEqual(outlines, ["refused body 421", expected]);
  });
}
