import assert from "node:assert/strict";
import { DROP, RuleServer } from "../pipeline/relays.ts";
import { fullDisk, makeVersion1 } from "../ledger/ledgers.ts";
import { openDatabase } from "../support/database.ts";
import { Campaign } from "./campaign.ts";

function assertOnce(accepted: readonly string[], count: number): void {
  assert.equal(new Set(accepted).size, accepted.length, "nobody twice");
  assert.equal(accepted.length, count);
}

Deno.test("runCampaign() mails everybody once; run again, it mails nobody and opens no connection", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(300);
  const summary = await campaign.send([server.port]);
  assert.deepEqual([summary.exitCode, summary.state, summary.sentNow], [0, "done", 300]);
  assertOnce(server.accepted, 300);
  const { connections } = server;
  const again = await campaign.send([server.port]);
  assert.deepEqual([again.exitCode, again.sentNow, again.tally.sent], [0, 0, 300]);
  assert.equal(campaign.told.plans[1]?.toSend, 0);
  assert.equal(server.connections, connections);
});

Deno.test("runCampaign() reports every kind of outcome at the end of a run", async () => {
  await using server = new RuleServer({
    rcpt: ({ recipient }) => recipient === "r2@x.test" ? "550 5.1.1 no such user" : undefined,
    body: ({ recipient }) => recipient === "r3@x.test" ? DROP : undefined,
  });
  using campaign = new Campaign(3, "not an address\nR1@x.test\n");
  const { exitCode, state, tally, examples } = await campaign.send([server.port]);
  assert.deepEqual([exitCode, state], [1, "done"]);
  const { sent, failed, invalid, inDoubt, skipped } = tally;
  assert.deepEqual({ sent, failed, invalid, inDoubt, skipped }, {
    sent: 1,
    failed: 1,
    invalid: 1,
    inDoubt: 1,
    skipped: 1,
  });
  assert.deepEqual(examples.map(({ state, line }) => `${state} ${line}`), [
    "failed 3",
    "invalid 5",
    "in-doubt 4",
  ]);
});

