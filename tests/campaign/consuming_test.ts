/** What `runCampaign()` passes to the consumers and their controllers; each test fails if an argument is missing. */
import assert from "node:assert/strict";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import type { Delivery } from "../../src/pipeline/consumer/delivery.ts";
import { RuleServer } from "../pipeline/relays.ts";
import { rowsOf } from "../ledger/ledgers.ts";
import { relayAt } from "../smtp/fixtures.ts";
import { until } from "../support/until.ts";
import { Campaign } from "./campaign.ts";
import { FarServer } from "./far_server.ts";

const LATER = "450 4.2.0 later";

/** Always defers the first recipient. */
function deferring(): RuleServer {
  return new RuleServer({
    rcpt: ({ recipient }) => recipient === "r1@x.test" ? LATER : undefined,
  });
}

Deno.test("runCampaign() tries as often as --retries says, and no longer than --retry-for", async () => {
  for (
    const [options, tries, reason] of [
      [{ retries: 0 }, 1, /given up after 1 try/],
      [{ retries: 1 }, 2, /given up after 2 tries/],
      [{ retries: 5, retryForMs: 1 }, 1, /given up: the time for retries is over/],
    ] as const
  ) {
    await using server = deferring();
    using campaign = new Campaign(6);
    // The relay accepted mail in another run, so it is not in doubt.
    await campaign.send([server.port], { only: ["r2@x.test"] });
    const { examples, tally } = await campaign.send([server.port], options);
    assert.deepEqual([tally.sent, tally.failed], [5, 1]);
    assert.match(examples[0]!.reason, reason);
    assert.equal(server.named.filter((one) => one === "r1@x.test").length, tries);
  }
});

for (
  const [what, firstRetryMs, most] of [
    ["five seconds by default", undefined, 5_000],
    ["what --retry-first says", 600_000, 600_000],
  ] as const
) {
  Deno.test(`runCampaign() pauses before the first retry for at most ${what}`, async () => {
    await using server = deferring();
    using campaign = new Campaign(3);
    const before = Date.now();
    await campaign.send([server.port], { wait: false, firstRetryMs });
    using ledger = openLedgerReader(campaign.ledger);
    const [row] = await rowsOf(ledger, ["deferred"]);
    // At least a sixth of it, counted from the reply.
    const due = row!.notBefore!;
    assert.ok(due >= before + most / 6 && due <= Date.now() + most, `${due - before} ms`);
  });
}

Deno.test("runCampaign() fails those deferred too often if the relay accepted mail in an earlier run, and otherwise leaves them deferred", async () => {
  for (const hadTaken of [false, true]) {
    await using good = new RuleServer();
    await using busy = new RuleServer({ rcpt: () => LATER });
    using campaign = new Campaign(2);
    if (hadTaken) await campaign.send([good.port], { limit: 1 });
    const { tally } = await campaign.send([busy.port], { retries: 0, wait: false });
    assert.deepEqual([tally.failed, tally.deferred], hadTaken ? [1, 0] : [0, 2]);
  }
});

Deno.test("runCampaign() opens as many connections as are asked for and the relay allows", async () => {
  for (const [connections, allowed, most] of [[1, undefined, 1], [4, undefined, 4], [4, 2, 2]]) {
    await using server = new RuleServer({
      body: async ({ server: { accepted, mostOpen } }) => {
        // The first mail goes alone; then all connections open, with a moment to spare for more.
        if (accepted.length > 0 && mostOpen < most!) {
          await until("all have come", () => server.mostOpen >= most!, 5_000);
        }
        await new Promise((next) => setTimeout(next, 5));
        return undefined;
      },
    });
    using campaign = new Campaign(80);
    const relays = [relayAt(server.port, { connections: allowed })];
    await campaign.send([], { relays, connections: connections! });
    assert.equal(server.mostOpen, most);
    assert.deepEqual(campaign.told.progress.at(-1)!.connections, { allowed: most, wanted: most });
  }
});

