/** What `runCampaign()` does while it waits for `--start-at`, and when that time has come. */
import assert from "node:assert/strict";
import type { CampaignDependencies } from "../../src/campaign/campaign_dependencies.ts";
import { changesWhileWaiting } from "../../src/campaign/waiting.ts";
import { holdLedger, openLedgerReader } from "../../src/ledger/open.ts";
import { InputError } from "../../src/model/input_error.ts";
import { StorageError } from "../../src/sqlite/storage_error.ts";
import { FACTS } from "../ledger/ledgers.ts";
import { RuleServer } from "../pipeline/relays.ts";
import { until } from "../support/until.ts";
import { Campaign, TEMPLATE } from "./campaign.ts";
import { CapturingServer } from "./capturing_server.ts";

const TOMORROW = 86_400_000;
const NO_RETRY = { states: [], keys: [] };

/** A time soon, but after whatever `while_()` does. */
const soon = () => Date.now() + 300;

/** Dependencies of a run that does something as soon as it waits. */
function while_(campaign: Campaign, act: () => void): Partial<CampaignDependencies> {
  const { reporter } = campaign;
  const info = (message: string) => {
    reporter.info(message);
    if (message.startsWith("Waiting until ")) act();
  };
  return { reporter: { ...reporter, info } };
}

Deno.test("runCampaign() opens no connection before --start-at", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(2);
  const startAt = soon();
  assert.equal((await campaign.send([server.port], { startAt })).exitCode, 0);
  const connectedAt = performance.timeOrigin + server.connectedAt[0]!;
  assert.ok(connectedAt >= startAt - 20, `${connectedAt - startAt} ms`);
  assert.deepEqual(campaign.told.warnings, []);
  assert.equal(campaign.told.plans.length, 1, "nothing changed, so nothing is told again");
});

Deno.test("runCampaign() sends list, template and suppressions as they are at --start-at, and says what changed", async () => {
  await using server = new CapturingServer();
  // A duplicate and a row without an address are in both lists.
  using campaign = new Campaign(3, "r1@x.test\nnobody\n");
  campaign.write("left.txt", "r9@x.test\n");
  const options = { startAt: soon(), suppress: [campaign.folder.file("left.txt")] };
  const { exitCode, tally } = await campaign.send([server.port], options, {
    ...while_(campaign, () => {
      // r2 was taken off, r4 and r5 were added, and r3 unsubscribed.
      campaign.write(
        "list.csv",
        "Email\nr1@x.test\nr3@x.test\nr4@x.test\nr5@x.test\nr1@x.test\nnobody\n",
      );
      campaign.write("left.txt", "r9@x.test\nr3@x.test\n");
      campaign.write("mail.txt", TEMPLATE.replace("Hello, {{", "Good day, {{"));
    }),
  });
  assert.deepEqual(server.mails.map(({ recipient }) => recipient).sort(), [
    ...["r1@x.test", "r4@x.test", "r5@x.test"],
  ]);
  assert.ok(server.mails.every(({ text }) => text.includes("Good day, ")));
  assert.equal(exitCode, 1, "the row without an address");
  const { sent, invalid, skipped, total } = tally;
  assert.deepEqual([sent, invalid, skipped, total], [3, 1, 2, 6]);
  assert.deepEqual(campaign.told.warnings, [
    "The list changed while waiting: 1 more row",
    "The template changed while waiting: the mails are made from the new one",
    "The suppression lists changed while waiting: recipients that they name now get no mail",
  ]);
  assert.deepEqual(campaign.told.plans.map(({ scan }) => scan?.rows), [5, 6]);
});

Deno.test("runCampaign() does not mail somebody of an earlier run who is taken off the list while it waits", async () => {
  let isBusy = true;
  await using server = new RuleServer({
    rcpt: ({ recipient }) => isBusy && recipient === "r2@x.test" ? "451 4.2.1 later" : undefined,
  });
  using campaign = new Campaign(4);
  const first = await campaign.send([server.port], { wait: false, firstRetryMs: 60_000 });
  isBusy = false;
  assert.deepEqual([first.exitCode, first.tally.deferred], [3, 1]);
  const second = await campaign.send([server.port], { startAt: soon() }, {
    ...while_(campaign, () => campaign.write("list.csv", "Email\nr1@x.test\nr3@x.test\n")),
  });
  assert.deepEqual(server.accepted.toSorted(), ["r1@x.test", "r3@x.test", "r4@x.test"]);
  assert.equal(second.stop?.kind, "missing");
  assert.ok(campaign.told.warnings.includes("The list changed while waiting: 2 fewer rows"));
});

