import assert from "node:assert/strict";
import { type Peer, ScriptedServer } from "../support/scripted_server.ts";
import { BYE, CHUNK, hello, LENGTH, OK, WINDOW } from "./dialogues.ts";
import { free, mailTo, openClient, outline } from "./fixtures.ts";

const HELLO = hello("PIPELINING", "CHUNKING");
const a = mailTo("a@b.test");
const b = mailTo("b@b.test");
const c = mailTo("c@b.test");

/** Replies from a server at the distance `far`: replies that accumulate on the way arrive together. */
async function answer(peer: Peer, far: () => Promise<unknown>): Promise<void> {
  const answers: string[] = [];
  for (let line; (line = await peer.line()) !== undefined;) {
    if (line.startsWith("BDAT")) await peer.bytes(LENGTH);
    if (line === "QUIT") return await peer.reply("221 bye");
    answers.push("250 ok");
    if (answers.length === 1) void far().then(() => peer.reply(...answers.splice(0)));
  }
}

/** The maximum number of mails in flight to a server that takes this many ms for EHLO, and for everything after it. */
async function mostUnderWay(ehloMs: number, replyMs: number): Promise<number> {
  const after = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await using server = new ScriptedServer(async (peer) => {
    await peer.reply("220 mx.test");
    await peer.line().then(() => after(ehloMs));
    await peer.reply("250-mx.test", "250-PIPELINING", "250 CHUNKING");
    await answer(peer, () => replyMs === 0 ? Promise.resolve() : after(replyMs));
  });
  const client = await openClient(server.port);
  let most = 0;
  let underWay = 0;
  const attempts = [];
  for (let mail = 0; mail < 60; mail++) {
    await client.ready();
    most = Math.max(most, ++underWay);
    attempts.push(client.send(a, free).then(() => underWay--));
  }
  await Promise.all(attempts);
  await client.close();
  return most;
}

Deno.test("Chunking widens its window over a distance, even if several answers arrive at once", async () => {
  const most = await mostUnderWay(40, 40);
  assert.ok(most >= 20, `${most} under way`);
});

Deno.test("Chunking keeps its window narrow if only EHLO was slow, as the replies show that the server is near", async () => {
  const most = await mostUnderWay(200, 0);
  assert.ok(most <= 12, `${most} under way`);
});

Deno.test("Chunking has one mail in flight, and sends no RSET, as soon as its limit is one", async () => {
  let most = Infinity;
  await using server = new ScriptedServer(
    `${HELLO}${WINDOW("a", "b")}
     ${OK}
     S: 250 reset
     ${OK}
     ${CHUNK("c")}${OK}${CHUNK("a")}${OK}${BYE}`,
  );
  const client = await openClient(server.port, { mostUnderWay: () => most });
  const attempts = [client.send(a, free), client.send(b, free)];
  most = 1;
  for (const mail of [c, a]) {
    assert.ok(await client.ready());
    attempts.push(client.send(mail, free));
  }
  assert.deepEqual((await Promise.all(attempts)).map(outline), new Array(4).fill("accepted 250"));
  await client.close();
  await server.finished();
});