Deno.test("runCampaign() opens a new connection after --max-per-connection mails", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(7);
  await campaign.send([server.port], { connections: 1, maxPerConnection: 2 });
  assert.equal(server.connections, 4);
  await using one = new RuleServer();
  using other = new Campaign(7);
  await other.send([one.port], { connections: 1, maxPerConnection: 0 });
  assert.equal(one.connections, 1);
});

Deno.test("runCampaign() has no more mails under way on a connection than --window allows", async () => {
  for (const [window, most] of [[1, 1], [3, 3]]) {
    await using server = new FarServer(20);
    using campaign = new Campaign(20);
    await campaign.send([server.port], { connections: 1, window: window! });
    assert.equal(server.mostUnanswered, most);
  }
});

Deno.test("runCampaign() reports each recipient's outcome, and the totals at the end", async () => {
  await using server = new RuleServer({
    rcpt: ({ recipient }) => recipient === "r2@x.test" ? "550 5.1.1 no such user" : undefined,
  });
  using campaign = new Campaign(3);
  await campaign.send([server.port]);
  const { deliveries, progress } = campaign.told;
  const states = deliveries.map(({ address, state }: Delivery) => `${address} ${state}`);
  assert.deepEqual(states.sort(), ["r1@x.test sent", "r2@x.test failed", "r3@x.test sent"]);
  const { tally, goal, settled } = progress.at(-1)!;
  assert.deepEqual([tally.sent, tally.failed, goal, settled], [2, 1, 3, 3]);
});

Deno.test("runCampaign() stops if the first twenty rows make no mail, and calls the others neither invalid nor sent", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(0);
  campaign.write("mail.txt", 'From: a@x.test\nSubject: x\n\n{{ V | date: "%F" }}\n');
  const rows = Array.from({ length: 400 }, (_, at) => `r${at}@x.test,03/04/2026\n`);
  campaign.write("list.csv", `Email,V\n${rows.join("")}`);
  const { exitCode, stop, tally } = await campaign.send([server.port]);
  assert.equal(exitCode, 3);
  assert.match(stop!.reason, /^No mail can be made: the first 20 rows are invalid/);
  assert.ok(tally.invalid < 100, `${tally.invalid} invalid`);
});

Deno.test("runCampaign() claims enough rows that no connection waits, and few enough to be released quickly", async () => {
  for (const [connections, claimSize] of [[1, 32], [20, 80], [500, 256]]) {
    const answer = Promise.withResolvers<undefined>();
    await using server = new RuleServer({ body: () => answer.promise });
    using campaign = new Campaign(3_000);
    const sending = campaign.send([server.port], { connections: connections! });
    // Only the first mail is under way, so all else waits in the channel; nothing more is claimed while it is full.
    let [before, claimed] = [-1, 0];
    await until("no more is claimed", async () => {
      before = claimed;
      claimed = server.named.length === 0 ? -1 : (await campaign.tally()).claimed;
      await new Promise((next) => setTimeout(next, 150));
      return before > 0 && claimed === before;
    });
    campaign.stop();
    answer.resolve(undefined);
    await sending;
    // The channel is full, and the jobs of one more claim wait for it.
    assert.equal(claimed, 2 * claimSize!);
  }
});

Deno.test("runCampaign() gives up a relay that answers but accepts nobody for longer than --patience", async () => {
  await using server = new RuleServer({ greeting: () => "421 4.3.2 too busy" });
  using campaign = new Campaign(1);
  const given = setTimeout(() => campaign.stop(), 20_000);
  // The second connect comes at least a quarter of a second after the first.
  const { stop } = await campaign.send([server.port], { patienceMs: 100 });
  clearTimeout(given);
  assert.match(stop!.reason, /^127\.0\.0\.1:\d+ .*421 4\.3\.2 too busy/);
  assert.equal(server.connections, 2);
});
