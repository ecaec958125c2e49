import assert from "node:assert/strict";
import { join } from "node:path";
import { assertNobodyLostOrTwice, reckon, TestCampaign } from "../support/campaigns.ts";
import { CHUNKS, CountingServer, GROUPS } from "../support/counting_server.ts";
import { programCommand, runProgram, start, startProgram } from "../support/program.ts";

for (const [name, extensions] of [["groups of DATA", GROUPS], ["chunks", CHUNKS]] as const) {
  Deno.test(`With ${name}, a ledger that cannot grow stops the run before a mail goes unrecorded`, async () => {
    await using server = await CountingServer.start({ extensions });
    await using campaign = await TestCampaign.make(5_000);
    const args = campaign.sendTo(server.url);
    const { command, args: before, env } = programCommand();
    // Blocks of 512 bytes; with the signal ignored, a write beyond fails as on a full disk.
    const script = "trap '' XFSZ; ulimit -f 2000; exec \"$@\"";
    const stopped = await start("/bin/sh", ["-c", script, "sh", command, ...before, ...args], {
      cwd: campaign.folder,
      env,
    }).ended;
    assert.equal(stopped.code, 3, stopped.stderr);
    assert.match(stopped.stderr, /Cannot write to the ledger/);
    assert.match(stopped.stderr, /run again/);
    const known = new Set(await campaign.handedOver());
    const taken = await server.accepted();
    assert(taken.length > 0 && taken.length < 5_000, `${taken.length} taken`);
    assert.deepEqual(taken.filter((address) => !known.has(address)), []);

    const resumed = await runProgram(args, { cwd: campaign.folder });
    const reckoning = await reckon(campaign, await server.accepted());
    assertNobodyLostOrTwice(reckoning);
    assert.equal(resumed.code, reckoning.inDoubt.length === 0 ? 0 : 1, resumed.stderr);
    assert(reckoning.inDoubt.length <= 70, `${reckoning.inDoubt.length} in doubt`);
  });
}

/** The size of a file in bytes; undefined if it does not exist (a closed ledger has no log). */
async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Signals a process that may have ended by itself, in which case its files no longer change. */
function signal(pid: number, name: Deno.Signal): void {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** The ledger's files as they are at one moment: nothing is written while they are copied. */
async function copyLedger(campaign: TestCampaign, pid: number, to: string): Promise<void> {
  signal(pid, "SIGSTOP");
  try {
    await Deno.mkdir(to);
    for await (const { name } of Deno.readDir(campaign.folder)) {
      if (!name.startsWith("c.ledger")) continue;
      await Deno.copyFile(join(campaign.folder, name), join(to, name));
    }
  } finally {
    signal(pid, "SIGCONT");
  }
}

Deno.test("Copies of the ledger's files from any moment, even with a truncated log, can be opened and lose nobody", async () => {
  await using server = await CountingServer.start({ extensions: CHUNKS });
  await using campaign = await TestCampaign.make(8_000);
  const run = startProgram(campaign.sendTo(server.url), { cwd: campaign.folder });
  let gone = false;
  const ended = run.ended.finally(() => gone = true);
  const copies: string[] = [];
  while (!gone && copies.length < 3) {
    await new Promise((next) => setTimeout(next, 100 + Math.random() * 200));
    if (gone || server.written === 0) continue;
    const copy = join(campaign.folder, `copy${copies.length}`);
    await copyLedger(campaign, run.pid, copy);
    // As after power loss: what had not reached the disk is missing, and the cut is in the middle of a page.
    const size = await sizeOf(join(copy, "c.ledger-wal"));
    if (copies.length % 2 === 1 && size !== undefined) {
      await Deno.truncate(join(copy, "c.ledger-wal"), Math.floor(size * Math.random()));
    }
    copies.push(copy);
  }
  await ended;
  assert(copies.length > 0);
  const taken = new Set(await server.accepted());
  for (const copy of copies) await assertNobodyLostIn(copy, campaign, taken);
});

/** Continues from the copy with a server of its own: everybody got the mail from the first run, or gets it now. */
async function assertNobodyLostIn(
  copy: string,
  campaign: TestCampaign,
  taken: ReadonlySet<string>,
): Promise<void> {
  await using server = await CountingServer.start({ extensions: CHUNKS });
  const options = ["--ledger", join(copy, "c.ledger"), "--smtp", server.url];
  const args = ["send", ...campaign.args.filter((arg) => !/ledger/.test(arg)), ...options];
  const { code, stderr } = await runProgram(args, { cwd: campaign.folder });
  assert(code === 0 || code === 1, stderr);
  const now = await server.accepted();
  assert.equal(new Set(now).size, now.length);
  const settled = new Set([...now, ...taken]);
  assert.deepEqual(campaign.recipients.filter((address) => !settled.has(address)), []);
}
