import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { join } from "node:path";
import { openSandbox, type ReceivedMail } from "../../src/sandbox/sandbox.ts";
import { bounceOf } from "../support/bounce_message.ts";
import { TestCampaign } from "../support/campaigns.ts";
import { type Ended, runProgram } from "../support/program.ts";

/** A campaign of some recipients, sent to the sandbox. */
async function sentCampaign(count: number): Promise<TestCampaign> {
  const campaign = await TestCampaign.make(count);
  const { code, stderr } = await runProgram(["send", ...campaign.args, "--smtp", "sandbox:"], {
    cwd: campaign.folder,
  });
  assert.equal(code, 0, stderr);
  return campaign;
}

/** The mail that the sandbox received for a recipient. */
async function mailTo(campaign: TestCampaign, address: string): Promise<string> {
  const outbox = join(campaign.folder, "outbox");
  for await (const { name } of Deno.readDir(outbox)) {
    if (!name.endsWith(".eml")) continue;
    const mail = await Deno.readTextFile(join(outbox, name));
    if (mail.includes(`To: ${address}\r\n`)) return mail;
  }
  throw new Error(`No mail to ${address}`);
}

const AWAY = `From: p3@x.test
Subject: Automatic reply: Hello, Person 3
Auto-Submitted: auto-replied
Message-ID: <away@x.test>

p3@x.test is out of the office. User unknown until Monday.
`;

function bounces(campaign: TestCampaign, args: readonly string[], stdin = ""): Promise<Ended> {
  return runProgram(["bounces", ...args, "--ledger", "c.ledger"], { cwd: campaign.folder, stdin });
}

Deno.test("bounces marks hard bounces as failed, suppresses them for the next campaign, and is idempotent", async () => {
  await using campaign = await sentCampaign(4);
  const box = (await Promise.all([["p1@x.test", "5.1.1"], ["p2@x.test", "4.2.2"]].map(
    async ([address, status]) => bounceOf(await mailTo(campaign, address!), address!, status!),
  ))).concat(AWAY).map((text) => `From - Tue Nov 24 03:49:13 2026\n${text}\n`).join("");
  await Deno.writeTextFile(join(campaign.folder, "box"), box);

  const dry = await bounces(campaign, ["box", "--dry-run"]);
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(dry.stderr, /Would be: 1 marked failed, 1 suppressed/);
  assert.deepEqual(await campaign.exported("failed"), []);

  const first = await bounces(campaign, ["box", "--json", "-v"]);
  assert.equal(first.code, 0, first.stderr);
  assert.match(
    first.stderr,
    /^box, message 1: hard bounce of p1@x\.test \(5\.1\.1\): marked failed, suppressed$/m,
  );
  assert.match(first.stderr, /^box, message 2: soft bounce of p2@x\.test \(4\.2\.2\): noted$/m);
  assert.match(first.stderr, /^box, message 3: auto-reply$/m);
  assert.equal(first.stdout.trimEnd().split("\n").length, 1);
  const json = JSON.parse(first.stdout);
  assert.equal(json.campaign, "c");
  assert.deepEqual(
    [json.messages, json.hard, json.soft, json.auto_replies, json.failed, json.suppressed],
    [3, 1, 1, 1, 1, 1],
  );
  assert.equal(json.findings[0].matched_by, "message-id");
  assert.deepEqual(await campaign.exported("failed"), ["p1@x.test"]);

  const again = await bounces(campaign, ["box"]);
  assert.match(again.stderr, /0 marked failed, 0 suppressed, 2 read before/);

  // The failed recipient is settled: nobody is mailed again, and another campaign skips them.
  const resumed = await runProgram(["send", ...campaign.args, "--smtp", "sandbox:"], {
    cwd: campaign.folder,
  });
  assert.equal(resumed.code, 1, resumed.stderr);
  const next = await runProgram([
    ...["send", "--campaign", "d", "--recipients", "list.csv", "--template", "mail.txt"],
    ...["--smtp", "sandbox:", "--yes", "--json", "--progress", "none"],
  ], { cwd: campaign.folder });
  assert.equal(next.code, 0, next.stderr);
  assert.deepEqual([JSON.parse(next.stdout).sent, JSON.parse(next.stdout).skipped], [3, 1]);
});