Deno.test("runCampaign() drops the jobs in the channel when it is stopped, and the next run sends them", async () => {
  await using server = new RuleServer({
    body: async ({ server }) => {
      if (server.accepted.length >= 20) {
        campaign.stop();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return undefined;
    },
  });
  using campaign = new Campaign(300);
  const summary = await campaign.send([server.port]);
  assert.deepEqual([summary.exitCode, summary.stop?.reason], [3, "Stopped by a signal"]);
  assert.equal(summary.tally.inDoubt, 0);
  const { sent, queued, ...rest } = await campaign.states();
  assert.deepEqual(rest, {}, "all that was claimed is queued again");
  assert.equal(sent, server.accepted.length);
  assert.ok(queued! > 0 && sent! + queued! < 300, "claimed ahead, but not the whole list");
  await using other = new RuleServer();
  const again = await campaign.send([other.port]);
  assert.equal(again.exitCode, 0);
  assertOnce([...server.accepted, ...other.accepted], 300);
  assert.match(campaign.told.plans[1]?.changes.join() ?? "", /The relay was 127.0.0.1/);
});

Deno.test("runCampaign() fails nobody if the relay refuses us, says why, and continues when that is fixed", async () => {
  await using bad = new RuleServer({ mail: () => "550 5.7.26 no SPF" });
  await using good = new RuleServer();
  using campaign = new Campaign(50);
  const summary = await campaign.send([bad.port]);
  assert.equal(summary.exitCode, 3);
  assert.match(summary.stop!.reason, /refuses us.*5\.7\.26 no SPF/);
  assert.match(summary.stop!.hint!, /SPF, DKIM and DMARC/);
  assert.equal(bad.mails, 1);
  assert.equal((await campaign.send([good.port])).exitCode, 0);
  assertOnce(good.accepted, 50);
});

Deno.test("runCampaign() takes back failures that were about us, and mails those recipients later", async () => {
  await using bad = new RuleServer({ rcpt: () => "554 5.7.1 Relay access denied" });
  await using good = new RuleServer();
  using campaign = new Campaign(40);
  const summary = await campaign.send([bad.port]);
  assert.deepEqual([summary.exitCode, summary.tally.failed], [3, 0]);
  assert.equal((await campaign.send([good.port])).exitCode, 0);
  assertOnce(good.accepted, 40);
});

Deno.test("runCampaign() waits for greylisted recipients and delivers all", async () => {
  const seen = new Set<string>();
  await using server = new RuleServer({
    rcpt: ({ recipient }) =>
      seen.size === seen.add(recipient!).size ? undefined : "450 4.7.1 greylisted",
  });
  using campaign = new Campaign(40);
  const summary = await campaign.send([server.port]);
  assert.equal(summary.exitCode, 0);
  assertOnce(server.accepted, 40);
});

Deno.test("runCampaign() with --no-wait ends with exit code 3 if retries are still due", async () => {
  await using server = new RuleServer({
    rcpt: ({ recipient }) => recipient === "r3@x.test" ? "450 4.7.1 greylisted" : undefined,
  });
  using campaign = new Campaign(10);
  const summary = await campaign.send([server.port], { wait: false, firstRetryMs: 600_000 });
  assert.equal(summary.exitCode, 3);
  assert.match(summary.stop!.reason, /--no-wait/);
  assert.deepEqual(await campaign.states(), { sent: 9, deferred: 1 });
});

Deno.test("runCampaign() sends until --until, however far away it is, and nothing after it", async () => {
  using campaign = new Campaign(3);
  await using server = new RuleServer();
  const late = await campaign.send([server.port], { until: Date.now() - 86_400_000 });
  assert.equal(late.stop?.reason, "The time given with --until has passed");
  assert.deepEqual([late.sentNow, late.exitCode], [0, 3]);
  assert.equal(late.notReached, 3);
  // The runtime's timers reach 25 days; longer ones fire at once.
  const early = await campaign.send([server.port], { until: Date.now() + 60 * 86_400_000 });
  assert.deepEqual([early.sentNow, early.exitCode], [3, 0]);
});

Deno.test("runCampaign() holds recipients in doubt, names them, and sends to them again only when told to", async () => {
  await using cutting = new RuleServer({
    body: ({ recipient }) => recipient === "r5@x.test" ? DROP : undefined,
  });
  await using good = new RuleServer();
  using campaign = new Campaign(20);
  const summary = await campaign.send([cutting.port]);
  assert.equal(summary.exitCode, 1);
  assert.deepEqual(summary.examples.map(({ state, address }) => `${state} ${address}`), [
    "in-doubt r5@x.test",
  ]);
  assert.equal((await campaign.send([good.port])).exitCode, 1);
  assert.deepEqual(good.accepted, []);
  assert.equal((await campaign.send([good.port], { inDoubt: "resend" })).exitCode, 0);
  assert.deepEqual(good.accepted, ["r5@x.test"]);
});

Deno.test("runCampaign() continues with a ledger of version 1, and with one that a process left half-created", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(20);
  {
    using begun = openDatabase(campaign.ledger);
    begun.exec("PRAGMA journal_mode = WAL");
  }
  assert.equal((await campaign.send([server.port], { limit: 5 })).exitCode, 0);
  makeVersion1(campaign.ledger);
  assert.equal((await campaign.send([server.port])).exitCode, 0);
  assertOnce(server.accepted, 20);
});

Deno.test("runCampaign() sends to those who are waiting before it continues with the list, even within a limit", async () => {
  await using cutting = new RuleServer({
    body: ({ recipient }) => recipient === "r2@x.test" ? DROP : undefined,
  });
  await using good = new RuleServer();
  using campaign = new Campaign(20);
  await campaign.send([cutting.port], { limit: 5 });
  await campaign.send([good.port], { inDoubt: "resend", limit: 1 });
  assert.deepEqual(good.accepted, ["r2@x.test"]);
});

Deno.test("runCampaign() stops at once when the ledger's disk is full; nothing goes unrecorded, and the next run finishes", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(300);
  await campaign.send([server.port], { limit: 50 });
  const before = server.accepted.length;
  {
    // There is room for hand-overs, but for no outcome after the 80th recipient.
    using _full = fullDisk(campaign.ledger, "UPDATE", "NEW.state = 4 AND NEW.id > 80");
    const summary = await campaign.send([server.port]);
    assert.equal(summary.exitCode, 3);
    assert.match(summary.stop!.reason, /database or disk is full/);
    const lost = /(\d+) repl(?:y|ies) could not be recorded in the ledger/
      .exec(campaign.told.warnings.join("\n"));
    assert.equal(
      Number(lost?.[1]),
      summary.tally.inDoubt,
      "those whose reply is lost are in doubt",
    );
    assert.deepEqual(
      summary.tally,
      await campaign.tally(),
      "the summary says what the ledger says",
    );
    assert.equal(summary.tally.claimed, 0);
  }
  assert.ok(server.accepted.length > before);
  const states = await campaign.states();
  assert.equal(states.claimed, undefined);
  const onRecord = states.sent! + (states["in-doubt"] ?? 0) + (states["handed-over"] ?? 0);
  assert.ok(onRecord >= server.accepted.length, "every accepted mail is on record");
  await campaign.send([server.port]);
  const after = await campaign.states();
  assert.equal(after.sent! + (after["in-doubt"] ?? 0), 300);
  assert.equal(new Set(server.accepted).size, server.accepted.length, "nobody twice");
});

