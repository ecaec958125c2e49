import assert from "node:assert/strict";
import { DROP } from "../pipeline/relays.ts";
import { addressOf, ListSetting, listText, users } from "../support/list_setting.ts";

const REFUSED = "550 5.1.1 no such user";

Deno.test("send --retry failed mails those who failed, nobody twice, and finds nobody when run again", async () => {
  let refusing = true;
  await using setting = await ListSetting.make(users(20), {
    rcpt: ({ recipient }) => refusing && /user[37]@/.test(recipient!) ? REFUSED : undefined,
  });
  const first = await setting.send();
  assert.deepEqual([first.code, first.json.failed], [1, 2]);
  assert.match(first.stderr, /email-dispatcher send --retry failed/, "the next step names it");
  const still = await setting.send("--retry", "failed");
  assert.deepEqual([still.code, still.json.failed], [1, 2], "still refused: failed as before");
  assert.match(still.stderr, /To send +2 recipients; 18 already settled\n/);
  assert.equal((await setting.send()).json.failed, 2, "without --retry they are left alone");
  refusing = false;
  const { code, json } = await setting.send("--retry", "failed");
  assert.deepEqual([code, json.sent, json.state], [0, 20, "done"]);
  assert.equal((await setting.send("--retry", "failed")).code, 0);
  setting.assertEachOnce(users(20));
});

Deno.test("send --retry with an address tries that recipient alone, in any state but sent", async () => {
  let busy = true;
  await using setting = await ListSetting.make(users(6), {
    rcpt: ({ recipient }) => busy && /user[12]@/.test(recipient!) ? REFUSED : undefined,
    body: ({ recipient }) => busy && /user3@/.test(recipient!) ? DROP : undefined,
  });
  const first = await setting.send();
  assert.deepEqual([first.json.failed, first.json.in_doubt], [2, 1], first.stderr);
  busy = false;
  const one = await setting.send("--retry", "USER2@x.test", "--retry", addressOf("user3"));
  assert.deepEqual([one.code, one.json.failed, one.json.in_doubt], [1, 1, 0], one.stderr);
  setting.assertEachOnce(["user2", "user3", "user4", "user5", "user6"]);
  const table: [who: string, said: RegExp][] = [
    ["user5@x.test", /^error: --retry mails nobody twice: found 'user5@x\.test', whose mail was/m],
    ["usr5@x.test", /--retry must name recipients of the list .*'usr5@x\.test'\n {2}Did you mean/],
    [
      "faild",
      /--retry must be failed, invalid, in-doubt or an e-mail address: found 'faild'\n {2}Did you mean 'failed'\?/,
    ],
    ["sent", /--retry must be failed, invalid, in-doubt or an e-mail address: found 'sent'\n$/],
    ["user@", /--retry must be an e-mail address: found 'user@'/],
  ];
  for (const [who, said] of table) {
    const { code, stderr, stdout } = await setting.send("--retry", who);
    assert.deepEqual([code, JSON.parse(stdout).state], [2, "refused"], stderr);
    assert.match(stderr, said);
  }
  assert.equal((await setting.send("--retry", "failed", "--only", "user1@x.test")).code, 2);
  setting.assertEachOnce(["user2", "user3", "user4", "user5", "user6"]);
});

Deno.test("send --retry in-doubt mails those in doubt", async () => {
  const doubted = new Set(users(2).map(addressOf));
  await using setting = await ListSetting.make(users(4), {
    body: ({ recipient }) => doubted.delete(recipient!) ? DROP : undefined,
  });
  assert.equal((await setting.send()).json.in_doubt, 2);
  const { code, json } = await setting.send("--retry", "in-doubt");
  assert.deepEqual([code, json.in_doubt, json.sent], [0, 0, 4]);
  setting.assertEachOnce(users(4));
});

