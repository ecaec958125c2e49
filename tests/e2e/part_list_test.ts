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

/** Nine of whom two were mailed, and a second list with one of these, somebody new, a duplicate and an invalid row. */
async function interruptedSetting(): Promise<ListSetting> {
  const setting = await ListSetting.make([...users(9), "user1", "no one"]);
  assert.equal((await setting.send("--limit", "2")).json.sent, 2);
  const part = listText(["user1", "other", "user1", "no two"]);
  await Deno.writeTextFile(setting.path("again.csv"), part);
  return setting;
}

Deno.test("Rows of the first list that no run has reached are missed while another list is sent: the campaign is not done", async () => {
  await using setting = await interruptedSetting();
  const part = await setting.send("--recipients", "again.csv");
  assert.match(part.stderr, /Changed +The list is not the one of the last run/);
  assert.match(part.stderr, /No run has reached 9 rows of the last list/);
  // Seven are missing. The new one, and the row without an address, could be two of them.
  assert.match(
    part.stderr,
    /Reason +At least 5 recipients of an earlier list have not been reached/,
  );
  const { state, kind, retryable, sent } = part.json;
  assert.deepEqual([part.code, state, kind, retryable, sent], [3, "stopped", "missing", false, 3]);
  const status = await setting.run("status", "--json");
  const told = JSON.parse(status.stdout);
  assert.deepEqual([status.code, told.state, told.left_behind], [3, "stopped", 5]);

  const again = await setting.send("--recipients", "again.csv");
  assert.match(again.stderr, /Changed +At least 5 recipients of an earlier list have not been/);
  assert.equal(again.code, 3, "they are remembered");

  const whole = await setting.send();
  assert.doesNotMatch(whole.stderr, /reached/);
  assert.deepEqual([whole.code, whole.json.state, whole.json.sent], [1, "done", 10], whole.stderr);
  assert.equal(JSON.parse((await setting.run("status", "--json")).stdout).left_behind, 0);
  const last = await setting.send("--recipients", "again.csv");
  assert.deepEqual([last.code, last.json.state], [1, "done"], "nobody is missing any longer");
  setting.assertEachOnce([...users(9), "other"]);
});

Deno.test("--drop-missing gives up on rows that no run has reached, for good", async () => {
  await using setting = await interruptedSetting();
  await Deno.writeTextFile(setting.path("again.csv"), listText(["user1", "other"]));
  const dropped = await setting.send("--recipients", "again.csv", "--drop-missing");
  assert.deepEqual([dropped.code, dropped.json.state], [0, "done"], dropped.stderr);
  const after = await setting.send("--recipients", "again.csv");
  assert.deepEqual([after.code, after.json.state], [0, "done"], after.stderr);
  assert.equal((await setting.run("status")).code, 0);
  setting.assertEachOnce(["user1", "user2", "other"]);
});

Deno.test("A list that was corrected before it was through is done when it is through", async () => {
  await using setting = await interruptedSetting();
  await Deno.writeTextFile(setting.path("list.csv"), listText([...users(8), "corrected"]));
  assert.equal((await setting.send("--limit", "1")).json.sent, 3);
  const status = JSON.parse((await setting.run("status", "--json")).stdout);
  const { state, not_reached, left_behind } = status;
  assert.deepEqual([state, not_reached, left_behind], ["stopped", 6, 0], "counted once");
  const { code, json, stderr } = await setting.send();
  assert.deepEqual([code, json.state, json.sent], [0, "done", 9], stderr);
  setting.assertEachOnce([...users(8), "corrected"]);
});