Deno.test("runCampaign() stops if the list turns out to be malformed midway, and says where", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(5, '"never closed\n');
  const bytes = Deno.readFileSync(campaign.folder.file("list.csv"));
  const stdin = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes);
      controller.close();
    },
  });
  const summary = await campaign.send([server.port], { recipients: "-" }, { stdin });
  assert.equal(summary.exitCode, 3);
  assert.match(summary.stop!.reason, /standard input:7/);
  assert.equal(summary.tally.sent, server.accepted.length);
});

Deno.test("runCampaign() sends nothing if the answer is no, or on a dry run", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(5);
  const no = await campaign.send([server.port], {}, { confirm: () => Promise.resolve(false) });
  assert.deepEqual([no.exitCode, no.state], [3, "stopped"]);
  const dry = await campaign.send([server.port], { dryRun: true });
  assert.deepEqual([dry.exitCode, dry.state], [0, "planned"]);
  assert.equal(server.connections, 0);
  assert.equal([...Deno.readDirSync(campaign.folder.path)].length, 2, "nothing was left behind");
});

Deno.test("runCampaign() mails recipients new in a changed list, none who are no longer in it, and nobody twice", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(40);
  await campaign.send([server.port], { limit: 20 });
  campaign.list(30, "new@x.test\n");
  const summary = await campaign.send([server.port]);
  assert.deepEqual(
    [summary.exitCode, summary.stop?.kind],
    [3, "missing"],
    "nobody leaves silently",
  );
  assert.equal((await campaign.send([server.port], { dropMissing: true })).exitCode, 0);
  assertOnce(server.accepted, 31);
  assert.ok(server.accepted.includes("new@x.test"));
  assert.ok(!server.accepted.includes("r35@x.test"));
});

Deno.test("runCampaign() enters rows appended to a list, after the ones it had not reached before", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(20);
  await campaign.send([server.port], { limit: 15 });
  campaign.list(20, "new@x.test\nbad\nr3@x.test\n");
  const { tally, exitCode } = await campaign.send([server.port]);
  assert.deepEqual([exitCode, tally.sent, tally.invalid, tally.skipped], [1, 21, 1, 1]);
  assertOnce(server.accepted, 21);
  assert.ok(
    campaign.told.plans[1]!.changes.some((change) => change.startsWith("Rows were appended")),
  );
});

Deno.test("runCampaign() shares the list among relays, and finishes with one when the other refuses us", async () => {
  await using bad = new RuleServer({
    mail: ({ server }) => server.accepted.length >= 10 ? "550 5.7.1 blocked" : undefined,
  });
  await using good = new RuleServer();
  using campaign = new Campaign(200);
  const summary = await campaign.send([bad.port, good.port], { connections: 4 });
  assert.equal(summary.exitCode, 0);
  assertOnce([...bad.accepted, ...good.accepted], 200);
  assert.match(campaign.told.warnings.join("\n"), /refuses us.*continuing with the other relays/);
});

Deno.test("The plan names the fields with addresses that are shown in the mails and get none", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(2);
  const head = "From: a@acme.test\nSubject: Hello\nCc: boss@acme.test\nBcc: log@acme.test\n";
  const shown = async (to: string) => {
    Deno.writeTextFileSync(campaign.folder.file("mail.txt"), `${head}${to}\nx\n`);
    await campaign.send([server.port], { copies: "header" });
    return campaign.told.plans.at(-1)!.shown.map(({ header }) => header);
  };
  assert.deepEqual(await shown("To: {{ Email }}\n"), ["Cc", "Bcc"]);
  assert.deepEqual(await shown("To: list@acme.test\n"), ["To", "Cc", "Bcc"]);
});
