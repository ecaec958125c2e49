import assert from "node:assert/strict";
import { join } from "node:path";
import { STATES } from "../../../src/model/state.ts";
import { TestCampaign } from "../../support/campaigns.ts";
import { CHUNKS, CountingServer } from "../../support/counting_server.ts";
import { openDatabase } from "../../support/database.ts";
import { type Ended, type Running, runProgram, startProgram } from "../../support/program.ts";
import { until } from "../../support/until.ts";

// The ledger's files are linked, moved or deleted while a run uses them: nobody is mailed twice.

/** Slow enough that a run is still sending a second after its files were changed. */
const PEOPLE = 500;
const SLOWLY = ["--rate", "100/s"];

const send = (campaign: TestCampaign, server: CountingServer, ...options: readonly string[]) => [
  "send",
  ...campaign.args,
  ...["--smtp", server.url, "--connections", "2"],
  ...options,
];

/** The same command with another name for the ledger. */
const sendFrom = (ledger: string, ...rest: Parameters<typeof send>) =>
  send(...rest).map((argument) => argument === "c.ledger" ? ledger : argument);

async function untilTaken(server: CountingServer, mails: number): Promise<void> {
  const taken = async () => (await server.accepted()).length;
  await until(`the server has taken ${mails} mails`, async () => await taken() >= mails);
}

/** Finishes the campaign, and compares the server's log with the list. */
async function assertRestIsSentOnce(
  campaign: TestCampaign,
  server: CountingServer,
): Promise<void> {
  const { code, stderr } = await runProgram(send(campaign, server), { cwd: campaign.folder });
  assert.equal(code, 0, stderr);
  assert.deepEqual((await server.accepted()).toSorted(), campaign.recipients.toSorted());
}

/** A run that has sent some mails and does not finish soon. */
async function started(campaign: TestCampaign, server: CountingServer): Promise<Running> {
  const run = startProgram(send(campaign, server, ...SLOWLY), { cwd: campaign.folder });
  await untilTaken(server, 10);
  return run;
}

function assertStopped({ code, stderr }: Ended, reason: RegExp): void {
  assert.equal(code, 3, stderr);
  assert.match(stderr, reason);
}

Deno.test("A run whose lock file is deleted is still the only one that can use its ledger, under any of its names", async () => {
  await using server = await CountingServer.start({ extensions: CHUNKS });
  await using campaign = await TestCampaign.make(PEOPLE);
  const cwd = campaign.folder;
  const file = (name: string) => join(cwd, name);
  const run = await started(campaign, server);
  // Suspended, so that it can neither end nor notice before the others have tried.
  run.kill("SIGSTOP");
  const taken = (await server.accepted()).length;
  await Deno.symlink("c.ledger", file("soft"));
  await Deno.link(file("c.ledger"), file("hard"));
  await Deno.mkdir(file("copy"));
  for (const name of ["c.ledger", "c.ledger-wal"]) {
    await Deno.copyFile(file(name), file(`copy/${name}`));
  }
  await Deno.writeTextFile(file("bounce.eml"), "From: <>\n\nNo.\n");
  const attempts = {
    "by a symbolic link": sendFrom("soft", campaign, server),
    "by a hard link": sendFrom("hard", campaign, server),
    "as a copy": sendFrom("copy/c.ledger", campaign, server),
    "without its lock": send(campaign, server),
    "to settle": ["settle", "p1@x.test", "--as", "queued", "--ledger", "c.ledger"],
    "to settle nobody": ["settle", "--state", "skipped", "--as", "sent", "--ledger", "c.ledger"],
    "to note bounces": ["bounces", "bounce.eml", "--ledger", "c.ledger", "--campaign", "c"],
  };
  try {
    for (const [how, args] of Object.entries(attempts)) {
      if (how === "without its lock") {
        await Deno.remove(file("c.ledger.lock"));
        const { stdout } = await runProgram(["status", "--ledger", "soft", "--json"], { cwd });
        assert.equal(JSON.parse(stdout).running.pid, run.pid);
      }
      const { code, stderr } = await runProgram(args, { cwd });
      assert.equal(code, 2, `${how}: ${stderr}`);
      assert.match(stderr, new RegExp(`in use: process ${run.pid} on `), how);
      assert.doesNotMatch(stderr, /^Nobody/, how);
    }
  } finally {
    run.kill("SIGCONT");
  }
  assertStopped(await run.ended, /as 'c\.ledger\.lock' was (?:deleted|replaced)/);
  assert((await server.accepted()).length >= taken);
  for (const name of ["soft", "hard"]) await Deno.remove(file(name));
  await assertRestIsSentOnce(campaign, server);
});