for (
  const [what, name, text, kind] of [
    ["a template that cannot be compiled", "mail.txt", "Subject: Hi\n\n{{ Nobody }}\n", "template"],
    ["a list without addresses", "list.csv", "Name\nAnn\n", "list"],
  ] as const
) {
  Deno.test(`runCampaign() sends nothing if it finds ${what} at --start-at, and loses nobody`, async () => {
    await using server = new RuleServer();
    using campaign = new Campaign(2);
    const sending = campaign.send([server.port], { startAt: soon() }, {
      ...while_(campaign, () => campaign.write(name, text)),
    });
    await assert.rejects(sending, (error) => error instanceof InputError && error.kind === kind);
    assert.equal(server.connections, 0);
    campaign.write("mail.txt", TEMPLATE);
    campaign.list(2);
    const { exitCode, tally } = await campaign.send([server.port]);
    assert.deepEqual([exitCode, tally.sent], [0, 2]);
    assert.deepEqual(campaign.told.plans.at(-1)!.changes, [], "no run had begun before");
  });
}

Deno.test("runCampaign() holds the ledger while it waits for --start-at, says so, and ends at a signal", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(2);
  const startAt = Math.floor(Date.now() / 1_000) * 1_000 + TOMORROW;
  const sending = campaign.send([server.port], { startAt });
  await until("it waits", () => campaign.told.news.length > 0);
  {
    await using reader = await openLedgerReader(campaign.ledger);
    const { pid, waitingUntil } = (await reader.holder())!;
    assert.deepEqual([pid, waitingUntil], [Deno.pid, new Date(startAt).toISOString()]);
  }
  await assert.rejects(
    holdLedger({ ledger: campaign.ledger, retry: NO_RETRY }),
    (error) => error instanceof StorageError && error.kind === "ledger-in-use",
  );
  campaign.stop();
  const { exitCode, stop, tally } = await sending;
  assert.deepEqual([exitCode, stop?.kind, tally.sent], [3, "signal", 0]);
  assert.equal(server.connections, 0);
  await using reader = await openLedgerReader(campaign.ledger);
  assert.equal(await reader.holder(), undefined);
});

Deno.test("runCampaign() reads a list on standard input once, and everything else again, at --start-at", async () => {
  await using server = new CapturingServer();
  using campaign = new Campaign(1);
  const stdin = new Blob(["Email\nann@x.test\nbob@x.test\n"]).stream();
  const { exitCode } = await campaign.send([server.port], { recipients: "-", startAt: soon() }, {
    ...while_(campaign, () => campaign.write("mail.txt", TEMPLATE.replace("Hello, {{", "Bye, {{"))),
    stdin,
  });
  assert.equal(exitCode, 0);
  assert.deepEqual(server.mails.map(({ recipient }) => recipient).sort(), [
    ...["ann@x.test", "bob@x.test"],
  ]);
  assert.ok(server.mails.every(({ text }) => text.includes("Bye, ")));
});

Deno.test("A held ledger is as it was until it is begun, and nobody's when it is closed", async () => {
  using campaign = new Campaign(1);
  const options = { ledger: campaign.ledger, retry: NO_RETRY };
  for (const begins of [false, true, true]) {
    await using held = await holdLedger(options);
    await held.waitUntil(Date.now());
    await held.waitUntil(undefined);
    await assert.rejects(holdLedger(options), /is in use: process/);
    if (!begins) continue;
    await using ledger = await held.begin(FACTS);
    assert.equal(ledger.opened.newlyInDoubt, 0);
  }
  await using reader = await openLedgerReader(campaign.ledger);
  assert.deepEqual([reader.facts.campaign, await reader.holder()], ["c", undefined]);
});

for (
  const [rows, list, template, said] of [
    [[5, 5], "a", "t", []],
    [[5, 8], "b", "t", ["The list changed while waiting: 3 more rows"]],
    [[5, 4], "b", "t", ["The list changed while waiting: 1 fewer row"]],
    [[5, 5], "b", "t", ["The list changed while waiting: the number of rows is the same"]],
    [[5, 5], "a", "u", [
      "The template changed while waiting: the mails are made from the new one",
    ]],
  ] as const
) {
  Deno.test(`changesWhileWaiting() of ${rows} rows says: ${said.join() || "nothing"}`, () => {
    const of = (list: string, template: string, rows: number) =>
      ({ facts: { ...FACTS, list, template }, scan: { rows }, plan: { suppression: [] } }) as never;
    assert.deepEqual(changesWhileWaiting(of("a", "t", rows[0]), of(list, template, rows[1])), said);
  });
}
