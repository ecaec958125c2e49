import assert from "node:assert/strict";
import { ScriptedServer } from "../support/scripted_server.ts";
import { BYE, CHUNK, HELLO, LENGTH, OK } from "./chunking_dialogues.ts";
import { free, mailTo, openLane, outline } from "./fixtures.ts";

const a = mailTo("a@b.test");
const b = mailTo("b@b.test");
const c = mailTo("c@b.test");

Deno.test("Chunking widens its window over a distance, also where answers come several at once", async () => {
  const mails = 60;
  await using server = new ScriptedServer(async (peer) => {
    const far = () => new Promise((resolve) => setTimeout(resolve, 40));
    await peer.reply("220 mx.test");
    await peer.line().then(far);
    await peer.reply("250-mx.test", "250-PIPELINING", "250 CHUNKING");
    const answers: string[] = [];
    for (let line; (line = await peer.line()) !== undefined;) {
      if (line.startsWith("BDAT")) await peer.bytes(LENGTH);
      if (line === "QUIT") return await peer.reply("221 bye");
      answers.push("250 ok");
      // All that has been answered meanwhile arrives together.
      if (answers.length === 1) void far().then(() => peer.reply(...answers.splice(0)));
    }
  });
  const lane = await openLane(server.port);
  let most = 0;
  let underWay = 0;
  const attempts = [];
  for (let mail = 0; mail < mails; mail++) {
    await lane.ready();
    most = Math.max(most, ++underWay);
    attempts.push(lane.send(a, free).then(() => underWay--));
  }
  await Promise.all(attempts);
  await lane.close();
  assert.ok(most >= 20, `${most} under way`);
});

Deno.test("Chunking has one mail under way, and sends no RSET, from the moment its most says one", async () => {
  let most = Infinity;
  await using server = new ScriptedServer(
    `${HELLO}${CHUNK("a")}
     C: RSET
     ${CHUNK("b")}
     ${OK}
     S: 250 reset
     ${OK}
     ${CHUNK("c")}${OK}${CHUNK("a")}${OK}${BYE}`,
  );
  const lane = await openLane(server.port, { mostUnderWay: () => most });
  const attempts = [lane.send(a, free), lane.send(b, free)];
  most = 1;
  for (const mail of [c, a]) {
    assert.ok(await lane.ready());
    attempts.push(lane.send(mail, free));
  }
  assert.deepEqual((await Promise.all(attempts)).map(outline), new Array(4).fill("accepted 250"));
  await lane.close();
  await server.finished();
});
