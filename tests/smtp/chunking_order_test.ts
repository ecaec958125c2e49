import assert from "node:assert/strict";
import { free, mailTo, openClient, outline, play } from "./fixtures.ts";
import { BYE, hello, LET_IN, OK, WINDOW } from "./dialogues.ts";
import { ScriptedServer } from "../support/scripted_server.ts";

const HELLO = hello("PIPELINING", "CHUNKING");
const a = mailTo("a@b.test");
const b = mailTo("b@b.test");

Deno.test("Chunking writes mails in their order, each only when its own hand-over is on record", async () => {
  await using server = new ScriptedServer(
    `${HELLO}${WINDOW("a", "b")}${OK}
     S: 250 reset
     ${OK}${BYE}`,
  );
  const client = await openClient(server.port);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const attempts = [client.send(a, () => first.promise), client.send(b, () => second.promise)];
  second.resolve();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(server.written(), "EHLO client.test\r\n");
  first.resolve();
  assert.deepEqual((await Promise.all(attempts)).map(outline), ["accepted 250", "accepted 250"]);
  await client.close();
  await server.finished();
});

Deno.test("a mail larger than any buffer goes out whole, with CHUNKING and without", async () => {
  const text = `Subject: x\r\n\r\n${".0123456789abcdef\r\n".repeat(40_000)}`;
  const big = mailTo("a@b.test", text);
  const chunked = await play(
    `${HELLO}
    C: MAIL FROM:<s@a.test>
    C: RCPT TO:<a@b.test>
    C: BDAT ${text.length} LAST
    C#${text.length}
    ${OK}${BYE}`,
    [big],
  );
  assert.deepEqual(chunked.outlines, ["accepted 250"]);
  assert.ok(chunked.written.endsWith(`LAST\r\n${text}QUIT\r\n`));
  const dotted = await play(
    `${hello("PIPELINING")}
    C: MAIL FROM:<s@a.test>
    C: RCPT TO:<a@b.test>
    C: DATA
    ${LET_IN}
    C.
    S: 250 queued
    ${BYE}`,
    [big],
  );
  assert.deepEqual(dotted.outlines, ["accepted 250"]);
  assert.ok(dotted.written.endsWith(`DATA\r\n${text.replaceAll("\r\n.", "\r\n..")}.\r\nQUIT\r\n`));
});

Deno.test("Chunking has a mail in doubt only when its last byte may have left", async () => {
  const text = `${"x".repeat(1_022)}\r\n`.repeat(16 * 1024);
  await using server = new ScriptedServer(async (peer) => {
    await peer.play(HELLO);
    await peer.bytes(100_000);
    peer.close();
  });
  const client = await openClient(server.port);
  const attempts = [client.send(mailTo("a@b.test", text), free), client.send(b, free)];
  assert.deepEqual((await Promise.all(attempts)).map(outline), [
    "broken mail closed",
    "broken rset closed",
  ]);
});

Deno.test("Chunking accepts a refusal in the middle of a chunk as its answer, and the next mail is not in doubt", async () => {
  const text = `${"x".repeat(1_022)}\r\n`.repeat(16 * 1024);
  await using server = new ScriptedServer(async (peer) => {
    await peer.play(HELLO);
    await peer.bytes(100_000);
    await peer.reply("250 ok", "250 ok", "552 5.3.4 too much");
    await peer.stall();
  });
  const client = await openClient(server.port);
  const attempts = [client.send(mailTo("a@b.test", text), free), client.send(b, free)];
  assert.deepEqual((await Promise.all(attempts)).map(outline), [
    "refused body 552",
    "broken rset closed",
  ]);
});
