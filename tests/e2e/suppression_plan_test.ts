import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder } from "../support/folder.ts";
import { runProgram } from "../support/program.ts";

const FILES = {
  "list.csv": [
    "Name,Email",
    "Ann,ann@x.test",
    "Bob,bob@x.test", // on the list
    "Cid,cid@x.test", // in the file
    "Bob,BOB@x.test", // a duplicate
    "Dan,dan@", // invalid
    "Eve,eve@x.test",
  ].join("\n"),
  "competitors.txt": "cid@x.test\n",
  "mail.txt": "From: Acme <news@acme.test>\nSubject: News\n\nDear {{ Name }}\n",
  "campaign.toml": 'id = "spring"\nrecipients = "list.csv"\ntemplate = "mail.txt"\n' +
    'smtp = "sandbox:"\n[unsubscribe]\nurl = "https://news.acme.test"\n',
};
const env = { UNSUBSCRIBE_SECRET: "0123456789abcdef0123456789abcdef" };

Deno.test("send and check name the suppression list and count whom it leaves out, and warn where there is none", async () => {
  await inFolder(FILES, async (cwd) => {
    const run = (...args: string[]) => runProgram(args, { cwd, env });
    const NONE = /there is no suppression list 'suppressed\.db': people who left earlier/;

    const without = await run("send", "--dry-run");
    assert.match(without.stderr, NONE);
    assert.match(without.stderr, /^ {2}Suppressed none: there is no 'suppressed\.db'$/m);
    const checked = await run("check", "--offline", "--json");
    const report = JSON.parse(checked.stdout);
    assert.equal(report.suppressed, 0);
    const finding = report.findings.find(({ check }: { check: string }) =>
      check === "suppression.none"
    );
    assert.equal(finding.level, "warning");
    assert.match(finding.what, NONE);

    await run("unsubscribe", "add", "bob@x.test", "gone@x.test");
    const file = ["--suppress", "competitors.txt"];
    const text = "suppressed.db: 2 addresses; competitors.txt: 1 address; 2 recipients left out";
    const dry = await run("send", "--dry-run", ...file, "--json");
    assert.doesNotMatch(dry.stderr, NONE);
    assert.ok(dry.stderr.includes(`\n  Suppressed ${text}\n`), dry.stderr);
    assert.match(dry.stderr, /^ {2}To send {4}2 recipients$/m);
    assert.equal(JSON.parse(dry.stdout).plan.to_send, 2);

    const named = await run("check", "--offline", ...file);
    assert.ok(named.stdout.includes(`\nSuppressed ${text}\n`), named.stdout);
    assert.match(named.stdout, /^Result +2 can be mailed, 2 suppressed, 1 invalid, 1 duplicate$/m);
    const json = JSON.parse((await run("check", "--offline", ...file, "--json")).stdout);
    assert.deepEqual([json.recipients, json.suppressed, json.invalid], [4, 2, 1]);

    const sent = await run("send", "--yes", ...file, "--json");
    assert.deepEqual([JSON.parse(sent.stdout).sent, JSON.parse(sent.stdout).suppressed], [2, 2]);
    // The unchanged list is not read again: the ledger knows whom it left out.
    const again = await run("send", "--yes", ...file);
    assert.match(again.stderr, /; 2 recipients left out so far$/m);
  });
});

Deno.test("send and check say that the list in the campaign's folder is not used once the user-wide file names another", async () => {
  await inFolder(FILES, async (cwd) => {
    await runProgram(["unsubscribe", "add", "bob@x.test"], { cwd });
    const wide = join(cwd, "wide.db");
    await runProgram(["unsubscribe", "add", "cid@x.test", "--suppression-list", wide], { cwd });
    await Deno.mkdir(join(cwd, "conf/email-dispatcher"), { recursive: true });
    const config = join(cwd, "conf/email-dispatcher/config.toml");
    await Deno.writeTextFile(config, `suppression_list = '${wide}'\n`);
    const run = (...args: string[]) =>
      runProgram(args, { cwd, env: { ...env, XDG_CONFIG_HOME: join(cwd, "conf") } });
    const UNUSED = `The suppression list 'suppressed.db' is not used, because ${config}:1 names`;
    const { stderr } = await run("send", "--dry-run");
    assert.ok(stderr.includes(`warning: ${UNUSED} '${wide}'. `), stderr);
    const { stdout } = await run("check", "--offline", "--json");
    assert.ok(
      JSON.parse(stdout).findings.some(({ check }: { check: string }) =>
        check === "suppression.unused"
      ),
    );
    const list = ["--suppression-list", "suppressed.db"];
    assert.doesNotMatch((await run("send", "--dry-run", ...list)).stderr, /is not used/);
  });
});
