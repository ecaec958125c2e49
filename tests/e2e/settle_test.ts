import assert from "node:assert/strict";
import { DROP } from "../pipeline/relays.ts";
import { addressOf, ListSetting, users } from "../support/list_setting.ts";

/** user1 and user2 in doubt, user3 failed, user4 sent. */
async function make(): Promise<ListSetting> {
  const setting = await ListSetting.make(users(4), {
    rcpt: ({ recipient }) => recipient === addressOf("user3") ? "550 5.1.1 no" : undefined,
    body: ({ recipient }) => /user[12]@/.test(recipient!) ? DROP : undefined,
  });
  const { json, stderr } = await setting.send();
  assert.deepEqual([json.in_doubt, json.failed, json.sent], [2, 1, 1], stderr);
  return setting;
}

async function statesOf(setting: ListSetting): Promise<string> {
  const { stdout } = await setting.run("export", "--format", "jsonl");
  return stdout.trim().split("\n").map((line) => JSON.parse(line)._state).join(" ");
}

Deno.test("settle settles recipients chosen by address, --state or --all, and exits as documented", async () => {
  const table: [args: string[], code: number, said: RegExp, states: string][] = [
    [
      ["user1@x.test"],
      0,
      /^user1@x\.test: in-doubt -> queued\n$/,
      "queued in-doubt failed sent",
    ],
    [["--all"], 0, /user2@x\.test: in-doubt -> queued/, "queued queued failed sent"],
    [["--state", "in-doubt"], 0, /user1@x\.test: in-doubt/, "queued queued failed sent"],
    [["--state", "failed"], 0, /^user3@x\.test: failed -> /, "in-doubt in-doubt queued sent"],
    [["--state", "deferred"], 0, /^Nobody is deferred\n$/, "in-doubt in-doubt failed sent"],
    [
      ["user1@x.test", "user3@x.test"],
      1,
      /user3@x\.test: stays failed: not in-doubt\n$/,
      "queued in-doubt failed sent",
    ],
    [
      ["user1@x.test", "user3@x.test", "--state", "failed"],
      1,
      /user1@x\.test: stays in-doubt: not failed\n/,
      "in-doubt in-doubt queued sent",
    ],
    [["user4@x.test"], 1, /user4@x\.test: stays sent/, "in-doubt in-doubt failed sent"],
    [["no@x.test"], 1, /no@x\.test: not in the ledger/, "in-doubt in-doubt failed sent"],
    [[], 2, /^error: No recipient is chosen\n/, "in-doubt in-doubt failed sent"],
    [["--all", "user1@x.test"], 2, /--all means everybody/, "in-doubt in-doubt failed sent"],
    [["--all", "--state", "failed"], 2, /--all means everybody/, "in-doubt in-doubt failed sent"],
    [["--state", "sent"], 2, /--state must be .*'sent'/, "in-doubt in-doubt failed sent"],
  ];
  await using setting = await make();
  const before = await Deno.readFile(setting.path("c.ledger"));
  for (const [args, code, said, states] of table) {
    await Deno.writeFile(setting.path("c.ledger"), before);
    const ended = await setting.run("settle", ...args, "--as", "queued");
    assert.equal(ended.code, code, `${args.join(" ")}: ${ended.stderr}`);
    assert.match(ended.stderr, said, args.join(" "));
    assert.equal(await statesOf(setting), states, args.join(" "));
  }
});

Deno.test("If only recipients set aside are left, send shows a command that settles them", async () => {
  const refused = ["user6", "user7", "user8"].map(addressOf);
  await using setting = await ListSetting.make(users(8), {
    rcpt: ({ recipient }) => refused.includes(recipient!) ? "550 5.7.1 On our list" : undefined,
  });
  const { json, stderr } = await setting.send();
  assert.deepEqual([json.exit_code, json.sent, json.deferred], [3, 5, 3], stderr);
  const [, command] = /^ +email-dispatcher settle (.+--as failed)/m.exec(stderr)!;
  const args = command!.split(" ").flatMap((word) => word === "EMAIL" ? refused : [word]);
  const settled = await setting.run("settle", ...args);
  assert.equal(settled.code, 0, settled.stderr);
  assert.equal(settled.stderr.match(/: deferred -> failed$/gm)?.length, 3, settled.stderr);
  assert.equal((await setting.send()).json.exit_code, 1);
});
