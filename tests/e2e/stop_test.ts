import assert from "node:assert/strict";
import { hostname } from "node:os";
import { join } from "node:path";
import { assertNobodyLostOrTwice, reckon, TestCampaign } from "../support/campaigns.ts";
import { CountingServer, GROUPS } from "../support/counting_server.ts";
import type { Ended } from "../support/process.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { ScriptedServer } from "../support/scripted_server.ts";

const LEDGER = ["--ledger", "c.ledger"];
const pause = (ms: number) => new Promise((next) => setTimeout(next, ms));

async function stop({ folder }: TestCampaign, ...more: readonly string[]): Promise<Ended> {
  return await runProgram(["stop", ...LEDGER, ...more], { cwd: folder });
}

async function untilSent(server: CountingServer, count: number): Promise<void> {
  while ((await server.accepted()).length < count) await pause(5);
}

function assertStopped({ code, stdout, stderr }: Ended): void {
  assert.equal(code, 3, stderr);
  const { state, kind, reason, retryable, in_doubt } = JSON.parse(stdout);
  assert.deepEqual([state, kind, reason, retryable, in_doubt], [
    ...["stopped", "stop-command", "Stopped by 'email-dispatcher stop'", true, 0],
  ]);
}

async function filesBeside({ folder }: TestCampaign): Promise<readonly string[]> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
  return names.filter((name) => /\.stop/.test(name));
}

Deno.test("stop ends a run on ten connections in order; send then goes on to the end, and mails nobody twice", async () => {
  await using server = await CountingServer.start({
    extensions: GROUPS,
    latencyMs: 20,
    refuse: { "p7@x.test": "550 5.1.1 No such user" },
  });
  await using campaign = await TestCampaign.make(2_000);
  const args = campaign.sendTo(server.url, "--connections", "10", "--json");
  const run = startProgram(args, { cwd: campaign.folder });
  await untilSent(server, 50);
  const asked = await stop(campaign);
  assert.deepEqual([asked.code, asked.stdout], [0, ""], asked.stderr);
  assert.match(asked.stderr, /^Process \d+ on \S+ has been asked to stop/);
  assert.match(asked.stderr, /^Process \d+ on \S+ has ended; run send again to continue$/m);
  const ended = await run.ended;
  assertStopped(ended);
  assert.match(ended.stderr, /^(?:Finishing \d+ mails?; press Ctrl-C to quit now|Stopping;)/m);
  const before = (await server.accepted()).length;
  assert.ok(before < 1_999, `all were sent: ${before}`);
  assert.deepEqual(await filesBeside(campaign), []);

  const resumed = await runProgram(args, { cwd: campaign.folder });
  assert.equal(resumed.code, 1, resumed.stderr);
  assert.doesNotMatch(resumed.stderr, /ended abruptly/);
  const reckoning = await reckon(campaign, await server.accepted());
  assertNobodyLostOrTwice({
    ...reckoning,
    missing: reckoning.missing.filter((address) => address !== "p7@x.test"),
  });
  assert.deepEqual(reckoning.inDoubt, []);
});

Deno.test("stop ends a run that waits for --start-at; meanwhile status says until when, and a second send is refused", async () => {
  await using server = await CountingServer.start();
  await using campaign = await TestCampaign.make(3);
  const at = new Date(Date.now() + 86_400_000);
  const args = campaign.sendTo(server.url, "--json");
  const run = startProgram([...args, "--start-at", at.toISOString()], { cwd: campaign.folder });
  await run.seen(/^Waiting until \S+ \d{4}-\d\d-\d\d \d\d:\d\d /m);

  const text = await runProgram(["status", ...LEDGER], { cwd: campaign.folder });
  assert.match(text.stdout, /^Running: process \d+ on \S+ since \S+, waiting until \S+ \d{4}-/m);
  const status = await runProgram(["status", ...LEDGER, "--campaign", "c", "--json"], {
    cwd: campaign.folder,
  });
  const { campaign: id, state, waiting_until, running } = JSON.parse(status.stdout);
  assert.deepEqual([id, state, waiting_until, running.pid], [
    ...["c", "running", at.toISOString(), run.pid],
  ]);

  const second = await runProgram(args, { cwd: campaign.folder });
  assert.equal(second.code, 2, second.stderr);
  const refused = JSON.parse(second.stdout);
  assert.deepEqual([refused.campaign, refused.state, refused.kind, refused.retryable], [
    ...["c", "refused", "ledger-in-use", true],
  ]);
  assert.deepEqual(refused.running, running);

  const asked = await stop(campaign);
  assert.equal(asked.code, 0, asked.stderr);
  assertStopped(await run.ended);
  assert.deepEqual(await server.accepted(), []);
  const now = await runProgram(args, { cwd: campaign.folder });
  assert.equal(now.code, 0, now.stderr);
  assert.doesNotMatch(now.stderr, /created for campaign|is not the one of the last run/);
  assert.equal((await server.accepted()).length, 3);
});

