import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder } from "../support/folder.ts";
import { runProgram } from "../support/program.ts";
import { CAMPAIGN_FILES } from "./files.ts";

Deno.test("Campaigns in several folders share the list that the user-wide file names, which must exist", async () => {
  const files = {
    ...Object.fromEntries(
      ["one", "two"].flatMap((name) =>
        Object.entries(CAMPAIGN_FILES).map(([file, text]) => [`${name}/${file}`, text])
      ),
    ),
    "conf/email-dispatcher/config.toml": 'suppression_list = "~/shared/left.db"\n',
    "shared/readme.txt": "",
  };
  await inFolder(files, async (home) => {
    const env = { HOME: home, DENO_DIR: denoDir(), XDG_CONFIG_HOME: join(home, "conf") };
    const run = (folder: string, ...args: string[]) =>
      runProgram(args, { cwd: join(home, folder), env });
    const list = join(home, "shared/left.db");

    const early = await run("one", "send", "--yes");
    assert.equal(early.code, 2, early.stderr);
    assert.ok(
      early.stderr.startsWith(
        `${
          join(home, "conf/email-dispatcher/config.toml")
        }:1: There is no suppression list '${list}'\n`,
      ),
      early.stderr,
    );
    assert.match(early.stderr, /unsubscribe .*'add' and 'import' create it there/);

    assert.equal((await run("one", "unsubscribe", "add", "ann@x.test")).code, 0);
    const second = await run("two", "send", "--yes", "--json");
    assert.equal(second.code, 0, second.stderr);
    const { sent, skipped } = JSON.parse(second.stdout);
    assert.deepEqual([sent, skipped], [1, 1]);
    const listed = await run("two", "unsubscribe", "list", "--json");
    assert.deepEqual(JSON.parse(listed.stdout).map(({ email }: { email: string }) => email), [
      "ann@x.test",
    ]);
    await assert.rejects(Deno.stat(join(home, "two/suppressed.db")), Deno.errors.NotFound);
  });
});

/** Where Deno finds what it has cached, although HOME is another. */
function denoDir(): string {
  return Deno.env.get("DENO_DIR") ?? join(Deno.env.get("HOME")!, ".cache", "deno");
}

Deno.test("A broken user-wide file stops what needs the list, and nothing else", async () => {
  const files = {
    ...CAMPAIGN_FILES,
    "conf/email-dispatcher/config.toml": 'supression_list = "/left.db"\n',
  };
  await inFolder(files, async (cwd) => {
    const env = { XDG_CONFIG_HOME: join(cwd, "conf") };
    const commands = [
      ["send", "--yes"],
      ["check", "--offline"],
      ["preview", "--row", "2"],
      ["unsubscribe", "list"],
      ["bounces", "list.csv"],
      ["unsubscribe", "add", "ann@x.test"],
    ];
    for (const args of commands) {
      const { code, stderr } = await runProgram(args, { cwd, env });
      assert.equal(code, 2, `${args}: ${stderr}`);
      assert.match(stderr, /config\.toml:1: Unknown key 'supression_list'\n {2}Did you mean/);
    }
    await runProgram(["send", "--yes"], { cwd });
    assert.equal((await runProgram(["status"], { cwd, env })).code, 0);
    assert.equal((await runProgram(["export"], { cwd, env })).code, 0);
  });
});

Deno.test("Campaigns share a list by the absolute path in unsubscribe.list", async () => {
  await inFolder(CAMPAIGN_FILES, async (cwd) => {
    const list = join(cwd, "shared.db");
    const campaign = `${CAMPAIGN_FILES["campaign.toml"]}\n[unsubscribe]\nlist = "${list}"\n`;
    for (const name of ["a", "b"]) {
      await Deno.mkdir(join(cwd, name));
      for (const [file, text] of Object.entries({ ...CAMPAIGN_FILES, "campaign.toml": campaign })) {
        await Deno.writeTextFile(join(cwd, name, file), text);
      }
    }
    await runProgram(["unsubscribe", "add", "bob@x.test"], { cwd: join(cwd, "a") });
    const { code, stdout } = await runProgram(["send", "--yes", "--json"], { cwd: join(cwd, "b") });
    assert.equal(code, 0);
    const { sent, skipped } = JSON.parse(stdout);
    assert.deepEqual([sent, skipped], [1, 1]);
  });
});
