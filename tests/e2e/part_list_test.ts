import assert from "node:assert/strict";
import { ListSetting, listText, users } from "../support/list_setting.ts";

Deno.test("A part of the list under the same id drops nobody who waits: the plan names them, status too, and the whole list reaches them", async () => {
  let refusing = true;
  await using setting = await ListSetting.make([...users(8), "no one", "user1"], {
    rcpt: ({ recipient }) =>
      !refusing
        ? undefined
        : /user[12]@/.test(recipient!)
        ? "451 4.2.0 Later"
        : /user[34]@/.test(recipient!)
        ? "550 5.1.1 No such user"
        : undefined,
  });
  const first = await setting.send("--no-wait");
  assert.deepEqual(
    [first.code, first.json.sent, first.json.failed, first.json.deferred],
    [3, 4, 2, 2],
    first.stderr,
  );
  const { stdout: failed } = await setting.run("export", "--state", "failed");
  await Deno.writeTextFile(setting.path("again.csv"), failed);

  refusing = false;
  const part = await setting.send("--recipients", "again.csv", "--retry", "failed");
  assert.match(
    part.stderr,
    /Missing +2 recipients are waiting \(user1@x\.test, user2@x\.test\) and not in the list: they keep waiting/,
  );
  assert.deepEqual(
    [part.code, part.json.kind, part.json.sent, part.json.deferred],
    [3, "missing", 6, 2],
    part.stderr,
  );
  const status = await setting.run("status", "--json");
  assert.deepEqual([status.code, JSON.parse(status.stdout).deferred], [3, 2]);

  const whole = await setting.send();
  assert.deepEqual([whole.code, whole.json.sent, whole.json.invalid], [1, 8, 1], whole.stderr);
  setting.assertEachOnce(users(8));
});

Deno.test("--drop-missing leaves out who waits and is not in the list any more, and nobody else", async () => {
  await using setting = await ListSetting.make(users(4), {
    rcpt: ({ recipient }) => /user[12]@/.test(recipient!) ? "451 4.2.0 Later" : undefined,
  });
  assert.equal((await setting.send("--no-wait")).code, 3);
  await Deno.writeTextFile(setting.path("list.csv"), listText(["user2", "user3", "user5"]));
  const { code, json, stderr } = await setting.send("--drop-missing", "--no-wait");
  assert.match(stderr, /1 recipient is waiting \(user1@x\.test\) .* will be skipped/);
  assert.deepEqual([code, json.skipped, json.deferred, json.sent], [3, 1, 1, 3], stderr);
});

Deno.test("Rows of the first list that no run has reached are named when another list follows", async () => {
  await using setting = await ListSetting.make(users(9));
  assert.equal((await setting.send("--limit", "2")).json.sent, 2);
  await Deno.writeTextFile(setting.path("again.csv"), listText(["user1", "other"]));
  const part = await setting.send("--recipients", "again.csv");
  assert.match(part.stderr, /Changed +The list is not the one of the last run/);
  assert.match(part.stderr, /No run has reached 7 rows of the last list/);
  const whole = await setting.send();
  assert.deepEqual([whole.code, whole.json.sent], [0, 10], whole.stderr);
  assert.doesNotMatch(whole.stderr, /No run has reached/);
  setting.assertEachOnce([...users(9), "other"]);
});
