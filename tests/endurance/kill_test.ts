import assert from "node:assert/strict";
import { assertNobodyLostOrTwice, reckon, TestCampaign } from "../support/campaigns.ts";
import { CHUNKS, CountingServer, GROUPS } from "../support/counting_server.ts";
import { type Ended, runProgram, startProgram } from "../support/program.ts";

/** Rounds of the kill test, half of them with each strategy; KILL_ROUNDS=100 for a thorough run. */
const ROUNDS = Number(Deno.env.get("KILL_ROUNDS") ?? 2);
const ROWS = 5_000;
const CONNECTIONS = 10;
/** Promise 2. */
const MOST_IN_DOUBT = 2 * CONNECTIONS + 50;

const send = (campaign: TestCampaign, server: CountingServer) => [
  "send",
  ...campaign.args,
  ...["--smtp", server.url, "--connections", String(CONNECTIONS)],
];

/** Runs the program again and again, as a user would, until it has nothing left to do. */
async function untilDone(args: readonly string[], cwd: string): Promise<Ended> {
  for (let run = 0; run < 20; run++) {
    const ended = await runProgram(args, { cwd });
    if (ended.code !== 3) return ended;
  }
  throw new Error("Not done after 20 runs");
}

/** Kills the program in the middle of a run and finishes the campaign; returns how many recipients are in doubt. */
async function killedRound(extensions: readonly string[]): Promise<number> {
  await using server = await CountingServer.start({ extensions });
  await using campaign = await TestCampaign.make(ROWS);
  const line = `accepted ${Date.now()} ${campaign.recipients.at(-1)}\n`.length;
  const moment = Math.random() * ROWS * line;
  const run = startProgram(send(campaign, server), { cwd: campaign.folder });
  let gone = false;
  const ended = run.ended.finally(() => gone = true);
  while (!gone && server.written <= moment) await new Promise((next) => setTimeout(next, 1));
  if (!gone) run.kill("SIGKILL");
  await ended;
  const { code, stderr } = await untilDone(send(campaign, server), campaign.folder);
  const reckoning = await reckon(campaign, await server.accepted());
  assertNobodyLostOrTwice(reckoning);
  const doubts = reckoning.inDoubt.length;
  assert.equal(code, doubts === 0 ? 0 : 1, stderr);
  assert(doubts <= MOST_IN_DOUBT, `${doubts} in doubt`);
  return doubts;
}

for (const [name, extensions] of [["groups of DATA", GROUPS], ["chunks", CHUNKS]] as const) {
  Deno.test(`With ${name}, kill -9 at full speed loses nobody and mails nobody twice`, async () => {
    const doubts: number[] = [];
    for (let round = 0; round < ROUNDS / 2; round++) doubts.push(await killedRound(extensions));
    if (ROUNDS < 10) return;
    const mean = doubts.reduce((sum, count) => sum + count, 0) / doubts.length;
    const report = `${name}: ${doubts.length} kills, in doubt: mean ${mean.toFixed(1)}, most ${
      Math.max(...doubts)
    }\n`;
    await Deno.stderr.write(new TextEncoder().encode(report));
  });
}

Deno.test("A campaign whose runs are killed again and again can be finished", async () => {
  await using server = await CountingServer.start({ extensions: CHUNKS });
  await using campaign = await TestCampaign.make(ROWS);
  for (let kill = 0; kill < 3; kill++) {
    const run = startProgram(send(campaign, server), { cwd: campaign.folder });
    const before = server.written;
    let gone = false;
    const ended = run.ended.finally(() => gone = true);
    while (!gone && server.written - before < 10_000) {
      await new Promise((next) => setTimeout(next, 1));
    }
    if (!gone) run.kill("SIGKILL");
    await ended;
  }
  await untilDone(send(campaign, server), campaign.folder);
  const reckoning = await reckon(campaign, await server.accepted());
  assertNobodyLostOrTwice(reckoning);
  assert(reckoning.inDoubt.length <= 3 * MOST_IN_DOUBT);
});

Deno.test("A server that is killed and restarted every second gets each mail once, unless the mail is in doubt", async () => {
  await using server = await CountingServer.start({ extensions: GROUPS, latencyMs: 10 });
  await using campaign = await TestCampaign.make(ROWS / 4);
  let done = false;
  const run = untilDone(send(campaign, server), campaign.folder).finally(() => done = true);
  for (let kill = 0; kill < 3 && !done; kill++) {
    await new Promise((next) => setTimeout(next, 1_000));
    await server.kill();
    await server.restart();
  }
  const { code, stderr } = await run;
  const reckoning = await reckon(campaign, await server.accepted());
  assertNobodyLostOrTwice(reckoning);
  assert.equal(code, reckoning.inDoubt.length === 0 ? 0 : 1, stderr);
});

for (const [name, extensions] of [["groups of DATA", GROUPS], ["chunks", CHUNKS]] as const) {
  Deno.test(`With ${name}, connections cut at random bytes lose nobody`, async () => {
    await using server = await CountingServer.start({ extensions, cutAfterBytes: 60_000 });
    await using campaign = await TestCampaign.make(1_000);
    const { code, stderr } = await untilDone(send(campaign, server), campaign.folder);
    const reckoning = await reckon(campaign, await server.accepted());
    assertNobodyLostOrTwice(reckoning);
    assert.equal(code, reckoning.inDoubt.length === 0 ? 0 : 1, stderr);
  });
}
