import assert from "node:assert/strict";
import { TestCampaign } from "../support/campaigns.ts";
import { CHUNKS, CountingServer, type SinkOptions } from "../support/counting_server.ts";
import { runProgram } from "../support/program.ts";

const sendTo = (campaign: TestCampaign, url: string, ...more: readonly string[]) => [
  "send",
  ...[...campaign.args, "--smtp", url, ...more],
];

/**
 * The most mails in any second that begins with one, of what `perSecond` allows: a second after a pause of the machine may
 * hold what the pause has held up.
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

/** A late timer is caught up with, as long as this; what a pause of the machine takes beyond it is lost. */
const CATCH_UP_MS = 20;

/** The share of the rate that was used, pauses of the machine left out. */
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
  Deno.test(`--rate ${perSecond}/s on ${connections} connections is kept, and used`, async () => {
    // What else runs on the machine can spoil a measurement; a limiter that is wrong spoils them all.
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
  const args = sendTo(campaign, server.url, ...limits);
  const { code, stderr } = await runProgram(args, { cwd: campaign.folder });
  assert.equal(code, 0, stderr);
  const times = (await server.log()).map(({ at }) => at);
  assert.equal(times.length, mails);
  return times;
}

/** Sends to a server with limits of its own: all is delivered without a word of trouble. Answers how long it took, in ms. */
async function delivered(
  behaviour: Partial<SinkOptions>,
  mails: number,
  ...more: readonly string[]
): Promise<number> {
  await using server = await CountingServer.start({ events: true, ...behaviour });
  await using campaign = await TestCampaign.make(mails);
  const args = sendTo(campaign, server.url, ...more);
  const { code, stderr } = await runProgram(args, { cwd: campaign.folder });
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /error|fail|cannot/i);
  const log = await server.log();
  const taken = log.filter(({ what }) => what === "accepted");
  assert.equal(new Set(taken.map(({ of }) => of)).size, mails);
  assert.equal(taken.length, mails);
  return taken.at(-1)!.at - log[0]!.at;
}

Deno.test("A server that greylists gets everything, on the second try", async () => {
  await delivered({ greylistMs: 1 }, 100);
});

Deno.test("A server that says 'later' now and then gets everything", async () => {
  await delivered({ temporaryShare: 0.1 }, 200);
});

/** The limit is what the same server does when it is asked for no more than it allows. */
for (
  const [sentence, behaviour, known, mails] of [
    [
      "A server that ends each connection with 421 after 20 mails",
      { mailsPerConnection: 20, latencyMs: 5 },
      ["--max-per-connection", "20"],
      1_000,
    ],
    [
      "A server with five connections at most",
      { connections: 5, latencyMs: 20 },
      ["--connections", "5"],
      600,
    ],
  ] as [string, Partial<SinkOptions>, string[], number][]
) {
  Deno.test(`${sentence} is used to the full, within 1.3 times its time`, async () => {
    const least = await delivered(behaviour, mails, ...known);
    let ms = await delivered(behaviour, mails);
    // A pause of the machine in one of the two runs says nothing.
    if (ms > 1.3 * least) ms = Math.min(ms, await delivered(behaviour, mails));
    assert(ms <= 1.3 * least, `${ms} ms instead of ${least} ms`);
  });
}

Deno.test("A server that takes 20 mails a second at most is used to the full, within 1.3 times its time", async () => {
  const mails = 200;
  const ms = await delivered({ perSecond: 20 }, mails);
  assert(ms <= 1.3 * mails * 50, `${ms} ms`);
});

Deno.test("A login refused to 50 connections is tried twice at the most", async () => {
  await using server = await CountingServer.start({
    extensions: ["PIPELINING", "AUTH PLAIN"],
    auth: "535 5.7.8 wrong",
  });
  await using campaign = await TestCampaign.make(200);
  const url = server.url.replace("//", "//user@");
  const { code, stderr } = await runProgram(sendTo(campaign, url, "--connections", "50"), {
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
  const args = sendTo(campaign, server.url, "--connections", "50");
  const { code, stderr } = await runProgram(args, { cwd: campaign.folder });
  assert.equal(code, 3, stderr);
  assert.match(stderr, /SPF, DKIM/);
  assert.equal((await server.log()).filter(({ what }) => what === "mail").length, 1);
  assert.deepEqual(await campaign.exported("failed"), []);
});
