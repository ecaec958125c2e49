import assert from "node:assert/strict";
import { dirname } from "node:path";
import { DROP } from "../pipeline/relays.ts";
import { type Json, ListSetting } from "../support/list_setting.ts";
import { runProgram } from "../support/program.ts";

const HEAD = "From: Acme <news@acme.test>\nSubject: Invoice\nAttachment: {{ Email }}.pdf\n\n";
const NEEDS_NAME = `${HEAD}Dear {{ Name }}, see the attachment.\n`;
const NEEDS_NONE = `${HEAD}Dear {{ Name | default: "customer" }}, see the attachment.\n`;

/** One of each kind: the name is what becomes of the row in the first run. */
const LIST = `Email,Name
sent@x.test,Ann
refused@x.test,Bob
doubt@x.test,Cem
later@x.test,Dag
nofile@x.test,Eva
left@x.test,Fay
SENT@x.test,Ann
no address,Gil
noname@x.test,
`;

/** The relay and the files around a campaign with a row of each kind. */
class Setting implements AsyncDisposable {
  readonly refuses = new Map([
    ["refused@x.test", "550 5.1.1 No such user"],
    ["later@x.test", "451 4.2.0 Later"],
  ]);
  readonly drops = new Set(["doubt@x.test"]);
  readonly lists: ListSetting;

  private constructor(lists: ListSetting) {
    this.lists = lists;
  }

  static async make(): Promise<Setting> {
    const lists = await ListSetting.make([], {
      rcpt: ({ recipient }) => setting.refuses.get(recipient!),
      body: ({ recipient }) => setting.drops.has(recipient!) ? DROP : undefined,
    });
    const setting = new Setting(lists);
    await setting.write("list.csv", LIST);
    await setting.write("mail.txt", NEEDS_NAME);
    // Nobody who waits is due before the test is over.
    await setting.write("campaign.toml", '[retry]\nfirst = "1h"\n');
    for (const name of ["sent", "refused", "doubt", "later", "left", "noname"]) {
      await setting.write(`${name}@x.test.pdf`, name);
    }
    await setting.suppress("add", "left@x.test");
    return setting;
  }

  write(name: string, text: string): Promise<void> {
    return Deno.writeTextFile(this.lists.path(name), text);
  }

  async suppress(action: "add" | "remove", address: string): Promise<void> {
    const cwd = dirname(this.lists.path("list.csv"));
    const { code, stderr } = await runProgram(["unsubscribe", action, address], { cwd });
    assert.equal(code, 0, stderr);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.lists[Symbol.asyncDispose]();
  }
}

const countsOf = ({ sent, failed, in_doubt, deferred, invalid, skipped, suppressed }: Json) => ({
  ...{ sent, failed, in_doubt, deferred, invalid, skipped, suppressed },
});

const FIRST = {
  ...{ sent: 1, failed: 1, in_doubt: 1, deferred: 1 },
  ...{ invalid: 3, skipped: 2, suppressed: 1 },
};

Deno.test("A part of a list with rows of every kind is corrected, then the list itself: everybody gets one mail, and who waits is not forgotten", async () => {
  await using setting = await Setting.make();
  const { lists } = setting;
  const first = await lists.send("--no-wait");
  assert.deepEqual([first.code, countsOf(first.json)], [3, FIRST], first.stderr);

  const { stdout: part } = await lists.run("export", "--state", "failed", "--state", "in-doubt");
  await setting.write("again.csv", part);
  setting.refuses.delete("refused@x.test");
  setting.drops.clear();
  const again = ["--recipients", "again.csv", "--no-wait"];
  const plain = await lists.send(...again);
  assert.match(
    plain.stderr,
    /1 recipient is waiting \(later@x\.test\) and not in the list: they keep/,
  );
  // Duplicates and rows without a recipient belong to the first list.
  assert.deepEqual([plain.code, plain.json.kind, countsOf(plain.json)], [3, "missing", {
    ...FIRST,
    ...{ invalid: 1, skipped: 1, suppressed: 0 },
  }], "nobody is tried again without a flag");
  const failed = await lists.send(...again, "--retry", "failed");
  assert.deepEqual([failed.json.sent, failed.json.failed, failed.json.in_doubt], [2, 0, 1]);
  const doubted = await lists.send(...again, "--retry", "doubt@x.test");
  assert.deepEqual([doubted.json.sent, doubted.json.in_doubt, doubted.json.deferred], [3, 0, 1]);

  setting.refuses.clear();
  await setting.write("nofile@x.test.pdf", "nofile");
  await setting.write("mail.txt", NEEDS_NONE);
  await setting.suppress("remove", "left@x.test");
  const whole = await lists.send("--retry", "later@x.test");
  assert.deepEqual([whole.code, countsOf(whole.json)], [1, {
    ...{ sent: 7, failed: 0, in_doubt: 0, deferred: 0 },
    ...{ invalid: 1, skipped: 1, suppressed: 0 },
  }], whole.stderr);
  lists.assertEachOnce(["sent", "refused", "doubt", "later", "nofile", "left", "noname"]);
});

Deno.test("--retry mails nobody who is suppressed by now; taken off the list again, they get their mail without a flag", async () => {
  await using setting = await Setting.make();
  const { lists } = setting;
  await lists.send("--no-wait");
  setting.refuses.clear();
  setting.drops.clear();
  for (const name of ["refused", "doubt", "nofile", "later"]) {
    await setting.suppress("add", `${name}@x.test`);
  }
  await setting.write("nofile@x.test.pdf", "nofile");
  const all = ["failed", "invalid", "in-doubt", "later@x.test", "left@x.test"];
  const retried = await lists.send("--no-wait", ...all.flatMap((who) => ["--retry", who]));
  assert.deepEqual(countsOf(retried.json), {
    ...{ sent: 1, failed: 0, in_doubt: 1, deferred: 0 },
    ...{ invalid: 2, skipped: 5, suppressed: 4 },
  }, retried.stderr);
  lists.assertEachOnce(["sent"]);

  for (const name of ["refused", "doubt", "nofile", "later", "left"]) {
    await setting.suppress("remove", `${name}@x.test`);
  }
  const plain = await lists.send("--no-wait");
  assert.deepEqual([plain.code, countsOf(plain.json)], [1, {
    ...{ sent: 5, failed: 0, in_doubt: 1, deferred: 0 },
    ...{ invalid: 2, skipped: 1, suppressed: 0 },
  }], plain.stderr);
  lists.assertEachOnce(["sent", "refused", "nofile", "later", "left"]);
});