Deno.test("stop ends a run that waits for a retry", async () => {
  await using server = await CountingServer.start({
    extensions: GROUPS,
    refuse: { "p2@x.test": "450 4.2.1 Busy" },
  });
  await using campaign = await TestCampaign.make(3);
  const args = campaign.sendTo(server.url, "--json");
  const run = startProgram(args, { cwd: campaign.folder });
  await untilSent(server, 2);
  assert.equal((await stop(campaign)).code, 0);
  const ended = await run.ended;
  assertStopped(ended);
  assert.equal(JSON.parse(ended.stdout).deferred, 1);
});

Deno.test("A request that was left for another process is removed, and stops nobody", async () => {
  await using server = await CountingServer.start();
  await using campaign = await TestCampaign.make(5);
  const request = join(campaign.folder, "c.ledger.stop");
  for (
    const left of [
      JSON.stringify({ pid: 1, host: hostname(), since: "2026-01-01T00:00:00.000Z" }),
      "not JSON",
    ]
  ) {
    await Deno.writeTextFile(request, left);
    const { code, stderr } = await runProgram(campaign.sendTo(server.url), {
      cwd: campaign.folder,
    });
    assert.equal(code, 0, stderr);
    assert.deepEqual(await filesBeside(campaign), []);
  }
  assert.equal((await server.accepted()).length, 5);
});

Deno.test("stop says that nobody is sending, and exits with 0; without a ledger it exits with 2", async () => {
  await using server = await CountingServer.start();
  await using campaign = await TestCampaign.make(1);
  const none = await stop(campaign);
  assert.deepEqual([none.code, none.stdout], [2, ""]);
  assert.match(none.stderr, /^error: Cannot open the ledger because there is none/);
  await runProgram(campaign.sendTo(server.url), { cwd: campaign.folder });
  const idle = await stop(campaign);
  assert.deepEqual([idle.code, idle.stderr], [0, "Nobody is sending from 'c.ledger'\n"]);
  assert.deepEqual(await filesBeside(campaign), []);
  const wrong = await stop(campaign, "--timeout", "soon");
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /--timeout must be a time span/);
});

Deno.test("stop exits with 3 if the run is still finishing when --timeout is over; one Ctrl-C then ends it", async () => {
  await using stalled = new ScriptedServer(async (peer) => {
    await peer.reply("220 mx");
    for (let line; (line = await peer.line()) !== undefined;) {
      if (line !== "DATA") await peer.reply("250 ok");
      else {
        await peer.reply("354 go");
        await peer.body();
        await peer.stall();
      }
    }
  });
  await using campaign = await TestCampaign.make(2);
  const url = `smtp://127.0.0.1:${stalled.port}?tls=off`;
  const run = startProgram(campaign.sendTo(url, "--json"), { cwd: campaign.folder });
  while (!stalled.peers.some(({ text }) => text.includes("\r\n.\r\n"))) await pause(5);
  const asked = await stop(campaign, "--timeout", "2s");
  assert.equal(asked.code, 3, asked.stderr);
  assert.match(asked.stderr, /^Process \d+ on \S+ is still finishing; /m);
  run.kill("SIGINT");
  const { code, stdout, stderr } = await run.ended;
  assert.equal(code, 3, stderr);
  const { kind, in_doubt } = JSON.parse(stdout);
  assert.deepEqual([kind, in_doubt], ["stop-command", 1]);
});
