import assert from "node:assert/strict";
import { TestCampaign } from "../support/campaigns.ts";
import { runProgram } from "../support/program.ts";
import { ScriptedServer } from "../support/scripted_server.ts";

/** A C1 control that some terminals obey (CSI), and one that reverses the text, in UTF-8. */
const WORDS = "no \u009b31m\u202eyou";

/** Refuses everybody with these words. */
function refusing(): ScriptedServer {
  return new ScriptedServer(async (peer) => {
    await peer.reply("220 mx");
    for (let line; (line = await peer.line()) !== undefined;) {
      if (line.startsWith("EHLO")) await peer.reply("250 mx");
      else if (line.startsWith("RCPT")) await peer.reply(`550 5.7.1 ${WORDS}`);
      else if (line === "QUIT") return await peer.reply("221 bye");
      else await peer.reply("250 ok");
    }
  });
}

Deno.test("Every command shows a relay's replies without control characters, as text and as JSON", async () => {
  await using relay = refusing();
  await using campaign = await TestCampaign.make(2);
  const url = `smtp://127.0.0.1:${relay.port}?tls=off`;
  const commands: readonly (readonly [readonly string[], number])[] = [
    [campaign.sendTo(url, "--json"), 3],
    [campaign.sendTo(url), 3],
    [["status", "--ledger", "c.ledger"], 3],
    [["status", "--ledger", "c.ledger", "--json"], 3],
    [["export", "--ledger", "c.ledger", "--format", "jsonl"], 0],
    [["export", "--ledger", "c.ledger"], 0],
  ];
  let shown = "";
  for (const [args, expected] of commands) {
    const { code, stdout, stderr } = await runProgram(args, { cwd: campaign.folder });
    assert.equal(code, expected, stderr);
    assert.doesNotMatch(stdout + stderr, /[\u007f-\u009f\u202e]/, args.join(" "));
    shown += stdout + stderr;
  }
  assert.match(shown, /550 5\.7\.1 no /);
});
