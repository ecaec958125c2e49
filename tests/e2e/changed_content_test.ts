import assert from "node:assert/strict";
import { ListSetting, listText, users } from "../support/list_setting.ts";

const TEMPLATE = "From: Acme <news@acme.test>\nSubject: November\n\nThe news for {{ Email }}.\n";

/** A campaign that was done: two were mailed. */
async function doneSetting(): Promise<ListSetting> {
  const setting = await ListSetting.make(users(2));
  await Deno.writeTextFile(setting.path("mail.txt"), TEMPLATE);
  const { code, stderr } = await setting.send();
  assert.equal(code, 0, stderr);
  return setting;
}

async function rewrite(setting: ListSetting, from: string, to: string): Promise<void> {
  const text = await Deno.readTextFile(setting.path("mail.txt"));
  await Deno.writeTextFile(setting.path("mail.txt"), text.replace(from, to));
}

Deno.test("December's text under November's id mails nobody: exit 2 names both ways out", async () => {
  await using setting = await doneSetting();
  await rewrite(setting, "November", "December");
  await Deno.writeTextFile(setting.path("list.csv"), listText(users(3)));
  const { code, json, stderr } = await setting.send();
  assert.deepEqual([code, json.state, json.kind, json.retryable], [
    2,
    "refused",
    "changed-content",
    false,
  ]);
  assert.match(stderr, /Campaign 'c' was done, and the template has changed since/);
  assert.match(stderr, /new id.*\n.*--yes-changed/);
  setting.assertEachOnce(users(2));

  const allowed = await setting.send("--yes-changed");
  assert.deepEqual([allowed.code, allowed.json.sent], [0, 3], allowed.stderr);
  setting.assertEachOnce(users(3));
});

Deno.test("A changed template is refused even if nobody is left to mail, and a dry run only says so", async () => {
  await using setting = await doneSetting();
  await rewrite(setting, "November", "December");
  const dry = await setting.send("--dry-run");
  assert.equal(dry.code, 0, dry.stderr);
  assert.match(
    dry.stderr,
    /Changed +The template is not the one of the last run, and the campaign was done: .* --yes-changed/,
  );
  const { changed_since_done } = dry.json.plan as Record<string, unknown>;
  assert.deepEqual(changed_since_done, ["the template"]);
  const { code, json } = await setting.send();
  assert.deepEqual([code, json.kind], [2, "changed-content"]);
});

Deno.test("A changed include, sender or date format counts; the template's place and its line ends do not", async () => {
  await using setting = await ListSetting.make(users(1));
  const write = (name: string, text: string) => Deno.writeTextFile(setting.path(name), text);
  await write("mail.txt", `${TEMPLATE}{% include "footer.txt" %}\n`);
  await write("footer.txt", "Acme Ltd\n");
  assert.equal((await setting.send()).code, 0);

  await rewrite(setting, "The news", "The news");
  await write("mail.txt", `${TEMPLATE}{% include "footer.txt" %}\n`.replaceAll("\n", "\r\n"));
  await write("footer.txt", "Acme Ltd\r\n");
  const moved = await setting.send("--template", setting.path("mail.txt"));
  assert.equal(moved.code, 0, moved.stderr);

  await write("footer.txt", "Acme Inc.\n");
  const include = await setting.send("--from", "Acme <other@acme.test>");
  assert.deepEqual([include.code, include.json.kind], [2, "changed-content"]);
  assert.match(include.stderr, /was done, and '?'footer\.txt' and From have changed since/);
  const format = await setting.send("--date-format", "%d/%m/%Y");
  assert.match(format.stderr, /the date format/);
  setting.assertEachOnce(users(1));
});

Deno.test("A campaign that still has somebody to mail may change its template, which the plan reports", async () => {
  let refusing = true;
  await using setting = await ListSetting.make(users(3), {
    rcpt: ({ recipient }) => refusing && /user2@/.test(recipient!) ? "451 4.2.0 Later" : undefined,
  });
  await Deno.writeTextFile(setting.path("mail.txt"), TEMPLATE);
  assert.equal((await setting.send("--no-wait")).code, 3);
  refusing = false;
  await rewrite(setting, "November", "Corrected");
  const { code, stderr } = await setting.send();
  assert.equal(code, 0, stderr);
  assert.match(stderr, /Changed +The template is not the one of the last run/);

  await rewrite(setting, "Corrected", "Again");
  await Deno.writeTextFile(setting.path("list.csv"), listText(users(5)));
  const limited = await setting.send("--limit", "1", "--yes-changed");
  assert.deepEqual([limited.code, limited.json.sent], [0, 4], limited.stderr);
  await rewrite(setting, "Again", "Once more");
  assert.equal((await setting.send()).code, 0, "a row was not reached yet");
  setting.assertEachOnce(users(5));
});
