import assert from "node:assert/strict";
import { free, mailTo, openClient, outline, play, wire } from "./fixtures.ts";
import { BYE, ENVELOPE, hello, LET_IN } from "./dialogues.ts";
import { ScriptedServer } from "../support/scripted_server.ts";

const HELLO = hello("PIPELINING");

const a = mailTo("a@b.test");
const b = mailTo("b@b.test");
const c = mailTo("c@b.test");

Deno.test("DataGroups writes the next envelope after the body, and QUIT at the end, byte for byte", async () => {
  const { outlines, written } = await play(
    `${HELLO}
    ${ENVELOPE("a")}
    ${LET_IN}
    C.
    ${ENVELOPE("b")}
    S: 250 queued as A
    ${LET_IN}
    C.
    S: 250 queued as B
    ${BYE}`,
    [a, b],
  );
  assert.deepEqual(outlines, ["accepted 250", "accepted 250"]);
  assert.equal(
    written,
    wire(`
      EHLO client.test
      MAIL FROM:<s@a.test>
      RCPT TO:<a@b.test>
      DATA
      Subject: x
      ~
      Hello
      .
      MAIL FROM:<s@a.test>
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

Deno.test("DataGroups sends body and next envelope in one write, so that a mail costs one round trip", async () => {
  await using server = new ScriptedServer(async (peer) => {
    await peer.play(HELLO);
    await peer.play(ENVELOPE("a"));
    await peer.reply("250 ok", "250 ok", "354 go");
    // Nothing is answered before all of this is here: a client that waited would wait forever.
    await peer.body();
    await peer.play(ENVELOPE("b"));
    await peer.reply("250 A", "250 ok", "250 ok", "354 go");
    await peer.body();
    await peer.play(ENVELOPE("c"));
    await peer.reply("250 B", "250 ok", "250 ok", "354 go");
    await peer.body();
    await peer.reply("250 C");
    await peer.play(BYE);
  });
  const client = await openClient(server.port);
  const attempts = [a, b, c].map((mail) => client.send(mail, free));
  const texts = (await Promise.all(attempts)).map((attempt) =>
    attempt.kind === "accepted" ? attempt.reply.text : attempt.kind
  );
  assert.deepEqual(texts, ["A", "B", "C"]);
  await client.close();
  await server.finished();
});

Deno.test("DataGroups never waits for the next mail: a body is sent alone, and the envelope follows later", async () => {
  await using server = new ScriptedServer(`${HELLO}
    ${ENVELOPE("a")}
    ${LET_IN}
    C.
    S: 250 queued as A
    ${ENVELOPE("b")}
    ${LET_IN}
    C.
    S: 250 queued as B
    ${BYE}`);
  const client = await openClient(server.port);
  assert.equal(outline(await client.send(a, free)), "accepted 250");
  assert.equal(outline(await client.send(b, free)), "accepted 250");
  await client.close();
  await server.finished();
});

Deno.test("DataGroups lets a mail join the group while the hand-over of the one before is recorded", async () => {
  await using server = new ScriptedServer(`${HELLO}
    ${ENVELOPE("a")}
    ${LET_IN}
    C.
    ${ENVELOPE("b")}
    S: 250 A
    S: 550 no
    S: 550 no
    S: 503 no
    ${BYE}`);
  const client = await openClient(server.port);
  const recorded = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const first = client.send(a, () => {
    asked.resolve();
    return recorded.promise;
  });
  await asked.promise;
  const second = client.send(b, free);
  recorded.resolve();
  assert.equal(outline(await first), "accepted 250");
  assert.equal(outline(await second), "refused mail 550");
  await client.close();
  await server.finished();
});

Deno.test("DataGroups ends with a lone dot if RCPT was refused but DATA accepted; RCPT's refusal stands", async () => {
  for (const answer of ["250 accepted", "554 no recipients", "451 hm"]) {
    const { outlines, written } = await play(
      `${HELLO}
      ${ENVELOPE("a")}
      S: 250 ok
      S: 550 5.1.1 who?
      S: 354 go
      C.
      ${ENVELOPE("b")}
      S: ${answer}
      ${LET_IN}
      C.
      S: 250 queued as B
      ${BYE}`,
      [a, b],
    );
    assert.deepEqual(outlines, ["refused rcpt 550", "accepted 250"], answer);
    assert.ok(written.includes("DATA\r\n.\r\nMAIL FROM"));
    assert.equal(written.split("Hello").length, 2);
  }
});

for (const answer of ["503 5.5.1 bad sequence", "554 no valid recipients"]) {
  Deno.test(`DataGroups resets after RCPT 550 and DATA ${answer.slice(0, 3)}, and the next mail is whole`, async () => {
    const { outlines, written } = await play(
      `${HELLO}
      ${ENVELOPE("a")}
      S: 250 ok
      S: 550 5.1.1 who?
      S: ${answer}
      C: RSET
      ${ENVELOPE("b")}
      S: 250 reset
      ${LET_IN}
      C.
      S: 250 queued as B
      ${BYE}`,
      [a, b],
    );
    assert.deepEqual(outlines, ["refused rcpt 550", "accepted 250"]);
    assert.ok(written.endsWith("Hello\r\n.\r\nQUIT\r\n"));
  });
}

Deno.test("DataGroups sends no RSET if MAIL was refused, as there is no transaction to end", async () => {
  const { outlines, written } = await play(
    `${HELLO}
    ${ENVELOPE("a")}
    S: 450 4.7.1 later
    S: 503 need MAIL
    S: 503 need RCPT
    ${ENVELOPE("b")}
    ${LET_IN}
    C.
    S: 250 ok
    ${BYE}`,
    [a, b],
  );
  assert.deepEqual(outlines, ["refused mail 450", "accepted 250"]);
  assert.ok(!written.includes("RSET"));
});

Deno.test("DataGroups keeps the first refusal of several", async () => {
  const { outlines } = await play(
    `${HELLO}
    ${ENVELOPE("a")}
    S: 250 ok
    S: 450 greylisted
    S: 554 no valid recipients
    ${BYE}`,
    [a],
  );
  assert.deepEqual(outlines, ["refused rcpt 450"]);
});

for (
  const [name, replies, expected] of [
    ["DATA was accepted after MAIL had been refused", "550 no|503 no|354 go", "refused mail 550"],
    ["DATA was answered 250", "250 ok|250 ok|250 ok", "broken data out-of-step"],
    ["DATA was answered 250 after a refusal", "250 ok|550 no|250 ok", "refused rcpt 550"],
    ["RCPT was answered 354", "250 ok|354 go|354 go", "broken rcpt out-of-step"],
    ["MAIL was answered 354", "354 ok|250 ok|354 go", "broken mail out-of-step"],
  ] as const
) {
  Deno.test(`DataGroups writes no body and drops the connection when ${name}`, async () => {
    await using server = new ScriptedServer(`${HELLO}
      ${ENVELOPE("a")}
      ${replies.split("|").map((reply) => `S: ${reply}`).join("\n")}`);
    const client = await openClient(server.port);
    const attempts = await Promise.all([client.send(a, free), client.send(b, free)]);
    assert.deepEqual(attempts.map(outline), [expected, "broken mail out-of-step"]);
    assert.equal(await client.ready(), false);
    assert.equal(client.end?.kind, "broken");
    await server.finished();
    assert.ok(server.written().endsWith("DATA\r\n"));
    await client.close();
  });
}

Deno.test("DataGroups drops the connection when RSET is refused; the next mail is not handed over", async () => {
  const { outlines } = await play(
    `${HELLO}
    ${ENVELOPE("a")}
    S: 250 ok
    S: 550 who?
    S: 503 no
    C: RSET
    ${ENVELOPE("b")}
    S: 500 what?
    ${LET_IN}`,
    [a, b],
  );
  assert.deepEqual(outlines, ["refused rcpt 550", "broken rset out-of-step"]);
});

Deno.test("DataGroups stuffs dots and leaves dots inside lines alone, byte for byte", async () => {
  const text = ".x\r\n.\r\na.b\r\nMAIL FROM:<evil@x.test>\r\n..\r\n";
  const { outlines, written } = await play(
    `${HELLO}
    ${ENVELOPE("a")}
    ${LET_IN}
    C.
    S: 250 ok
    ${BYE}`,
    [mailTo("a@b.test", text)],
  );
  assert.deepEqual(outlines, ["accepted 250"]);
  const sent = "..x\r\n..\r\na.b\r\nMAIL FROM:<evil@x.test>\r\n...\r\n.\r\nQUIT\r\n";
  assert.equal(written.slice(written.indexOf("DATA\r\n") + 6), sent);
});
