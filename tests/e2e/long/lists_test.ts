import assert from "node:assert/strict";
import { DROP } from "../../pipeline/relays.ts";
import { addressOf, ListSetting, listText, users } from "../../support/list_setting.ts";

// Runs over a list and its parts: everybody in the list has a state when a run says it is done.

Deno.test("send --limit and then send skip nobody, even if rows are duplicated", async () => {
  await using setting = await ListSetting.make(["dup", "dup", ...users(100)]);
  const first = await setting.send("--limit", "5");
  assert.deepEqual([first.code, first.json.sent], [0, 5]);
  const second = await setting.send();
  assert.deepEqual([second.code, second.json.state], [0, "done"]);
  setting.assertEachOnce(["dup", ...users(100)]);
});

Deno.test("send --limit twice, with a cell changed in between, and then send skip nobody", async () => {
  await using setting = await ListSetting.make(users(60));
  await setting.send("--limit", "20");
  await Deno.writeTextFile(setting.path("list.csv"), listText(users(60), "new"));
  assert.equal((await setting.send("--limit", "20")).json.sent, 40);
  assert.equal((await setting.send()).code, 0);
  setting.assertEachOnce(users(60));
});

Deno.test("send --only, --limit, --offset and then send skip nobody", async () => {
  await using setting = await ListSetting.make(users(50));
  await setting.send(...users(5).flatMap((name) => ["--only", addressOf(name)]));
  assert.equal((await setting.send("--limit", "5")).json.sent, 10);
  assert.equal((await setting.send("--offset", "10", "--limit", "5")).json.sent, 15);
  assert.equal((await setting.send("--offset", "10", "--limit", "5")).json.sent, 20);
  setting.assertEachOnce(users(20));
  assert.equal((await setting.send()).code, 0);
  setting.assertEachOnce(users(50));
});

/** What another program does to the list at mail 600 of 3,000; with a note, the list is large and read in place. */
const CHANGES: readonly (readonly [string, string, (path: string, text: string) => void])[] = [
  [
    "reorders the rows of a small list",
    "",
    (path) => Deno.writeTextFileSync(path, listText(users(3_000).toReversed())),
  ],
  ["reorders the rows of a large list", "x".repeat(1_500), (path, text) => {
    const [header, ...rows] = text.trimEnd().split("\n");
    Deno.writeTextFileSync(path, `${[header, ...rows.reverse()].join("\n")}\n`);
  }],
  [
    "truncates a large list",
    "x".repeat(1_500),
    (path, text) => Deno.truncateSync(path, text.length / 2),
  ],
  ["replaces a large list with another", "x".repeat(1_500), (path) => {
    Deno.writeTextFileSync(`${path}.new`, listText(["somebody"]));
    Deno.renameSync(`${path}.new`, path);
  }],
];

for (const [what, note, change] of CHANGES) {
  Deno.test(`If another program ${what} while it is being sent, the run exits with 3 and the next one loses nobody`, async () => {
    const names = users(3_000);
    const text = listText(names, note);
    let path = "";
    let changed = false;
    await using setting = await ListSetting.make([], {
      body: ({ server }) => {
        if (!changed && server.accepted.length >= 599) {
          changed = true;
          change(path, text);
        }
        return undefined;
      },
    });
    path = setting.path("list.csv");
    await Deno.writeTextFile(path, text);
    const first = await setting.send();
    assert.deepEqual([first.code, first.json.state], [3, "stopped"], first.stderr);
    assert.match(first.stderr, /The list 'list\.csv' (has )?changed/);
    await Deno.writeTextFile(path, text);
    const second = await setting.send();
    assert.deepEqual([second.code, second.json.state], [0, "done"], second.stderr);
    setting.assertEachOnce(names);
  });
}

Deno.test("Sending a part of the list under the same id drops nobody who is waiting", async () => {
  let busy = true;
  await using setting = await ListSetting.make(users(20), {
    rcpt: ({ recipient }) => busy && /^user[1-5]@/.test(recipient!) ? "450 4.2.1 busy" : undefined,
  });
  const first = await setting.send("--no-wait");
  assert.deepEqual([first.code, first.json.deferred], [3, 5]);
  busy = false;
  await Deno.writeTextFile(setting.path("part.csv"), listText(users(20).slice(5)));
  const second = await setting.send("--recipients", "part.csv");
  assert.deepEqual([second.code, second.json.deferred], [3, 5], second.stderr);
  assert.match(second.stderr, /Missing +5 recipients are waiting \(user1@x\.test/, "in the plan");
  assert.match(second.stderr, /Reason +5 recipients are waiting .* not in 'part\.csv'/);
  assert.match(second.stderr, /--drop-missing/);
  assert.equal((await setting.send()).code, 0);
  setting.assertEachOnce(users(20));
});

Deno.test("--drop-missing gives up on recipients who are waiting and no longer in the list", async () => {
  await using setting = await ListSetting.make(users(5), {
    rcpt: ({ recipient }) => recipient === "user1@x.test" ? "450 4.2.1 busy" : undefined,
  });
  await setting.send("--no-wait");
  await Deno.writeTextFile(setting.path("list.csv"), listText(users(5).slice(1)));
  const { code, json, stderr } = await setting.send("--drop-missing");
  assert.deepEqual([code, json.skipped], [0, 1], stderr);
});

Deno.test("--in-doubt resend with --only or --limit resends to the chosen recipients only, and holds the others", async () => {
  const doubted = new Set(users(5).map(addressOf));
  await using setting = await ListSetting.make(users(6), {
    body: ({ recipient }) => doubted.delete(recipient!) ? DROP : undefined,
  });
  assert.equal((await setting.send()).json.in_doubt, 5);
  await setting.send("--in-doubt", "resend", "--only", "user2@x.test");
  setting.assertEachOnce(["user6", "user2"]);
  const limited = await setting.send("--in-doubt", "resend", "--limit", "1");
  assert.deepEqual([limited.code, limited.json.in_doubt], [1, 3]);
  const plain = await setting.send();
  assert.deepEqual([plain.code, plain.json.in_doubt], [1, 3]);
  setting.assertEachOnce(["user6", "user2", "user1"]);
});
