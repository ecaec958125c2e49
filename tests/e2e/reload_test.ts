import assert from "node:assert/strict";
import { join } from "node:path";
import { TestCampaign } from "../support/campaigns.ts";
import { CountingServer } from "../support/counting_server.ts";
import { output } from "../support/process.ts";
import { startProgram } from "../support/program.ts";

const SEND = ["send", "--config", "campaign.toml", "--progress", "none", "--yes"];

const pause = (ms: number) => new Promise((next) => setTimeout(next, ms));

/** A campaign with its settings in a file, which the test rewrites. */
async function withFile(count: number) {
  const campaign = await TestCampaign.make(count);
  const write = (settings: Readonly<Record<string, string | readonly string[]>>) => {
    const all = {
      id: "c",
      recipients: "list.csv",
      template: "mail.txt",
      ledger: "c.ledger",
      ...settings,
    };
    const lines = Object.entries(all).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`);
    Deno.writeTextFileSync(join(campaign.folder, "campaign.toml"), lines.join(""));
  };
  return Object.assign(campaign, { write });
}

async function untilSent(server: CountingServer, count: number): Promise<void> {
  while ((await server.accepted()).length < count) await pause(5);
}

Deno.test("A rate raised by SIGHUP from 60/h to 1,000/s applies at once, even to the mail that is waiting", async () => {
  await using server = await CountingServer.start();
  await using campaign = await withFile(20);
  campaign.write({ smtp: server.url, rate: "60/h" });
  const run = startProgram(SEND, { cwd: campaign.folder });
  await untilSent(server, 1);
  campaign.write({ smtp: server.url, rate: "1000/s" });
  run.kill("SIGHUP");
  const { code, stderr } = await run.ended;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^Rate is now 1,000\/s$/m);
  assert.equal(new Set(await server.accepted()).size, 20);
});

Deno.test("A rate changed by SIGHUP in a relay's URL applies to that relay only, and is reported for it only", async () => {
  await using server = await CountingServer.start();
  await using other = await CountingServer.start();
  await using campaign = await withFile(20);
  const slow = `${server.url}&rate=60/h`;
  campaign.write({ smtp: [slow, `${other.url}&rate=60/h`] });
  const run = startProgram(SEND, { cwd: campaign.folder });
  await untilSent(server, 1);
  await untilSent(other, 1);
  campaign.write({ smtp: [slow, `${other.url}&rate=1000/s`], from: "another@acme.test" });
  run.kill("SIGHUP");
  await untilSent(other, 10);
  run.kill("SIGINT");
  const { code, stderr } = await run.ended;
  assert.equal(code, 3, stderr);
  assert.match(stderr, new RegExp(`^Rate of 127\\.0\\.0\\.1:${other.port} is now 1,000/s$`, "m"));
  assert.doesNotMatch(stderr, /Rate is now|unlimited/);
  assert.doesNotMatch(stderr, new RegExp(`Rate of 127\\.0\\.0\\.1:${server.port}`));
  assert.equal((await server.accepted()).length, 1, "it keeps its own rate");
});

Deno.test("SIGHUP with a faulty file or unchanged rates changes nothing and says so", async () => {
  await using server = await CountingServer.start();
  await using campaign = await withFile(3);
  campaign.write({ smtp: server.url, rate: "60/h" });
  const run = startProgram(SEND, { cwd: campaign.folder });
  await untilSent(server, 1);
  run.kill("SIGHUP");
  await run.seen(/^Campaign file read again: no rate has changed$/m);
  campaign.write({ smtp: server.url, rate: "fast" });
  run.kill("SIGHUP");
  await run.seen(/^warning: Continuing as before: .*campaign\.toml:\d+: Cannot use 'rate'/m);
  run.kill("SIGINT");
  const { code, stderr } = await run.ended;
  assert.equal(code, 3, stderr);
  assert.equal((await server.accepted()).length, 1);
});

/** Opens the writing end of a named pipe, which waits until the program reads from it. */
const openPipe = (path: string) => Deno.open(path, { write: true });

async function makePipe(path: string): Promise<void> {
  await output("mkfifo", [path]);
}

for (const reads of ["the list", "a suppression file"] as const) {
  Deno.test(`SIGHUP while ${reads} is being read does not end the run, and its rate applies from the first mail on`, async () => {
    await using server = await CountingServer.start();
    await using campaign = await withFile(20);
    const pipe = join(campaign.folder, "pipe");
    await makePipe(pipe);
    const settings = reads === "the list" ? { recipients: "pipe" } : { suppress: "pipe" };
    campaign.write({ ...settings, smtp: server.url, rate: "60/h" });
    const run = startProgram(SEND, { cwd: campaign.folder });
    using writing = await openPipe(pipe);
    campaign.write({ ...settings, smtp: server.url, rate: "1000/s" });
    run.kill("SIGHUP");
    await run.seen(/^Campaign file reloaded; its rates apply once sending starts$/m);
    const list = await Deno.readFile(join(campaign.folder, "list.csv"));
    if (reads === "the list") await writing.write(list);
    writing.close();
    const { code, stderr } = await run.ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^Rate is now 1,000\/s$/m);
    assert.equal((await server.accepted()).length, 20);
  });
}

Deno.test("SIGHUP while a run waits for --start-at does not end it", async () => {
  await using server = await CountingServer.start();
  await using campaign = await withFile(3);
  campaign.write({ smtp: server.url });
  const args = [...SEND, "--start-at", "tomorrow 23:59"];
  const run = startProgram(args, { cwd: campaign.folder });
  await run.seen(/3 recipients/);
  run.kill("SIGHUP");
  await run.seen(/^Campaign file reloaded; its rates apply once sending starts$/m);
  run.kill("SIGINT");
  const { code, stderr } = await run.ended;
  assert.equal(code, 3, stderr);
  assert.match(stderr, /Stopped by a signal/);
  assert.deepEqual(await server.accepted(), []);
});