Deno.test("bounces reads standard input, and exits with 1 if a message is unreadable, with 2 if nothing can be done", async () => {
  await using campaign = await sentCampaign(1);
  const mail = bounceOf(await mailTo(campaign, "p1@x.test"), "p1@x.test", "5.1.1");
  const read = await bounces(campaign, ["-"], mail);
  assert.equal(read.code, 0, read.stderr);
  assert.match(read.stderr, /^1 message: 1 hard$/m);
  const junk = await bounces(campaign, ["-"], "\0\x01\x02");
  assert.equal(junk.code, 1, junk.stderr);
  assert.match(junk.stderr, /^-, message 1: unreadable: it has no header$/m);
  for (const args of [["nowhere"], [], ["-", "--ledger", "none.ledger"], ["-", "--what"]]) {
    const { code, stdout } = await runProgram(["bounces", "--ledger", "c.ledger", ...args], {
      cwd: campaign.folder,
    });
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
  }
});

Deno.test("bounces prints no control characters that a message contains", async () => {
  await using campaign = await sentCampaign(1);
  const mail = bounceOf("Subject: x", "a\x1b[2J\u202e@x.test", "5.1.1");
  const { code, stderr } = await bounces(campaign, ["-", "-v"], mail);
  assert.equal(code, 0, stderr);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(stderr, /[\x1b\u202e]/);
});

Deno.test("send --verp gives each mail a sender that identifies the recipient in a report with no other hint", async () => {
  await using campaign = await TestCampaign.make(2);
  const received: ReceivedMail[] = [];
  {
    await using sandbox = await openSandbox({
      outbox: join(campaign.folder, "kept"),
      listen: { hostname: "127.0.0.1", port: 0 },
      signal: new AbortController().signal,
      onMail: (mail) => received.push(mail),
    });
    const url = `smtp://127.0.0.1:${sandbox.port}?tls=off`;
    const { code, stderr } = await runProgram(
      campaign.sendTo(url, "--verp", "bounces@acme.test"),
      { cwd: campaign.folder },
    );
    assert.equal(code, 0, stderr);
  }
  const { sender } = received.find(({ recipients }) => recipients.includes("p2@x.test"))!;
  assert.match(sender, /^bounces\+[0-9a-f]{32}@acme\.test$/);
  const report = bounceOf("Subject: rewritten", "somebody@else.test", "5.1.1")
    .replace("To: news@acme.test", `To: <${sender}>`);
  const read = await bounces(campaign, ["-", "-v"], report);
  assert.match(read.stderr, /hard bounce of p2@x\.test \(5\.1\.1\): marked failed, suppressed/);
  assert.deepEqual(await campaign.exported("failed"), ["p2@x.test"]);

  // The token of earlier versions, which anybody can compute: a hash of campaign and address.
  const forged = bounceOf("Subject: rewritten", "p1@x.test", "5.1.1").replace(
    "To: news@acme.test",
    `To: <bounces+${hash("sha256", "c\0p1@x.test", "hex").slice(0, 32)}@acme.test>`,
  );
  await Deno.writeTextFile(join(campaign.folder, "campaign.toml"), 'verp = "bounces@acme.test"\n');
  for (const args of [["--verp", "bounces@acme.test"], []]) {
    const refused = await bounces(campaign, ["-", "-v", "--json", ...args], forged);
    assert.equal(refused.code, 0, refused.stderr);
    assert.match(refused.stderr, /p1@x\.test.*no valid token of a return path/);
    assert.match(refused.stderr, /^1 message: 1 without a valid token$/m);
    const { unproven, failed, suppressed } = JSON.parse(refused.stdout);
    assert.deepEqual([unproven, failed, suppressed], [1, 0, 0]);
  }
  assert.deepEqual(await campaign.exported("failed"), ["p2@x.test"]);
  const known = await bounces(campaign, ["-"], report);
  assert.match(known.stderr, /^1 message: 1 hard$/m);
  await Deno.remove(join(campaign.folder, "campaign.toml"));

  const long = `${"b".repeat(40)}@acme.test`;
  const refused = await runProgram(
    ["send", ...campaign.args, "--smtp", "sandbox:", "--verp", long],
    { cwd: campaign.folder },
  );
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /--verp must leave room for the token/);
});
