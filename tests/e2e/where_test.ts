import assert from "node:assert/strict";
import { ListSetting } from "../support/list_setting.ts";

const MIXED = `Email,Country,Consent
a1@x.test,AT,yes
a2@x.test,AT,no
,AT,no
d1@x.test,DE,yes
a1@x.test,AT,yes
broken,AT,yes
c1@x.test,CH,yes
d2@x.test,DE,yes
a3@x.test,AT,yes
s1@x.test,AT,yes
`;

const RETRY_SOON = '[retry]\nfirst = "1s"\n';

/** The counts of `--json`, by name; those of `status` have `not_reached` as well. */
function counts(json: Record<string, unknown>): Record<string, unknown> {
  const names = ["sent", "failed", "invalid", "skipped", "deferred", "queued", "not_chosen"];
  const all = names.map((name) => [name, json[name]] as const);
  return Object.fromEntries(all.filter(([, count]) => count !== 0));
}

async function statusOf(setting: ListSetting): Promise<Record<string, unknown>> {
  const { stdout, code } = await setting.run("status", "--json");
  const status = JSON.parse(stdout);
  assert.equal(status.exit_code, code);
  return status;
}

Deno.test("Runs that choose different rows mail everybody once, and each says what is left", async () => {
  let busy = true;
  await using setting = await ListSetting.make([], {
    rcpt: ({ recipient }) =>
      recipient === "d2@x.test"
        ? "550 5.1.1 no such user"
        : busy && recipient === "a3@x.test"
        ? "451 4.7.1 come back later"
        : undefined,
  });
  await Deno.writeTextFile(setting.path("list.csv"), MIXED);
  await Deno.writeTextFile(setting.path("out.txt"), "s1@x.test\n");
  await Deno.writeTextFile(setting.path("campaign.toml"), RETRY_SOON);
  const send = (...more: string[]) => setting.send("--suppress", "out.txt", "--no-wait", ...more);

  const first = await send("--where", `Country == "AT" and Consent == "yes"`);
  const after1 = { sent: 1, invalid: 1, skipped: 2, deferred: 1, not_chosen: 5 };
  assert.deepEqual([first.code, counts(first.json)], [3, after1], first.stderr);
  assert.match(first.stderr, /List +list\.csv: 10 rows \(/);
  assert.match(first.stderr, /Chosen +5 rows where Country == "AT" and .*; 5 not chosen\n/);
  const status1 = await statusOf(setting);
  assert.deepEqual([status1.state, status1.not_reached, counts(status1)], ["stopped", 0, after1]);

  // Somebody of the first run waits: not chosen, not mailed, and no reason to run this again.
  const second = await send("--where", `Country == "DE"`);
  const after2 = { ...after1, sent: 2, failed: 1, not_chosen: 3 };
  assert.deepEqual([second.code, counts(second.json)], [1, after2], second.stderr);
  assert.equal(second.json.state, "done");
  assert.match(second.stderr, /\n +3 more rows of the list not chosen\n/);
  assert.match(second.stderr, /\n +1 recipient of earlier runs not chosen, still waiting\n/);
  const status2 = await statusOf(setting);
  assert.deepEqual([status2.state, status2.not_reached, counts(status2)], ["done", 0, after2]);
  assert.match((await setting.run("status")).stdout, /Not chosen +3\nDone, but 1 recipient/);

  busy = false;
  const last = await setting.send("--suppress", "out.txt");
  const after3 = { sent: 5, failed: 1, invalid: 2, skipped: 2 };
  assert.deepEqual([last.code, counts(last.json)], [1, after3], last.stderr);
  assert.deepEqual([...setting.server.accepted].sort(), [
    "a1@x.test",
    "a2@x.test",
    "a3@x.test",
    "c1@x.test",
    "d1@x.test",
  ]);
});

Deno.test("A run whose chosen recipients are all settled exits with 0 and is done, whoever else waits", async () => {
  let busy = true;
  await using setting = await ListSetting.make([], {
    rcpt: ({ recipient }) =>
      busy && recipient === "ann@x.test" ? "451 4.7.1 come back later" : undefined,
  });
  await Deno.writeTextFile(
    setting.path("list.csv"),
    "Email,Plan\nann@x.test,pro\nbob@x.test,free\ncid@x.test,\n",
  );
  await Deno.writeTextFile(setting.path("campaign.toml"), RETRY_SOON);
  const first = await setting.send("--where", `Plan == "pro"`, "--no-wait");
  assert.deepEqual([first.code, first.json.deferred, first.json.not_chosen], [3, 1, 2]);
  const second = await setting.send("--where", `Plan == "free"`);
  assert.deepEqual([second.code, second.json.state], [0, "done"], second.stderr);
  assert.deepEqual([second.json.deferred, second.json.not_chosen], [1, 1]);
  const status = await setting.run("status", "--json");
  assert.deepEqual([status.code, JSON.parse(status.stdout).state], [0, "done"]);
  // The list changes: who is not chosen now is not dropped either.
  await Deno.writeTextFile(
    setting.path("list.csv"),
    "Email,Plan\ndan@x.test,free\nann@x.test,pro\nbob@x.test,free\ncid@x.test,\n",
  );
  const third = await setting.send("--where", `Plan == "free"`, "--drop-missing");
  assert.deepEqual([third.code, third.json.deferred, third.json.skipped], [0, 1, 0], third.stderr);
  busy = false;
  const last = await setting.send();
  assert.deepEqual([last.code, last.json.sent, last.json.not_chosen], [0, 4, 0], last.stderr);
  setting.assertEachOnce(["ann", "bob", "cid", "dan"]);
});

Deno.test("The plan's number of mails is exact where only chosen rows are in the ledger", async () => {
  await using setting = await ListSetting.make([]);
  await Deno.writeTextFile(setting.path("list.csv"), MIXED);
  const where = ["--where", `Consent == "yes"`];
  const dry = await setting.send(...where, "--dry-run");
  assert.deepEqual(dry.json.plan, {
    rows: 8,
    not_chosen: 2,
    recipients: 6,
    invalid: 1,
    duplicates: 1,
    to_send: 6,
    changed_since_done: [],
  });
  const some = await setting.send(...where, "--limit", "2");
  assert.deepEqual([some.code, some.json.sent, some.json.state], [0, 2, "stopped"], some.stderr);
  assert.match(some.stderr, /6 more rows of the list not reached yet\n +2 more rows of/);
  const rest = await setting.send(...where);
  assert.match(rest.stderr, /To send +4 recipients; 2 already settled\n/);
  assert.deepEqual([rest.code, rest.json.sent, rest.json.not_chosen], [1, 6, 2], rest.stderr);
});

Deno.test("--where chooses from a list on standard input and together with --only, --offset and --shard", async () => {
  await using piped = await ListSetting.make([]);
  const { code, json, stderr } = await piped.sendPiped(MIXED, "--where", `Country == "CH"`);
  assert.deepEqual([code, json.sent, json.not_chosen], [0, 1, 9], stderr);
  assert.equal((await statusOf(piped)).not_chosen, 9);

  await using setting = await ListSetting.make([]);
  await Deno.writeTextFile(setting.path("list.csv"), MIXED);
  const where = ["--where", `Country == "DE"`];
  const unlisted = await setting.send(...where, "--only", "c1@x.test");
  assert.equal(unlisted.code, 2, "a recipient who is not chosen cannot be named");
  await setting.send(...where, "--only", "d2@x.test");
  assert.deepEqual(setting.server.accepted, ["d2@x.test"]);
  await setting.send("--where", `Consent == "yes"`, "--offset", "5");
  assert.deepEqual([...setting.server.accepted].sort(), ["a3@x.test", "d2@x.test", "s1@x.test"]);

  const shards = await Promise.all(["1/2", "2/2"].map(async (shard) => {
    await using part = await ListSetting.make([]);
    await Deno.writeTextFile(part.path("list.csv"), MIXED);
    const sent = await part.send("--where", `Consent == "yes"`, "--shard", shard);
    assert.equal(sent.json.not_chosen, null);
    return part.server.accepted;
  }));
  assert.deepEqual(
    shards.flat().sort(),
    ["a1", "a3", "c1", "d1", "d2", "s1"].map((name) => `${name}@x.test`),
  );
});

Deno.test("A condition that chooses nobody leaves nothing to send, and one that cannot be judged is that row's fault", async () => {
  await using setting = await ListSetting.make([]);
  await Deno.writeTextFile(
    setting.path("list.csv"),
    'Email,About\na@x.test,"{""n"":1}"\nb@x.test,n=2\nc@x.test,\n',
  );
  const none = await setting.send("--where", `Email == "nobody"`);
  assert.deepEqual([none.code, none.json.state, none.json.not_chosen], [0, "done", 3], none.stderr);
  const some = await setting.send("--where", `(About | json_parse).n == 1`);
  assert.deepEqual([some.code, counts(some.json)], [1, { sent: 1, invalid: 1, not_chosen: 1 }]);
  assert.match(some.stderr, /--where cannot judge the row: 'json_parse' needs JSON: found 'n=2'/);
});

Deno.test("An unknown column is refused with its place, in a flag, a variable and the campaign file", async () => {
  await using setting = await ListSetting.make([]);
  await Deno.writeTextFile(setting.path("list.csv"), MIXED);
  const flag = await setting.send("--where", `Contry == "AT"`);
  assert.equal(flag.code, 2);
  assert.match(
    flag.stderr,
    /^--where:1:1: Unknown .*'Contry'\n {2}Did you mean 'Country'\?/m,
  );
  await Deno.writeTextFile(
    setting.path("campaign.toml"),
    `id = "c"\n\nwhere = 'Country == "AT" and Consnt == "yes"'\n`,
  );
  const file = await setting.send();
  assert.equal(file.code, 2);
  assert.match(file.stderr, /^campaign\.toml:3: Unknown variable 'Consnt'\n/m);
  assert.deepEqual(setting.server.accepted, []);
  for (const command of ["check", "preview"]) {
    const args = ["--recipients", "list.csv", "--template", "mail.txt"];
    const more = command === "check" ? ["--offline"] : [];
    const { code, stderr, stdout } = await setting.about(command, ...args, ...more);
    assert.equal(code, 2);
    assert.match(stderr + stdout, /campaign\.toml:3: Unknown variable 'Consnt'/, command);
  }
});

Deno.test("check and preview are about the chosen rows alone", async () => {
  await using setting = await ListSetting.make([]);
  await Deno.writeTextFile(setting.path("list.csv"), MIXED);
  const list = ["--recipients", "list.csv", "--template", "mail.txt"];
  const where = ["--where", `Country == "DE" or Consent == "no"`];
  const check = await setting.about("check", ...list, "--offline", "--json", ...where);
  const { rows, not_chosen, recipients, invalid } = JSON.parse(check.stdout);
  assert.deepEqual([check.code, rows, not_chosen, recipients, invalid], [1, 4, 6, 3, 1]);
  assert.match(check.stderr, /Chosen +4 rows where Country == .*; 6 not chosen\n/);
  const nobody = await setting.about("check", ...list, "--offline", "--where", `Country == "FR"`);
  assert.equal(nobody.code, 0);
  assert.match(nobody.stdout, /list\.not-chosen\n.*The condition \(--where\) chooses none of 10/);

  const preview = async (...more: string[]) =>
    await setting.about("preview", ...list, "--where", `Country == "DE"`, ...more);
  assert.match((await preview()).stdout, /This is the news for d1@x\.test/);
  assert.match((await preview("--row", "2")).stdout, /This is the news for d2@x\.test/);
  const third = await preview("--row", "3");
  assert.equal(third.code, 2);
  assert.match(third.stderr, /The list has no row 3: it has 2 rows, and 8 that --where does not/);
  assert.equal((await preview("--email", "c1@x.test")).code, 2);
});

Deno.test("export chooses by the columns of the list and those of the ledger", async () => {
  await using setting = await ListSetting.make([], {
    rcpt: ({ recipient }) => recipient === "d2@x.test" ? "550 5.1.1 no such user" : undefined,
  });
  await Deno.writeTextFile(setting.path("list.csv"), MIXED);
  await setting.send();
  const addresses = async (expression: string, ...more: string[]) => {
    const { stdout, code } = await setting.run("export", "--where", expression, ...more);
    assert.equal(code, 0);
    return stdout.trim().split("\r\n").slice(1).map((line) => line.split(",")[0]);
  };
  assert.deepEqual(await addresses(`_state == "failed" and _code == "550"`), ["d2@x.test"]);
  assert.deepEqual(await addresses(`Country == "DE"`, "--state", "sent"), ["d1@x.test"]);
  assert.deepEqual(await addresses(`_reason contains "Duplicate"`), ["a1@x.test"]);
  assert.deepEqual(await addresses(`(_line | plus: 0) > 9`), ["a3@x.test", "s1@x.test"]);
  const wrong = await setting.run("export", "--where", `_stat == "sent"`);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /^--where:1:1: Unknown variable '_stat'\n {2}Did you mean '_state'/m);
  const unjudged = await setting.run("export", "--where", `(Country | plus: 0) == 1`);
  assert.equal(unjudged.code, 1);
  assert.match(unjudged.stderr, /^line 2: Not exported: .*'plus' needs a number: found 'AT'$/m);
  // What the campaign mails next hides nobody whom it mailed before.
  await Deno.writeTextFile(setting.path("campaign.toml"), `where = 'Country == "CH"'\n`);
  assert.equal((await setting.run("export")).stdout.trim().split("\r\n").length, 11);
});

Deno.test("--retry with a condition tries only those whom it chooses", async () => {
  let refusing = true;
  await using setting = await ListSetting.make([], {
    rcpt: ({ recipient }) =>
      refusing && /^[ad]1@/.test(recipient!) ? "550 5.1.1 no such user" : undefined,
  });
  await Deno.writeTextFile(setting.path("list.csv"), MIXED);
  assert.equal((await setting.send()).json.failed, 2);
  refusing = false;
  const some = await setting.send("--retry", "failed", "--where", `Country == "AT"`);
  assert.deepEqual([some.code, some.json.failed, some.json.queued], [1, 1, 0], some.stderr);
  assert.equal(setting.server.accepted.filter((address) => /^[ad]1@/.test(address)).length, 1);
  const other = await setting.send("--retry", "d1@x.test", "--where", `Country == "AT"`);
  assert.equal(other.code, 2, "who is not chosen cannot be named");
  const rest = await setting.send("--retry", "failed");
  assert.deepEqual([rest.json.failed, rest.json.sent], [0, 7], rest.stderr);
  assert.equal(new Set(setting.server.accepted).size, setting.server.accepted.length);
});
