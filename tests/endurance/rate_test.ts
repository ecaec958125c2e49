import assert from "node:assert/strict";
import { TestCampaign } from "../support/campaigns.ts";
import { CHUNKS, CountingServer } from "../support/counting_server.ts";
import { runProgram } from "../support/program.ts";

/**
 * By how many mails any second that begins with one exceeds `perSecond`. A second after a pause of the machine may also hold
 * the mails that the pause has delayed.
 */
function excessOver(perSecond: number, times: readonly number[]): number {
  let [first, excess, longest] = [0, -Infinity, 0];
  for (const [last, time] of times.entries()) {
    while (time - times[first]! >= 1_000) first++;
    longest = Math.max(longest, time - (times[last - 1] ?? time));
    const heldUp = Math.max(0, longest / 1_000 * perSecond - 1);
    excess = Math.max(excess, last - first + 1 - perSecond - heldUp);
  }
  return excess;
}

/** The pacer makes up for timers that are late by up to this; a longer pause of the machine is lost. */
const CATCH_UP_MS = 20;

/** The share of the rate that was used, not counting pauses of the machine. */
function shareUsed(perSecond: number, times: readonly number[]): number {
  const interval = 1_000 / perSecond;
  const gaps = times.slice(1).map((time, at) => time - times[at]!);
  const lost = gaps.reduce((sum, gap) => sum + Math.max(0, gap - interval - CATCH_UP_MS), 0);
  return gaps.length * interval / (times.at(-1)! - times[0]! - lost);
}

for (
  const [perSecond, connections, mails] of [
    [1, 50, 4],
    [10, 1, 25],
    [10, 50, 25],
    [500, 1, 1_250],
    [500, 50, 1_250],
  ] as const
) {
  Deno.test(`--rate ${perSecond}/s on ${connections} connections is neither exceeded nor wasted`, async () => {
    // Other load on the machine can spoil one measurement; a wrong limiter spoils them all.
    for (let tries = 3;; tries--) {
      const times = await timesOf(mails, [
        "--rate",
        `${perSecond}/s`,
        "--connections",
        String(connections),
      ]);
      const excess = excessOver(perSecond, times);
      const used = shareUsed(perSecond, times);
      if (tries > 1 && (excess > 1 || used < 0.95)) continue;
      assert(excess <= 1, `${excess} too many in one second`);
      assert(used >= 0.95, `${(100 * used).toFixed(1)} % used`);
      return;
    }
  });
}

/** When each of `mails` was accepted, by the server's clock. */
async function timesOf(mails: number, limits: readonly string[]): Promise<readonly number[]> {
  await using server = await CountingServer.start({ extensions: CHUNKS });
  await using campaign = await TestCampaign.make(mails);
  const args = campaign.sendTo(server.url, ...limits);
  const { code, stderr } = await runProgram(args, { cwd: campaign.folder });
  assert.equal(code, 0, stderr);
  const times = (await server.log()).map(({ at }) => at);
  assert.equal(times.length, mails);
  return times;
}

Deno.test("With 50 connections, a refused login is tried at most twice", async () => {
  await using server = await CountingServer.start({
    extensions: ["PIPELINING", "AUTH PLAIN"],
    auth: "535 5.7.8 wrong",
  });
  await using campaign = await TestCampaign.make(200);
  const url = server.url.replace("//", "//user@");
  const { code, stderr } = await runProgram(campaign.sendTo(url, "--connections", "50"), {
    cwd: campaign.folder,
    env: { SMTP_PASSWORD: "wrong" },
  });
  assert.equal(code, 3, stderr);
  assert.match(stderr, /SMTP_PASSWORD/);
  const tries = (await server.log()).filter(({ what }) => what === "auth").length;
  assert(tries >= 1 && tries <= 2, `${tries} tries`);
});

Deno.test("A refusal of our domain (550 5.7.26 at MAIL) stops the run after one mail", async () => {
  await using server = await CountingServer.start({
    mailReply: "550 5.7.26 not authenticated",
    events: true,
  });
  await using campaign = await TestCampaign.make(200);
  const args = campaign.sendTo(server.url, "--connections", "50");
  const { code, stderr } = await runProgram(args, { cwd: campaign.folder });
  assert.equal(code, 3, stderr);
  assert.match(stderr, /SPF, DKIM/);
  assert.equal((await server.log()).filter(({ what }) => what === "mail").length, 1);
  assert.deepEqual(await campaign.exported("failed"), []);
});
