import assert from "node:assert/strict";
import { ScriptedServer } from "../support/scripted_server.ts";
import { LENGTH } from "./chunking_dialogues.ts";
import { free, mailTo, openLane } from "./fixtures.ts";

const a = mailTo("a@b.test");

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
