import assert from "node:assert/strict";
import { TestCampaign } from "../support/campaigns.ts";
import { CHUNKS, CountingServer } from "../support/counting_server.ts";
import { type Ended, startProgram } from "../support/program.ts";
import { Exim } from "./exim.ts";
import type { MailServer } from "./mail_server.ts";
import { Postfix } from "./postfix.ts";
import { NpmSmtpServer } from "./smtp_server.ts";

const CONNECTIONS = 10;
/** Two mails on each connection: the most that are under way with DATA, or in a window of two. */
const IN_DOUBT_A_LOSS = 2 * CONNECTIONS;

/** Our own server, because smtp-server does not support CHUNKING. */
async function ownServer(): Promise<MailServer> {
  const server = await CountingServer.start({ extensions: CHUNKS });
  return {
    url: server.url,
    kill: () => server.kill(),
    start: () => server.restart(),
    progress: async () => (await server.accepted()).length,
    taken: () => server.accepted(),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Sends to the server, run after run, until everybody is settled; `during` runs meanwhile. */
async function sendAll(
  campaign: TestCampaign,
  server: MailServer,
  during: () => Promise<void> = () => Promise.resolve(),
): Promise<Ended> {
  const args = ["send", ...campaign.args, "--smtp", server.url];
  const run = () =>
    startProgram([...args, "--connections", String(CONNECTIONS)], { cwd: campaign.folder }).ended;
  const [, ended] = await Promise.all([
    during(),
    (async () => {
      for (let runs = 0;; runs++) {
        const ended = await run();
        if (ended.code !== 3 || runs === 5) return ended;
      }
    })(),
  ]);
  return ended;
}

interface Reckoned {
  readonly inDoubt: readonly string[];
  readonly failed: readonly string[];
}

/** Asserts that nobody is lost or mailed twice, and that the ledger agrees with the server. */
async function reckon(campaign: TestCampaign, server: MailServer): Promise<Reckoned> {
  const taken = await server.taken();
  const states = await campaign.byState();
  const [sent = [], inDoubt = [], failed = []] = ["sent", "in-doubt", "failed"].map((state) =>
    states.get(state)
  );
  const known = new Set(taken);
  const doubted = new Set(inDoubt);
  const isSent = new Set(sent);
  assert.deepEqual(taken.filter((address, at) => taken.indexOf(address) < at), [], "twice");
  assert.deepEqual(sent.filter((address) => !known.has(address)), [], "sent, but not accepted");
  assert.deepEqual(
    taken.filter((address) => !isSent.has(address) && !doubted.has(address)),
    [],
    "accepted, but neither sent nor in doubt",
  );
  assert.equal(sent.length + inDoubt.length + failed.length, campaign.recipients.length, "all");
  return { inDoubt, failed };
}

async function until(reached: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (!await reached()) {
    if (Date.now() > deadline) throw new Error("The server did not get so far");
    await new Promise((next) => setTimeout(next, 5));
  }
}

for (
  const [name, start, mails] of [
    ["Exim with CHUNKING", () => Exim.start({ chunking: true }), 1_500],
    ["Exim without CHUNKING", () => Exim.start({ chunking: false }), 1_500],
    ["Postfix with CHUNKING", () => Postfix.start(), 1_500],
    [
      "Postfix without CHUNKING",
      () => Postfix.start({ smtpd_discard_ehlo_keywords: "chunking" }),
      1_500,
    ],
    ["smtp-server", () => NpmSmtpServer.start(), 1_500],
    ["a server of our own with CHUNKING", ownServer, 8_000],
  ] as [string, () => Promise<MailServer>, number][]
) {
  Deno.test(`${name}, killed and restarted twice, gets all, with at most two mails per connection in doubt after each kill`, async () => {
    await using server = await start();
    await using campaign = await TestCampaign.make(mails);
    const { code, stderr } = await sendAll(campaign, server, async () => {
      for (const part of [0.25, 0.5]) {
        await until(async () => await server.progress() >= part * mails);
        await server.kill();
        await server.start();
      }
    });
    const { inDoubt, failed } = await reckon(campaign, server);
    assert(inDoubt.length <= 2 * IN_DOUBT_A_LOSS, `${inDoubt.length} in doubt`);
    assert.deepEqual(failed, []);
    assert.equal(code, inDoubt.length === 0 ? 0 : 1, stderr);
  });
}

Deno.test("Postfix with CHUNKING, aborted and restarted by its administrator, gets all, with at most three mails per connection in doubt", async () => {
  await using postfix = await Postfix.start();
  await using campaign = await TestCampaign.make(1_500);
  const { code, stderr } = await sendAll(campaign, postfix, async () => {
    await until(async () => await postfix.progress() >= 500);
    await postfix.abort();
    await postfix.start();
  });
  const { inDoubt } = await reckon(campaign, postfix);
  // Connections opened while Postfix was shutting down are lost, too, with one mail on each.
  assert(inDoubt.length <= IN_DOUBT_A_LOSS + CONNECTIONS, `${inDoubt.length} in doubt`);
  assert.equal(code, inDoubt.length === 0 ? 0 : 1, stderr);
});

for (const chunking of [true, false]) {
  const how = chunking ? "with CHUNKING" : "without CHUNKING";

  Deno.test(`Exim ${how}, which limits RSETs and refuses every fifth recipient, gets all others, and none is in doubt`, async () => {
    await using exim = await Exim.start({ chunking, unknown: "^p\\\\d*[27]\\$" });
    await using campaign = await TestCampaign.make(2_000);
    const { code, stderr } = await sendAll(campaign, exim);
    const { inDoubt, failed } = await reckon(campaign, exim);
    assert.deepEqual(inDoubt, []);
    assert.equal(failed.length, 400);
    assert.equal(code, 1, stderr);
    assert.doesNotMatch(await exim.log(), /too many nonmail commands/);
  });

  Deno.test(`Exim ${how} that closes connections with 421 after 20 mails gets all, and none is in doubt`, async () => {
    await using exim = await Exim.start({
      chunking,
      lines: ["smtp_accept_max_per_connection = 20"],
    });
    await using campaign = await TestCampaign.make(1_000);
    const { code, stderr } = await sendAll(campaign, exim);
    assert.deepEqual(await reckon(campaign, exim), { inDoubt: [], failed: [] });
    assert.equal(code, 0, stderr);
  });
}

for (const closesAfter of [1, 20]) {
  Deno.test(`smtp-server that closes silently after ${closesAfter} mails gets all, with at most two mails per connection in doubt`, async () => {
    await using server = await NpmSmtpServer.start(closesAfter);
    await using campaign = await TestCampaign.make(1_000);
    const { code, stderr } = await sendAll(campaign, server);
    const { inDoubt } = await reckon(campaign, server);
    assert(inDoubt.length <= 2 * CONNECTIONS, `${inDoubt.length} in doubt`);
    assert.equal(code, inDoubt.length === 0 ? 0 : 1, stderr);
  });
}
