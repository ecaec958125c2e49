import assert from "node:assert/strict";
import { ListSetting } from "../support/list_setting.ts";
import { runProgram } from "../support/program.ts";
import { dirname } from "node:path";

const TEMPLATE =
  "From: Acme <news@acme.test>\nSubject: Invoice\nAttachment: {{ Email }}.pdf\n\nSee the attachment.\n";

/** Somebody of each kind: mailed, refused for good, deferred, without a file, suppressed, both, a duplicate, no address. */
const KINDS = ["sent", "refused", "later", "nofile", "left", "leftnofile", "sent", "no address"];

async function settingOf(rules: ConstructorParameters<typeof Map>[0] = []): Promise<ListSetting> {
  const refused = new Map(rules as [string, string][]);
  const setting = await ListSetting.make(KINDS, {
    rcpt: ({ recipient }) => refused.get(recipient!.split("@")[0]!),
  });
  await Deno.writeTextFile(setting.path("mail.txt"), TEMPLATE);
  for (const name of ["sent", "refused", "later", "left"]) await supply(setting, name);
  for (const name of ["left", "leftnofile"]) await suppress(setting, "add", name);
  return setting;
}

async function supply(setting: ListSetting, name: string): Promise<void> {
  await Deno.writeTextFile(setting.path(`${name}@x.test.pdf`), name);
}

async function suppress(
  setting: ListSetting,
  action: "add" | "remove",
  name: string,
): Promise<void> {
  const cwd = dirname(setting.path("list.csv"));
  const { code, stderr } = await runProgram(["unsubscribe", action, `${name}@x.test`], { cwd });
  assert.equal(code, 0, stderr);
}

Deno.test("send judges again, without a flag, whom an earlier run left out: a file supplied later goes out, and so does the mail of somebody taken off the suppression list", async () => {
  await using setting = await settingOf([
    ["refused", "550 5.1.1 No such user"],
    ["later", "451 4.2.0 Later"],
  ]);
  // Nobody who waits is due before the test is over.
  await Deno.writeTextFile(setting.path("campaign.toml"), '[retry]\nfirst = "1h"\n');
  const first = await setting.send("--no-wait");
  const { sent, failed, invalid, skipped, suppressed, deferred } = first.json;
  assert.deepEqual(
    [first.code, sent, failed, invalid, skipped, suppressed, deferred],
    [3, 1, 1, 2, 3, 2, 1],
    first.stderr,
  );

  const since = new Date().toISOString();
  const same = await setting.send("--no-wait", "--smtp", "smtp://127.0.0.1:1?tls=off");
  assert.deepEqual([same.json.invalid, same.json.suppressed, same.json.sent], [2, 2, 1]);
  assert.equal(same.json.kind, "retries-due", "nobody to mail, no connection");
  const news = await setting.run("export", "--since", since);
  assert.equal(news.stdout.trim().split("\n").length, 1, "who is left out as before is no news");

  await supply(setting, "nofile");
  await suppress(setting, "remove", "left");
  await suppress(setting, "remove", "leftnofile");
  const again = await setting.send("--no-wait");
  assert.match(again.stderr, /To send +\d recipients; .*\n {2}Again +2 recipients left out/);
  assert.deepEqual(
    [again.json.sent, again.json.invalid, again.json.suppressed],
    [3, 2, 0],
    "the one who lacks the file is invalid now",
  );
  await supply(setting, "leftnofile");
  const last = await setting.send("--no-wait");
  assert.deepEqual([last.json.sent, last.json.invalid], [4, 1], last.stderr);
  setting.assertEachOnce(["sent", "nofile", "left", "leftnofile"]);
});

Deno.test("Only those chosen by --only, --limit and --offset are judged again", async () => {
  await using setting = await settingOf();
  await setting.send();
  for (const name of ["nofile", "leftnofile"]) await supply(setting, name);
  for (const name of ["left", "leftnofile"]) await suppress(setting, "remove", name);

  const only = await setting.send("--only", "nofile@x.test");
  assert.deepEqual([only.json.sent, only.json.suppressed], [4, 2], only.stderr);
  const limited = await setting.send("--limit", "1");
  assert.equal(limited.json.sent, 5, limited.stderr);
  const behind = await setting.send("--offset", "5");
  assert.equal(behind.json.sent, 6, behind.stderr);
  setting.assertEachOnce(["sent", "refused", "later", "nofile", "left", "leftnofile"]);
});

Deno.test("A row that lacks a cell which the template needs gets its mail once the template does without", async () => {
  await using setting = await ListSetting.make(["ann"], {});
  await Deno.writeTextFile(
    setting.path("list.csv"),
    "Email,Name\nann@x.test,\nbob@x.test,Bob\nann@x.test,Ann\n",
  );
  const template = (name: string) => `From: a@acme.test\nSubject: Hello\n\nDear ${name},\n`;
  await Deno.writeTextFile(setting.path("mail.txt"), template("{{ Name }}"));
  const first = await setting.send("--limit", "1");
  assert.deepEqual([first.json.invalid, first.json.sent], [1, 1], first.stderr);
  await Deno.writeTextFile(setting.path("mail.txt"), template('{{ Name | default: "customer" }}'));
  const second = await setting.send();
  assert.deepEqual(
    [second.code, second.json.invalid, second.json.sent, second.json.skipped],
    [0, 0, 2, 1],
    second.stderr,
  );
  setting.assertEachOnce(["ann", "bob"]);
});
