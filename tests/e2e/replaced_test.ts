import assert from "node:assert/strict";
import { DROP } from "../pipeline/relays.ts";
import { ListSetting } from "../support/list_setting.ts";

/** bob's and cy's addresses are wrong, di is in doubt, and nobody can be mailed at the last one. */
const LIST = "Email,Note\nann@x.test,1\nbob@y.test,2\ncy@y.test,3\ndi@x.test,4\ned@@x,5\n";
const CORRECTED = LIST.replace("bob@y.test", "bob@x.test").replace("ed@@x", "ed@x.test");

async function make(): Promise<ListSetting> {
  const setting = await ListSetting.make([], {
    rcpt: ({ recipient }) => recipient!.endsWith("@y.test") ? "550 5.1.1 no such user" : undefined,
    body: ({ recipient }) => recipient === "di@x.test" ? DROP : undefined,
  });
  await Deno.writeTextFile(setting.path("list.csv"), LIST);
  const { json, stderr } = await setting.send();
  assert.deepEqual(
    [json.exit_code, json.sent, json.failed, json.in_doubt, json.invalid],
    [1, 1, 2, 1, 1],
    stderr,
  );
  return setting;
}

async function reasonsOf(setting: ListSetting): Promise<Record<string, string>> {
  const { stdout } = await setting.run("export", "--format", "jsonl");
  const rows = stdout.trim().split("\n").map((line) => JSON.parse(line));
  return Object.fromEntries(rows.map((row) => [row.Email, `${row._state}: ${row._reason}`]));
}

async function statusOf(setting: ListSetting): Promise<number> {
  return (await setting.run("status")).code!;
}

Deno.test("An address corrected in the list is tied to the one that failed, and the campaign ends with 0", async () => {
  await using setting = await make();
  const early = await setting.run("settle", "bob@y.test", "--replaced-by", "bob@x.test");
  assert.equal(early.code, 1);
  assert.equal(
    early.stderr,
    "bob@y.test: nothing changes: bob@x.test is not in the ledger. Correct the list and run send first.\n",
  );
  await Deno.writeTextFile(setting.path("list.csv"), CORRECTED);
  assert.equal((await setting.send()).json.exit_code, 1, "three are not settled yet");

  for (
    const [old, by, said] of [
      ["bob@y.test", "Bob@X.test", "bob@y.test: failed -> skipped: replaced by bob@x.test\n"],
      ["cy@y.test", "ann@x.test", "cy@y.test: failed -> skipped: replaced by ann@x.test\n"],
      ["di@x.test", "ann@x.test", "di@x.test: in-doubt -> skipped: replaced by ann@x.test\n"],
    ] as const
  ) {
    assert.equal(await statusOf(setting), 1);
    const { code, stderr } = await setting.run("settle", old, "--replaced-by", by);
    assert.deepEqual([code, stderr], [0, said]);
  }
  assert.equal(await statusOf(setting), 0);

  // Neither the first list nor any retry brings them back.
  const mailed = ["ann@x.test", "bob@x.test", "ed@x.test"];
  await Deno.writeTextFile(setting.path("list.csv"), `${LIST}ed@x.test,6\nbob@x.test,7\n`);
  const named = ["bob@y.test", "cy@y.test", "di@x.test"].flatMap((one) => ["--retry", one]);
  for (const more of [[], ["--retry", "failed"], named, ["--in-doubt", "resend"]]) {
    const again = await setting.send(...more);
    assert.deepEqual([again.json.failed, again.json.in_doubt], [0, 0], again.stderr);
    assert.deepEqual(setting.server.accepted.toSorted(), mailed, more.join(" "));
  }
  assert.equal(setting.server.named.filter((name) => name === "di@x.test").length, 1);
  assert.equal(setting.server.named.filter((name) => name === "cy@y.test").length, 1);
  // That list has the malformed address again, which can be replaced too.
  assert.equal(await statusOf(setting), 1);
  const last = await setting.run("settle", "ed@@x", "--replaced-by", "ed@x.test");
  assert.deepEqual(
    [last.code, last.stderr],
    [0, "ed@@x: invalid -> skipped: replaced by ed@x.test\n"],
  );
  const ended = await setting.send();
  assert.equal(ended.json.exit_code, 0, ended.stderr);
  assert.equal(await statusOf(setting), 0);
  assert.deepEqual(await reasonsOf(setting), {
    "ann@x.test": "sent: ",
    "bob@y.test": "skipped: Replaced by bob@x.test",
    "cy@y.test": "skipped: Replaced by ann@x.test",
    "di@x.test": "skipped: Replaced by ann@x.test",
    "ed@@x": "skipped: Replaced by ed@x.test",
    "ed@x.test": "sent: ",
    "bob@x.test": "sent: ",
  });
});

Deno.test("settle --replaced-by leaves others as they are, says why, and exits as documented", async () => {
  await using setting = await make();
  const before = await reasonsOf(setting);
  const by = ["--replaced-by", "ann@x.test"];
  const table: [args: string[], code: number, said: RegExp][] = [
    [["ann@x.test", "--replaced-by", "bob@y.test"], 1, /^ann@x\.test: stays sent: not failed, /],
    [["no@x.test", ...by], 1, /^no@x\.test: not in the ledger\. If the list no longer contains it/],
    [["bob@y.test", "--replaced-by", "bob@y.test"], 1, /: a recipient cannot replace itself$/m],
    [["bob@y.test", "--replaced-by", "bob"], 2, /^error: --replaced-by must be an e-mail address/],
    [
      ["bob@y.test", ...by, "--as", "sent"],
      2,
      /^error: --replaced-by is about one .* found --as$/m,
    ],
    [["--all", ...by], 2, /found --all$/m],
    [["--state", "failed", ...by], 2, /found --state$/m],
    [["bob@y.test", "cy@y.test", ...by], 2, /found 2 addresses$/m],
    [by, 2, /found 0 addresses$/m],
    [["bob@y.test"], 2, /^error: Nothing says what became of the recipients\n.*--replaced-by/],
  ];
  for (const [args, code, said] of table) {
    const ended = await setting.run("settle", ...args);
    assert.equal(ended.code, code, `${args.join(" ")}: ${ended.stderr}`);
    assert.match(ended.stderr, said, args.join(" "));
    assert.deepEqual(await reasonsOf(setting), before, args.join(" "));
  }
  assert.equal((await setting.run("settle", "bob@y.test", ...by)).code, 0);
  const undone = await setting.run("settle", "bob@y.test", "--state", "skipped", "--as", "queued");
  assert.deepEqual(
    [undone.code, undone.stderr],
    [1, "bob@y.test: stays skipped: replaced by ann@x.test\n"],
  );
  const passed = await setting.run("settle", "cy@y.test", "--replaced-by", "bob@y.test");
  assert.match(
    passed.stderr,
    /: bob@y\.test is itself replaced by ann@x\.test\. Give that address/,
  );
});
