import assert from "node:assert/strict";
import { TestCampaign } from "../support/campaigns.ts";
import { runProgram } from "../support/program.ts";
import { Haraka } from "./haraka.ts";

Deno.test("Haraka, which refuses commands after a final dot, gets 1,000 mails once each, with nobody in doubt and a single message", async () => {
  await using server = await Haraka.start();
  await using campaign = await TestCampaign.make(1_000);
  const { code, stderr } = await runProgram(["send", ...campaign.args, "--smtp", server.url], {
    cwd: campaign.folder,
  });
  assert.equal(code, 0, stderr);
  assert.deepEqual((await server.taken()).toSorted(), campaign.recipients.toSorted());
  const states = await campaign.byState();
  assert.deepEqual([...states.keys()], ["sent"]);
  assert.equal(stderr.match(/refuses commands after the end of a mail/g)?.length, 1, stderr);
});