Deno.test("send --retry with a corrected list tries recipients who are in it, and checks invalid rows again", async () => {
  let refusing = true;
  await using setting = await ListSetting.make(["user1", "user2", "user3", "no one"], {
    rcpt: ({ recipient }) => refusing && /user[12]@/.test(recipient!) ? REFUSED : undefined,
  });
  const first = await setting.send();
  assert.deepEqual([first.json.failed, first.json.invalid, first.json.sent], [2, 1, 1]);
  refusing = false;
  await Deno.writeTextFile(setting.path("list.csv"), listText(["user3", "user1", "noone"]));
  const { code, json, stderr } = await setting.send("--retry", "failed", "--retry", "invalid");
  assert.deepEqual([json.sent, json.failed, json.invalid, code], [3, 1, 0, 1], stderr);
  setting.assertEachOnce(["user3", "user1", "noone"]);
});

Deno.test("send --retry invalid composes mails again that could not be made before", async () => {
  await using setting = await ListSetting.make(users(2));
  await Deno.writeTextFile(
    setting.path("mail.txt"),
    "From: news@acme.test\nSubject: Hello\nAttachment: {{ Email }}.pdf\n\nThe news.\n",
  );
  await Deno.writeTextFile(setting.path("user1@x.test.pdf"), "one");
  const first = await setting.send();
  assert.deepEqual([first.code, first.json.sent, first.json.invalid], [1, 1, 1], first.stderr);
  await Deno.writeTextFile(setting.path("user2@x.test.pdf"), "two");
  const { code, json, stderr } = await setting.send("--retry", "invalid");
  assert.deepEqual([code, json.sent, json.invalid], [0, 2, 0], stderr);
  setting.assertEachOnce(users(2));
});

Deno.test("send exits with 2 if --only names nobody in the list or --offset is past its end, and suggests the address that was meant", async () => {
  await using setting = await ListSetting.make([...users(3), "bad one"]);
  const table: [args: string[], said: RegExp][] = [
    [
      ["--only", "user1@x.test", "--only", "uesr2@x.test"],
      /--only must name recipients of the list 'list\.csv': found 'uesr2@x\.test'\n {2}Did you mean 'user2@x\.test'\?\n$/,
    ],
    [["--only", "somebody.else@elsewhere.example"], /found 'somebody\.else@elsewhere\.example'\n$/],
    [["--offset", "4"], /--offset must be less than the 4 rows of the list 'list\.csv': found '4'/],
  ];
  for (const round of ["without a ledger", "with one"]) {
    for (const [args, said] of table) {
      const { code, stdout, stderr } = await setting.send(...args);
      assert.deepEqual([code, JSON.parse(stdout).state], [2, "refused"], `${round}: ${stderr}`);
      assert.match(stderr, said, round);
    }
    if (round === "with one") break;
    setting.assertEachOnce([]);
    await setting.send("--only", "user1@x.test");
  }
  setting.assertEachOnce(["user1"]);
});

Deno.test("send exits with 2 for a list on standard input, too, if --only names nobody in it or --offset is past its end", async () => {
  await using setting = await ListSetting.make([]);
  const table: [args: string[], said: RegExp][] = [
    [
      ["--only", "uesr2@x.test"],
      /--only must name recipients of the list on standard input: found 'uesr2@x\.test'\n {2}Did you mean 'user2@x\.test'\?\n$/,
    ],
    [
      ["--offset", "4"],
      /--offset must be less than the number of rows of the list on standard input: found '4'\n$/,
    ],
  ];
  for (const [args, said] of table) {
    const { code, stdout, stderr } = await setting.sendPiped(listText(users(3)), ...args);
    assert.deepEqual([code, JSON.parse(stdout).state], [2, "refused"], stderr);
    assert.match(stderr, said);
  }
  setting.assertEachOnce([]);
  const one = await setting.sendPiped(listText(users(3)), "--only", "user2@x.test");
  assert.equal(one.code, 0, one.stderr);
  setting.assertEachOnce(["user2"]);
});

Deno.test("send --retry exits with 2 and mails nobody if there was no earlier run", async () => {
  await using setting = await ListSetting.make(users(3));
  for (const who of ["failed", "in-doubt", "user1@x.test"]) {
    const { code, stdout, stderr } = await setting.send("--retry", who);
    assert.deepEqual([code, JSON.parse(stdout).state], [2, "refused"], stderr);
    assert.match(stderr, /^error: --retry needs an earlier run .*: found no ledger 'c\.ledger'\n/);
  }
  setting.assertEachOnce([]);
});
