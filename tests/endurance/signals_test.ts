import assert from "node:assert/strict";
import { assertNobodyLostOrTwice, reckon, TestCampaign } from "../support/campaigns.ts";
import { CHUNKS, CountingServer, GROUPS } from "../support/counting_server.ts";
import {
  type Ended,
  programCommand,
  type Running,
  runProgram,
  start,
  startProgram,
} from "../support/program.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { until } from "../support/until.ts";

async function untilTaken(server: CountingServer, bytes: number): Promise<void> {
  await until(`the server has logged ${bytes} bytes`, () => server.written >= bytes);
}

/** Signals the run and measures how long it continues. */
async function interrupted(run: Running): Promise<Ended & { readonly ms: number }> {
  const since = performance.now();
  run.kill("SIGINT");
  const ended = await run.ended;
  return { ...ended, ms: performance.now() - since };
}

for (const [name, extensions] of [["groups of DATA", GROUPS], ["chunks", CHUNKS]] as const) {
  Deno.test(`With ${name}, SIGINT at full speed ends the run within 2 s and leaves nobody in doubt`, async () => {
    await using server = await CountingServer.start({ extensions });
    await using campaign = await TestCampaign.make(8_000);
    const args = campaign.sendTo(server.url);
    const run = startProgram(args, { cwd: campaign.folder });
    await untilTaken(server, 20_000);
    const { code, ms, stderr } = await interrupted(run);
    assert.equal(code, 3, stderr);
    assert(ms < 2_000, `${ms} ms`);
    assert.match(stderr, /signal/i);
    const taken = await server.accepted();
    const states = await campaign.byState();
    assert.equal(states.has("in-doubt"), false);
    assert.deepEqual(new Set(taken), new Set(states.get("sent")));

    const resumed = await runProgram(args, { cwd: campaign.folder });
    assert.equal(resumed.code, 0, resumed.stderr);
    const reckoning = await reckon(campaign, await server.accepted());
    assertNobodyLostOrTwice(reckoning);
    assert.deepEqual(reckoning.inDoubt, []);
  });
}

/** Reads a mail to its final dot and does not reply. */
const stalling = () =>
  new ScriptedServer(async (peer) => {
    await peer.reply("220 mx");
    await peer.line();
    await peer.reply("250-mx", "250 PIPELINING");
    for (let line = 0; line < 3; line++) await peer.line();
    await peer.reply("250 ok", "250 ok", "354 go");
    await peer.body();
    await peer.stall();
  });

Deno.test("A second signal ends the run at once, and mails under way are in doubt", async () => {
  await using server = stalling();
  await using campaign = await TestCampaign.make(3);
  const url = `smtp://127.0.0.1:${server.port}?tls=off`;
  const run = startProgram(campaign.sendTo(url), { cwd: campaign.folder });
  await until("a final dot is sent", () => server.written().includes("\r\n.\r\n"));
  run.kill("SIGINT");
  // Signals closer together than this count as one (a launcher that passes them on).
  await new Promise((next) => setTimeout(next, 300));
  const { code, ms, stderr } = await interrupted(run);
  assert.equal(code, 3);
  assert(ms < 2_000, `${ms} ms`);
  assert.match(stderr, /In doubt\n +line 2 +p1@x\.test/);

  await using healthy = await CountingServer.start();
  const resumed = await runProgram(campaign.sendTo(healthy.url), { cwd: campaign.folder });
  assert.equal(resumed.code, 1, resumed.stderr);
  assert.match(resumed.stderr, /in doubt/);
  assert.deepEqual(await campaign.exported("in-doubt"), ["p1@x.test"]);
  assert.deepEqual([...await healthy.accepted()].sort(), ["p2@x.test", "p3@x.test"]);
});

