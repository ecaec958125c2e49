import assert from "node:assert/strict";
import { inFolder } from "../support/folder.ts";
import { runProgram } from "../support/program.ts";

const CAMPAIGN =
  'id = "x"\nrecipients = "l.csv"\ntemplate = "t.md"\nsmtp = "sandbox:"\nfrom = "a@x.test"\n';
const FILES = { "l.csv": "Email\nann@x.test\n", "t.md": "Subject: Hi\n\nHello\n" };

Deno.test("An invalid setting that replaces a header is reported with its file and line, variable or flag", async () => {
  const table: [toml: string, args: string[], env: Record<string, string>, told: RegExp][] = [
    ['from = "Acme news@"', [], {}, /^campaign\.toml:6: From is not a list of e-mail addresses/],
    ['from = "{{ Nme }} <a@x.test>"', [], {}, /^campaign\.toml:6: Unknown variable 'Nme'/],
    ['from = "a@x.test"\nreply_to = "@"', [], {}, /^campaign\.toml:7: Reply-To is not a list/],
    ["", ["--from", "news@"], {}, /^--from:1:1: From is not a list/],
    ["", [], { EMAIL_DISPATCHER_FROM: "news@" }, /^EMAIL_DISPATCHER_FROM: From is not a list/],
  ];
  for (const [toml, args, env, told] of table) {
    const campaign = CAMPAIGN.replace('from = "a@x.test"\n', `\n${toml}\n`);
    await inFolder({ ...FILES, "campaign.toml": campaign }, async (cwd) => {
      const { code, stderr } = await runProgram(["send", "--dry-run", ...args], { cwd, env });
      assert.match(stderr, told);
      assert.equal(code, 2);
    });
  }
});

Deno.test("status, export, preview and check --offline do not need the variables in the relay's URL; send does", async () => {
  const campaign = CAMPAIGN.replace("sandbox:", "smtp://ann:${NOT_SET}@relay.test:587");
  await inFolder({ ...FILES, "campaign.toml": campaign }, async (cwd) => {
    const sent = await runProgram(["send", "--smtp", "sandbox:", "--ledger", "x.ledger"], { cwd });
    assert.equal(sent.code, 0, sent.stderr);
    const ledger = ["--ledger", "x.ledger"];
    const commands = [["status", ...ledger], ["export", ...ledger], ["preview"], [
      "check",
      "--offline",
    ]];
    for (const args of commands) {
      const { code, stderr } = await runProgram(args, { cwd });
      assert.doesNotMatch(stderr, /NOT_SET/);
      assert.equal(code, 0, stderr);
    }
    const { code, stderr } = await runProgram(["send"], { cwd });
    assert.match(stderr, /^campaign\.toml:4: The environment variable NOT_SET is not set\n/);
    assert.equal(code, 2);
  });
});

Deno.test("With an empty secret or a mistyped variable, every command exits with 2 before it does anything", async () => {
  await inFolder({ ...FILES, "campaign.toml": CAMPAIGN }, async (cwd) => {
    const table: [args: string[], env: Record<string, string>, told: RegExp][] = [
      [["send"], { SMTP_URL: "" }, /^error: SMTP_URL must not be empty/],
      [["send"], { SMTP_URI: "smtp://x.test" }, /Did you mean SMTP_URL\?/],
      [["status"], { EMAIL_DISPATCHER_LEGER: "x" }, /Did you mean EMAIL_DISPATCHER_LEDGER\?/],
      [["unsubscribe", "list"], { EMAIL_DISPATCHER_SMTP: "x" }, /Did you mean SMTP_URL\?/],
      [["send", "--ledger", "-"], {}, /^error: --ledger must be the name of a file: found '-'/],
    ];
    for (const [args, env, told] of table) {
      const { code, stdout, stderr } = await runProgram(args, { cwd, env });
      assert.match(stderr, told);
      assert.equal(code, 2);
      assert.equal(stdout, "");
    }
    assert.equal((await Array.fromAsync(Deno.readDir(cwd))).length, 3, "no file was created");
  });
});

Deno.test("EMAIL_DISPATCHER_QUIET does the same as --quiet", async () => {
  await inFolder({ ...FILES, "campaign.toml": CAMPAIGN }, async (cwd) => {
    const env = { EMAIL_DISPATCHER_QUIET: "true" };
    assert.equal((await runProgram(["check", "--offline"], { cwd, env })).stderr, "");
    const { code, stderr } = await runProgram(["send"], { cwd, env });
    assert.equal(code, 0);
    assert.equal(stderr, (await runProgram(["send", "--quiet"], { cwd })).stderr);
  });
});
