import assert from "node:assert/strict";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import { rowsOf } from "../ledger/ledgers.ts";
import { relayAt } from "../smtp/fixtures.ts";
import { until } from "../support/until.ts";
import { Campaign } from "./campaign.ts";
import { FarServer } from "./far_server.ts";

/** Who would be in doubt if the process were killed now. */
async function handedOver(campaign: Campaign): Promise<number> {
  using ledger = openLedgerReader(campaign.ledger);
  return (await rowsOf(ledger, ["handed-over"])).length;
}

Deno.test("runCampaign() has at most 2 x connections + 50 mails handed over and unanswered, whatever --window allows", async () => {
  await using server = new FarServer(100);
  using campaign = new Campaign(600);
  // Of the ten connections requested, the relay allows one; the bound counts those that exist.
  const relays = [relayAt(server.port, { connections: 1 })];
  const sending = campaign.send([], { relays, connections: 10, window: 500 });
  // The window outgrows the bound while replies arrive, by one mail with each.
  await until("the window is larger than the bound", () => server.taken >= 400);
  server.hold();
  await until("the bound is reached", () => server.unanswered >= 52);
  await new Promise((next) => setTimeout(next, 100));
  assert.equal(server.unanswered, 52);
  assert.equal(await handedOver(campaign), 52);
  server.release();
  const { exitCode, tally } = await sending;
  assert.deepEqual([exitCode, tally.sent], [0, 600]);
});