Deno.test("After one signal, the run waits 30 s for a reply, then leaves its recipient in doubt and ends in order", async () => {
  await using server = stalling();
  await using campaign = await TestCampaign.make(3);
  const url = `smtp://127.0.0.1:${server.port}?tls=off`;
  const run = startProgram(campaign.sendTo(url, "--json"), { cwd: campaign.folder });
  await until("a final dot is sent", () => server.written().includes("\r\n.\r\n"));
  const { code, ms, stdout, stderr } = await interrupted(run);
  assert.equal(code, 3, stderr);
  assert(ms >= 29_900 && ms < 60_000, `${ms} ms`);
  assert.match(stderr, /^warning: No reply to 1 mail within 30 s; closing the connections$/m);
  const result = JSON.parse(stdout);
  assert.deepEqual([result.exit_code, result.in_doubt, result.sent], [3, 1, 0]);
});

/** Starts the program from a shell that first changes its environment: `"$@"` is the program. */
function inShell(script: string, args: readonly string[], cwd: string): Promise<Ended> {
  const { command, args: before, env } = programCommand();
  return start("/bin/sh", ["-c", script, "sh", command, ...before, ...args], { cwd, env }).ended;
}

for (
  const [name, script] of [
    ["send --json | head -1", '"$@" --json | head -1'],
    ["send -v 2>&1 | head -1", '"$@" -v 2>&1 | head -1'],
    ["send | true", '"$@" --json | true'],
    ["a closed standard error", '"$@" -v 2>&-'],
    ["all standard streams closed", '"$@" -v <&- >&- 2>&-'],
  ] as const
) {
  Deno.test(`The ledger is correct after ${name}`, async () => {
    await using server = await CountingServer.start();
    await using campaign = await TestCampaign.make(300);
    await inShell(script, campaign.sendTo(server.url), campaign.folder);
    const reckoning = await reckon(campaign, await server.accepted());
    assertNobodyLostOrTwice(reckoning);
    assert.deepEqual(reckoning.inDoubt, []);
    assert.equal(reckoning.sent.length, 300);
  });
}

for (const descriptors of [32, 48]) {
  Deno.test(`With too few file descriptors (ulimit -n ${descriptors}), nobody is lost and nothing hangs`, async () => {
    await using server = await CountingServer.start();
    await using campaign = await TestCampaign.make(300);
    const args = campaign.sendTo(server.url, "--connections", "50");
    const starved = await inShell(
      `ulimit -n ${descriptors}; exec timeout 60 "$@"`,
      args,
      campaign.folder,
    );
    assert([0, 2, 3].includes(starved.code), `exit ${starved.code}: ${starved.stderr}`);
    const { code, stderr } = await runProgram(args, { cwd: campaign.folder });
    assert.equal(code, 0, stderr);
    const reckoning = await reckon(campaign, await server.accepted());
    assertNobodyLostOrTwice(reckoning);
    assert.deepEqual(reckoning.inDoubt, []);
  });
}

Deno.test("If there are fewer file descriptors than --connections needs, fewer connections send everything", async () => {
  await using server = await CountingServer.start();
  await using campaign = await TestCampaign.make(300);
  const args = campaign.sendTo(server.url, "--connections", "100");
  const { code, stderr } = await inShell('ulimit -n 64; exec "$@"', args, campaign.folder);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /No file descriptor is left .* continuing with \d+ connection/);
  assert.equal((await server.accepted()).length, 300);
});

Deno.test("A second process on a ledger in use is refused with the id of the first", async () => {
  await using server = await CountingServer.start({ latencyMs: 50 });
  await using campaign = await TestCampaign.make(2_000);
  const args = campaign.sendTo(server.url);
  const first = startProgram(args, { cwd: campaign.folder });
  await untilTaken(server, 100);
  const second = await runProgram(args, { cwd: campaign.folder });
  assert(second.code === 2 || second.code === 3, `exit ${second.code}`);
  assert.match(second.stderr, new RegExp(`in use.*\\b${first.pid}\\b`));
  const { code } = await interrupted(first);
  assert.equal(code, 3);
  const accepted = await server.accepted();
  assert.equal(new Set(accepted).size, accepted.length);
});
