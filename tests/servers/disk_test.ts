import assert from "node:assert/strict";
import { assertNobodyLostOrTwice, reckon, TestCampaign } from "../support/campaigns.ts";
import { CHUNKS, CountingServer } from "../support/counting_server.ts";
import { COUNTS } from "../e2e/long/endings/counts.ts";
import { output } from "../support/process.ts";
import { type Ended, programCommand, runProgram, start } from "../support/program.ts";

// Needs root, mount and strace: a disk that is full, and one that fails.

async function mount(...args: readonly string[]): Promise<void> {
  await output("mount", args);
}

/** Every mail that was sent is in the ledger, and the output says that the same command continues. */
async function assertStoppedCleanly(
  stopped: Ended,
  campaign: TestCampaign,
  server: CountingServer,
): Promise<void> {
  assert.equal(stopped.code, 3, stopped.stderr);
  assert.match(stopped.stderr, /ledger 'c\.ledger'/);
  assert.match(stopped.stderr, /run again/);
  const known = new Set(await campaign.handedOver());
  const unrecorded = new Set(await server.accepted()).difference(known);
  assert.deepEqual([...unrecorded], []);
  await assertReportedAsRecorded(stopped, campaign);
}

/** The last counts that the run reported are those in the ledger. */
async function assertReportedAsRecorded(stopped: Ended, campaign: TestCampaign): Promise<void> {
  const { stdout } = await runProgram(["status", "--json", "--ledger", "c.ledger"], {
    cwd: campaign.folder,
  });
  const counts = ["total", ...COUNTS];
  const of = (json: string) => counts.map((name) => `${name} ${JSON.parse(json)[name]}`);
  assert.deepEqual(of(stopped.stdout), of(stdout));
  const lost =
    /(\d+) repl(?:y|ies) could not be recorded in the ledger/.exec(stopped.stderr)?.[1] ??
      "0";
  assert.ok(Number(lost) <= JSON.parse(stdout).in_doubt, stopped.stderr);
}

async function assertResumes(campaign: TestCampaign, server: CountingServer): Promise<void> {
  const resumed = await runProgram(campaign.sendTo(server.url, "--json"), { cwd: campaign.folder });
  const reckoning = await reckon(campaign, await server.accepted());
  assertNobodyLostOrTwice(reckoning);
  assert.equal(resumed.code, reckoning.inDoubt.length === 0 ? 0 : 1, resumed.stderr);
  assert(reckoning.inDoubt.length <= 70, `${reckoning.inDoubt.length} in doubt`);
}

Deno.test("A full disk stops the run, and the same command continues once there is room", async () => {
  const disk = await Deno.makeTempDir();
  await mount("-t", "tmpfs", "-o", "size=4m", "none", disk);
  try {
    await using server = await CountingServer.start({ extensions: CHUNKS });
    await using campaign = await TestCampaign.make(20_000, disk);
    const stopped = await runProgram(campaign.sendTo(server.url, "--json"), {
      cwd: campaign.folder,
    });
    await assertStoppedCleanly(stopped, campaign, server);
    assert.match(stopped.stderr, /full/);
    await mount("-o", "remount,size=64m", disk);
    await assertResumes(campaign, server);
  } finally {
    await output("umount", [disk]);
    await Deno.remove(disk);
  }
});

for (
  const [name, injected] of [
    ["every write from a certain one on", "pwrite64:error=EIO:when=150+"],
    ["a single write", "pwrite64:error=EIO:when=100"],
    ["the first write", "pwrite64:error=EIO:when=1+"],
    ["no room for a write", "pwrite64:error=ENOSPC:when=200+"],
    ["syncing it to the disk", "fdatasync:error=EIO:when=1+"],
  ] as const
) {
  Deno.test(`An I/O error in the ledger stops the run (${name})`, async () => {
    // Slow enough that the ledger, which is synced once a second, is synced in the middle of the run.
    await using server = await CountingServer.start({ extensions: CHUNKS, latencyMs: 20 });
    await using campaign = await TestCampaign.make(5_000);
    const { command, args, env } = programCommand();
    const stopped = await start("strace", [
      ...["-f", "-qq", "-o", "/dev/null", "-e", `inject=${injected}`],
      // Only the ledger's files: the runtime has files of its own.
      ...["-P", campaign.ledger, "-P", `${campaign.ledger}-wal`],
      ...[command, ...args, ...campaign.sendTo(server.url, "--json")],
    ], { cwd: campaign.folder, env }).ended;
    if (stopped.code === 2) assert.deepEqual(await server.accepted(), [], stopped.stderr);
    else await assertStoppedCleanly(stopped, campaign, server);
    await assertResumes(campaign, server);
  });
}