Deno.test("A ledger that was created through a link can be used under either name", async () => {
  await using server = await CountingServer.start({ extensions: CHUNKS });
  await using campaign = await TestCampaign.make(5);
  const cwd = campaign.folder;
  await Deno.mkdir(join(cwd, "disk"));
  await Deno.symlink("disk", join(cwd, "folder"));
  await Deno.symlink("folder/real.ledger", join(cwd, "c.ledger"));
  const first = await runProgram(send(campaign, server, "--limit", "2"), { cwd });
  assert.equal(first.code, 0, first.stderr);
  const names = [...Deno.readDirSync(join(cwd, "disk"))].map(({ name }) => name).toSorted();
  assert.deepEqual(names, ["real.ledger", "real.ledger.lock"]);
  const second = await runProgram(sendFrom("disk/real.ledger", campaign, server), { cwd });
  assert.equal(second.code, 0, second.stderr);
  await assertRestIsSentOnce(campaign, server);
});

const LEDGER = ["c.ledger", "c.ledger-wal", "c.ledger-shm", "c.ledger.lock"];

for (
  const [what, change, reason] of [
    ["deleted", remove("c.ledger"), /'c\.ledger' as it was deleted[^]* as 'c\.ledger\.saved'/],
    ["deleted with all its files", remove(...LEDGER), /'c\.ledger' as it was deleted while/],
    ["renamed", rename("c.ledger", "old"), /'c\.ledger' as it was deleted or renamed while/],
    ["separated from its log", remove("c.ledger-wal"), /as 'c\.ledger-wal' was deleted/],
  ] as const
) {
  Deno.test(`A run whose ledger is ${what} stops, and the next one mails nobody twice`, async () => {
    await using server = await CountingServer.start({ extensions: CHUNKS });
    await using campaign = await TestCampaign.make(PEOPLE);
    const run = await started(campaign, server);
    await change(campaign.folder);
    assertStopped(await run.ended, reason);
    const taken = (await server.accepted()).length;
    assert(taken < PEOPLE, "it stopped");
    using database = openDatabase(campaign.ledger, { readOnly: true });
    const counted = database.prepare("SELECT count(*) AS n FROM recipient WHERE state = ?");
    const { n } = counted.get(STATES.indexOf("sent")) as { n: number };
    assert.equal(n, taken, "everything it sent is in the ledger");
    await assertRestIsSentOnce(campaign, server);
  });
}

Deno.test("A run whose ledger is replaced saves its own, and the next one is refused until the user has chosen", async () => {
  await using server = await CountingServer.start({ extensions: CHUNKS });
  await using campaign = await TestCampaign.make(PEOPLE);
  const run = await started(campaign, server);
  await Deno.writeTextFile(join(campaign.folder, "other"), "");
  await Deno.rename(join(campaign.folder, "other"), campaign.ledger);
  assertStopped(await run.ended, /it was replaced [^]*Rename that file to 'c\.ledger' before/);
  const taken = (await server.accepted()).length;
  const refused = await runProgram(send(campaign, server), { cwd: campaign.folder });
  assert.equal(refused.code, 2, refused.stderr);
  assert.match(refused.stderr, /'c\.ledger\.saved' is beside it/);
  assert.equal((await server.accepted()).length, taken);
  await Deno.rename(`${campaign.ledger}.saved`, campaign.ledger);
  await assertRestIsSentOnce(campaign, server);
});

Deno.test("A run too short for a regular check of its files checks them when it ends", async () => {
  await using server = await CountingServer.start({ extensions: CHUNKS });
  await using campaign = await TestCampaign.make(3);
  const args = send(campaign, server, "--rate", "2/s");
  const run = startProgram(args, { cwd: campaign.folder });
  await untilTaken(server, 1);
  await Deno.remove(campaign.ledger);
  assertStopped(await run.ended, /'c\.ledger' as it was deleted/);
  await assertRestIsSentOnce(campaign, server);
});

Deno.test("After a run that was killed while it created its ledger, the next one sends", async () => {
  await using server = await CountingServer.start({ extensions: CHUNKS });
  await using campaign = await TestCampaign.make(3);
  {
    using database = openDatabase(campaign.ledger);
    database.exec("PRAGMA journal_mode = WAL");
  }
  // The header of a rollback journal that restores the file to no pages at all (sqlite.org/fileformat2.html, 3).
  const journal = new Uint8Array(512);
  journal.set([0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7]);
  journal.set([2, 0, 0, 0, 16, 0], 22);
  await Deno.writeFile(`${campaign.ledger}-journal`, journal);
  await assertRestIsSentOnce(campaign, server);
});

function remove(...names: readonly string[]) {
  return async (folder: string) => {
    for (const name of names) await Deno.remove(join(folder, name));
  };
}

function rename(from: string, to: string) {
  return (folder: string) => Deno.rename(join(folder, from), join(folder, to));
}
