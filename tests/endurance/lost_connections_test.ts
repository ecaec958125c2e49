import assert from "node:assert/strict";
import { assertNobodyLostOrTwice, reckon, TestCampaign } from "../support/campaigns.ts";
import { CHUNKS, CountingServer, GROUPS } from "../support/counting_server.ts";
import { runProgram } from "../support/program.ts";

const CONNECTIONS = 10;
/** A first loss, and a second one, after which the relay gets DATA. */
const LOSSES = 2;

for (const [name, extensions] of [["chunks", CHUNKS], ["groups of DATA", GROUPS]] as const) {
  for (const [closesAfter, mails] of [[1, 800], [20, 3_000]] as const) {
    Deno.test(`With ${name}, a server that closes silently after ${closesAfter} mails gets all, with at most two mails per connection in doubt after each loss`, async () => {
      await using server = await CountingServer.start({ extensions, closesAfter, events: true });
      await using campaign = await TestCampaign.make(mails);
      const args = ["send", ...campaign.args, "--smtp", server.url];
      const { code, stderr } = await runProgram(
        [...args, "--connections", String(CONNECTIONS)],
        { cwd: campaign.folder },
      );
      const reckoning = await reckon(campaign, await server.accepted());
      assertNobodyLostOrTwice(reckoning);
      const doubts = reckoning.inDoubt.length;
      const most = extensions === CHUNKS ? LOSSES * 2 * CONNECTIONS : 0;
      assert(doubts <= most, `${doubts} in doubt`);
      assert.equal(code, doubts === 0 ? 0 : 1, stderr);
      // Once the number is known, each connection carries that many.
      const opened = (await server.log()).filter(({ what }) => what === "connect").length;
      assert(opened <= mails / closesAfter + 6 * CONNECTIONS, `${opened} connections`);
    });
  }
}
