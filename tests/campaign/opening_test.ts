/** What `runCampaign()` does before the first mail and after the last. */
import assert from "node:assert/strict";
import { tokenOfMessageId, VerpKey } from "../../src/compose/unsubscribe/verp.ts";
import { stateNumber } from "../../src/ledger/sqlite/state_numbers.ts";
import { InputError } from "../../src/model/input_error.ts";
import { RuleServer } from "../pipeline/relays.ts";
import { openAt, rowsOf } from "../ledger/ledgers.ts";
import { relayAt } from "../smtp/fixtures.ts";
import { openDatabase } from "../support/database.ts";
import { Campaign } from "./campaign.ts";
import { CapturingServer } from "./capturing_server.ts";

Deno.test("runCampaign() refuses to retry recipients if no run has left a ledger, and only then", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(2);
  const retry = { retry: { states: ["failed"], keys: [] }, retryAskedBy: "--retry" } as const;
  await assert.rejects(campaign.send([server.port], retry), (error) => {
    assert(error instanceof InputError);
    assert.match(error.message, /^--retry needs an earlier run/);
    return true;
  });
  assert.equal(server.connections, 0);
  await campaign.send([server.port]);
  assert.equal((await campaign.send([server.port], retry)).exitCode, 0);
});

Deno.test("runCampaign() asks about the plan it reported, and asks nothing if there is nobody to send to", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(1);
  const asked: unknown[] = [];
  const confirm = (plan: unknown) => Promise.resolve(asked.push(plan) > 1);
  const no = await campaign.send([server.port], {}, { confirm });
  assert.deepEqual(asked, campaign.told.plans);
  assert.deepEqual(no.stop, {
    kind: "cancelled",
    reason: "Cancelled: nothing was sent",
    hint: undefined,
  });
  assert.equal((await campaign.send([server.port], {}, { confirm })).sentNow, 1);
  assert.equal((await campaign.send([server.port], {}, { confirm })).exitCode, 0);
  assert.equal(asked.length, 2);
});

Deno.test("runCampaign() on a dry run counts what earlier runs sent", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(3);
  await campaign.send([server.port], { limit: 2 });
  const dry = await campaign.send([server.port], { dryRun: true });
  assert.deepEqual([dry.tally.sent, dry.sentNow, dry.exitCode], [2, 0, 0]);
});

const CHANGED = [3, /has changed since it was read$/] as const;

for (
  const [what, rows, limit, expected] of [
    ["says that the list has changed meanwhile", 1, undefined, CHANGED],
    ["that leaves out rows says nothing about a list that has changed", 2, 1, [0, /^$/]],
    ["whose --limit leaves out no row says that the list has changed", 1, 1, CHANGED],
  ] as const
) {
  Deno.test(`runCampaign() ${what}`, async () => {
    await using server = new RuleServer({ body: () => void campaign.list(3) });
    using campaign = new Campaign(rows);
    const { exitCode, stop } = await campaign.send([server.port], { limit });
    assert.equal(exitCode, expected[0]);
    assert.match(stop?.reason ?? "", expected[1]);
  });
}

Deno.test("runCampaign() makes return paths with the ledger's secret", async () => {
  await using server = new CapturingServer();
  using campaign = new Campaign(1);
  const verp = { local: "back", domain: "x.test" };
  await campaign.send([server.port], { verp });
  await using ledger = openAt(campaign.ledger);
  const [row] = await rowsOf(ledger);
  const token = new VerpKey(ledger.opened.verpSecret).tokenOf(tokenOfMessageId(row!.messageId!)!);
  assert.deepEqual(server.mails.map(({ sender }) => sender), [`back+${token}@x.test`]);
});

for (
  const [count, said] of [
    [1, "1 recipient had been handed over without a recorded reply and is in doubt"],
    [2, "2 recipients had been handed over without a recorded reply and are in doubt"],
  ] as const
) {
  Deno.test(`runCampaign() warns of recipients left in doubt by a run that ended abruptly: ${count}`, async () => {
    await using server = new RuleServer();
    using campaign = new Campaign(3);
    await campaign.send([server.port], { limit: 2 });
    assert.deepEqual(campaign.told.warnings, []);
    {
      using database = openDatabase(campaign.ledger);
      // As left by a process that is killed while these mails are under way.
      const state = stateNumber("handed-over");
      database.exec(`UPDATE recipient SET state = ${state} WHERE id <= ${count}`);
      database.exec("UPDATE tally SET exact = 0");
    }
    const { tally } = await campaign.send([server.port]);
    assert.deepEqual(campaign.told.warnings, [`The last run ended abruptly: ${said}`]);
    assert.deepEqual([tally.sent, tally.inDoubt], [3 - count, count]);
  });
}

Deno.test({
  name: "runCampaign() delivers mails to the sandbox while it runs, and then closes it",
  sanitizeResources: true,
  sanitizeOps: true,
  async fn() {
    await using server = new RuleServer();
    using campaign = new Campaign(4);
    const outbox = campaign.folder.file("outbox");
    const sandbox = relayAt(1, { name: "sandbox:", sandbox: true });
    const relays = [sandbox, relayAt(server.port)];
    const { exitCode, relays: names } = await campaign.send([], { relays, outbox, connections: 2 });
    assert.deepEqual([exitCode, names], [0, ["sandbox:", `127.0.0.1:${server.port}`]]);
    const kept = [...Deno.readDirSync(outbox)].filter(({ name }) => name.endsWith(".eml"));
    assert.ok(kept.length > 0 && server.accepted.length > 0);
    assert.equal(kept.length + server.accepted.length, 4);
  },
});

Deno.test("runCampaign() with a limit finishes the rows it took, and says how many are left", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(3);
  const { exitCode, state, notReached } = await campaign.send([server.port], { limit: 1 });
  assert.deepEqual([exitCode, state, notReached], [0, "stopped", 2]);
});
