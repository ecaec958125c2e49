import assert from "node:assert/strict";
import { TestCampaign } from "../support/campaigns.ts";
import { CountingServer } from "../support/counting_server.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { type Peer, ScriptedServer } from "../support/scripted_server.ts";

const urlOf = ({ port }: ScriptedServer) => `smtp://127.0.0.1:${port}?tls=off`;

/** Longer than a launcher takes to pass a signal on: two signals this far apart count as two. */
const APART_MS = 300;

const pause = (ms: number) => new Promise((next) => setTimeout(next, ms));

/** Handles one command at a time; `answer` gives the reply to a final dot, and gets the mail's number on the server. */
function server(answer: (peer: Peer, mail: number) => Promise<void>): ScriptedServer {
  let mails = 0;
  return new ScriptedServer(async (peer) => {
    await peer.reply("220 mx");
    for (let line; (line = await peer.line()) !== undefined;) {
      if (line.startsWith("EHLO")) await peer.reply("250 mx");
      else if (line === "DATA") {
        await peer.reply("354 go");
        await peer.body();
        await answer(peer, ++mails);
      } else if (line === "QUIT") return await peer.reply("221 bye");
      else await peer.reply("250 ok");
    }
  });
}

/** Accepts the first `taken` mails, and never answers the others. */
const stalling = (taken: number) =>
  server((peer, mail) => mail <= taken ? peer.reply("250 ok") : peer.stall());

/** Waits until the server has read this many mails to their final dot. */
async function untilMails({ peers }: ScriptedServer, count: number): Promise<void> {
  while (peers.reduce((sum, { text }) => sum + text.split("\r\n.\r\n").length - 1, 0) < count) {
    await pause(5);
  }
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`The first ${signal} says at once what is being finished; the second ends the run in order, with exit code 3, summary and JSON`, async () => {
    await using stalled = stalling(0);
    await using campaign = await TestCampaign.make(3);
    const run = startProgram(campaign.sendTo(urlOf(stalled), "--json"), { cwd: campaign.folder });
    await untilMails(stalled, 1);
    run.kill(signal);
    await run.seen(
      /^Finishing 1 mail; press Ctrl-C again to quit now \(it will be in doubt\)$/m,
    );
    await pause(APART_MS);
    run.kill(signal);
    const { code, stdout, stderr } = await run.ended;
    assert.equal(code, 3, stderr);
    const result = JSON.parse(stdout);
    assert.deepEqual(
      [result.state, result.exit_code, result.sent, result.in_doubt, result.failed],
      ["stopped", 3, 0, 1, 0],
    );
    assert.match(stderr, /Stopped by a signal/);
    assert.match(
      stderr,
      /In doubt\n {4}line 2 {2}p1@x\.test {2}No reply after the mail was handed/,
    );

    await using healthy = await CountingServer.start();
    const resumed = await runProgram(campaign.sendTo(healthy.url), { cwd: campaign.folder });
    assert.equal(resumed.code, 1, resumed.stderr);
    assert.doesNotMatch(resumed.stderr, /ended abruptly/);
    assert.deepEqual(await campaign.exported("in-doubt"), ["p1@x.test"]);
    assert.deepEqual([...await healthy.accepted()].sort(), ["p2@x.test", "p3@x.test"]);
  });
}

Deno.test("The message after the first signal counts the mails of all connections", async () => {
  await using stalled = stalling(1);
  await using campaign = await TestCampaign.make(9);
  const args = campaign.sendTo(urlOf(stalled), "--connections", "4", "--json");
  const run = startProgram(args, { cwd: campaign.folder });
  await untilMails(stalled, 5);
  run.kill("SIGINT");
  const [, count] = await run.seen(
    /^Finishing (\d+) mails; press Ctrl-C again to quit now \(they will be in doubt\)$/m,
  );
  // Four are handed over; a connection may already have its next one.
  assert(Number(count) >= 4 && Number(count) <= 8, count);
  await pause(APART_MS);
  run.kill("SIGINT");
  const { code, stdout, stderr } = await run.ended;
  assert.equal(code, 3, stderr);
  const result = JSON.parse(stdout);
  assert.deepEqual([result.sent, result.in_doubt], [1, 4]);
});

Deno.test("With -q, the first signal prints nothing, and the run ends as usual", async () => {
  await using stalled = stalling(0);
  await using campaign = await TestCampaign.make(2);
  const args = campaign.sendTo(urlOf(stalled), "-q");
  const run = startProgram(args, { cwd: campaign.folder });
  await untilMails(stalled, 1);
  run.kill("SIGINT");
  await pause(APART_MS);
  run.kill("SIGINT");
  const { code, stderr } = await run.ended;
  assert.equal(code, 3, stderr);
  assert.doesNotMatch(stderr, /Finishing/);
});

Deno.test("Two signals that come together count as one: the mail under way is finished", async () => {
  const answer = Promise.withResolvers<void>();
  await using slow = server(async (peer) => {
    await answer.promise;
    await peer.reply("250 ok");
  });
  await using campaign = await TestCampaign.make(2);
  const run = startProgram(campaign.sendTo(urlOf(slow), "--json"), { cwd: campaign.folder });
  await untilMails(slow, 1);
  run.kill("SIGTERM");
  run.kill("SIGINT");
  await run.seen(/^Finishing 1 mail/m);
  await pause(APART_MS);
  answer.resolve();
  const { code, stdout, stderr } = await run.ended;
  assert.equal(code, 3, stderr);
  const result = JSON.parse(stdout);
  assert.deepEqual([result.sent, result.in_doubt], [1, 0]);
});

Deno.test("A signal while no mail is under way ends the run and says so, even while --rate 0.001/h makes it wait", async () => {
  await using healthy = await CountingServer.start();
  await using campaign = await TestCampaign.make(3);
  const args = campaign.sendTo(healthy.url, "--rate", "0.001/h", "--json");
  const run = startProgram(args, { cwd: campaign.folder });
  while ((await healthy.accepted()).length === 0) await pause(5);
  await pause(1_000);
  run.kill("SIGINT");
  const { code, stdout, stderr } = await run.ended;
  assert.equal(code, 3, stderr);
  assert.match(stderr, /^Stopping; no mail is under way$/m);
  assert.deepEqual(await healthy.accepted(), ["p1@x.test"]);
  const result = JSON.parse(stdout);
  assert.deepEqual([result.sent, result.in_doubt], [1, 0]);
});

Deno.test("A connection that is being opened does not delay the end of a run", async () => {
  await using silent = new ScriptedServer((peer) => peer.stall());
  await using campaign = await TestCampaign.make(2);
  const run = startProgram(campaign.sendTo(urlOf(silent)), { cwd: campaign.folder });
  while (silent.peers.length === 0) await pause(5);
  run.kill("SIGINT");
  const { code, stderr } = await run.ended;
  assert.equal(code, 3, stderr);
  assert.match(stderr, /^Stopping; no mail is under way$/m);
});

Deno.test("A second signal ends a command at once if it has nothing to record", async () => {
  await using stalled = stalling(0);
  await using campaign = await TestCampaign.make(1);
  const run = startProgram([
    ...["preview", "--recipients", "list.csv", "--template", "mail.txt", "--row", "1"],
    ...["--send-to", "me@x.test", "--smtp", urlOf(stalled), "--yes"],
  ], { cwd: campaign.folder });
  await untilMails(stalled, 1);
  run.kill("SIGINT");
  await pause(APART_MS);
  run.kill("SIGINT");
  const { code, stderr } = await run.ended;
  assert.equal(code, 3);
  assert.doesNotMatch(stderr, /in doubt|Stopped/);
});
