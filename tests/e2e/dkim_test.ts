import assert from "node:assert/strict";
import { join } from "node:path";
import { ed25519Pem, keyOf, rsaPem, verifyWithMailauth, zoneOf } from "../compose/dkim_support.ts";
import { TestCampaign } from "../support/campaigns.ts";
import { type Ended, runProgram } from "../support/program.ts";

const RSA = rsaPem();
const ED25519 = ed25519Pem();
const ZONE = zoneOf({
  domain: "acme.test",
  keys: [{ ...keyOf(RSA), selector: "s1" }, { ...keyOf(ED25519), selector: "s2" }],
});
const DKIM = [
  ...["--dkim-domain", "acme.test"],
  ...["--dkim-selector", "s1", "--dkim-selector", "s2"],
];

async function mailsOf(campaign: TestCampaign): Promise<Uint8Array[]> {
  const outbox = join(campaign.folder, "outbox");
  return await Promise.all(
    [...Deno.readDirSync(outbox)].map(({ name }) => Deno.readFile(join(outbox, name))),
  );
}

/** Asserts that no line of a key appears in the output or in any file. */
async function assertSecret({ stdout, stderr }: Ended, campaign: TestCampaign): Promise<void> {
  const kept: string[] = [];
  for (const { name, isFile } of Deno.readDirSync(campaign.folder)) {
    if (isFile && !name.endsWith(".pem")) {
      kept.push(new TextDecoder("latin1").decode(await Deno.readFile(join(campaign.folder, name))));
    }
  }
  const all = [stdout, stderr, ...kept].join("\n");
  const lines = `${RSA}${ED25519}`.split("\n").filter((line) => /^[A-Za-z0-9+/]{20}/.test(line));
  assert.ok(lines.length > 20);
  for (const line of lines) assert.ok(!all.includes(line.slice(0, 20)), "a key leaked");
}

Deno.test("send signs each mail with both keys, in threads, and shows neither key", async () => {
  await using campaign = await TestCampaign.make(12);
  await Deno.writeTextFile(join(campaign.folder, "rsa.pem"), RSA, { mode: 0o600 });
  await Deno.writeTextFile(join(campaign.folder, "ed.pem"), ED25519, { mode: 0o600 });
  const ended = await runProgram([
    ...["send", ...campaign.args, "--smtp", "sandbox:", "--connections", "3", "--threads", "2"],
    ...[
      "-vv",
      "--json",
      "--log",
      "run.log",
      ...DKIM,
      "--dkim-key",
      "rsa.pem",
      "--dkim-key",
      "ed.pem",
    ],
  ], { cwd: campaign.folder });
  assert.equal(ended.code, 0, ended.stderr);
  const mails = await mailsOf(campaign);
  assert.equal(mails.length, 12);
  for (const mail of mails) {
    assert.deepEqual(await verifyWithMailauth(mail, ZONE), ["pass", "pass"]);
  }
  await assertSecret(ended, campaign);
});

Deno.test("send signs with keys from DKIM_KEY, and warns about a domain that differs from From's", async () => {
  await using campaign = await TestCampaign.make(2);
  const args = ["--smtp", "sandbox:", "--from", "news@other.test", ...DKIM];
  const ended = await runProgram(["send", ...campaign.args, ...args], {
    cwd: campaign.folder,
    env: { DKIM_KEY: RSA + ED25519 },
  });
  assert.equal(ended.code, 0, ended.stderr);
  assert.match(ended.stderr, /Mails from other\.test are signed for acme\.test/);
  for (const mail of await mailsOf(campaign)) {
    assert.deepEqual(await verifyWithMailauth(mail, ZONE), ["pass", "pass"]);
  }
  await assertSecret(ended, campaign);
});

Deno.test("send exits with 2 and sends nothing if a DKIM key cannot sign", async () => {
  await using campaign = await TestCampaign.make(1);
  const ended = await runProgram(["send", ...campaign.args, "--smtp", "sandbox:", ...DKIM], {
    cwd: campaign.folder,
    env: { DKIM_KEY: RSA.slice(0, 600) },
  });
  assert.equal(ended.code, 2);
  assert.match(ended.stderr, /The DKIM key in DKIM_KEY is not in PEM format/);
  await assertSecret(ended, campaign);
});

Deno.test("preview shows the mail as it is signed, without 8-bit octets", async () => {
  await using campaign = await TestCampaign.make(1);
  const template = join(campaign.folder, "mail.txt");
  await Deno.writeTextFile(template, "From: news@acme.test\nSubject: Hi\n\nZoë {{ Name }}\n");
  const args = ["--recipients", "list.csv", "--template", "mail.txt", ...DKIM];
  const { code, stdout, stderr } = await runProgram(["preview", ...args], {
    cwd: campaign.folder,
    env: { DKIM_KEY: RSA + ED25519 },
  });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /quoted-printable\r\n\r\nZo=C3=AB Person 1\r\n$/);
  const mail = new TextEncoder().encode(stdout);
  assert.deepEqual(await verifyWithMailauth(mail, ZONE), ["pass", "pass"]);
});
