import assert from "node:assert/strict";
import { ListSetting } from "../support/list_setting.ts";

const INVOICES = `Email,Invoice,Amount
ann@x.test,INV-1,100
bob@x.test,INV-2,200
ANN@x.test,inv-1 ,100
ann@X.test,INV-3,300
broken,INV-4,400
bob@x.test,INV-5,500
`;

async function invoices(): Promise<ListSetting> {
  const setting = await ListSetting.make([]);
  await Deno.writeTextFile(setting.path("list.csv"), INVOICES);
  return setting;
}

Deno.test("A second row with the same address and different cells is a warning, and the ledger says so", async () => {
  await using setting = await invoices();
  const { code, json, stderr } = await setting.send();
  assert.deepEqual([code, json.sent, json.skipped], [1, 2, 3], stderr);
  const said =
    /Duplicate 2 rows have the address of an earlier row, but different cells, and get no mail:\n +line 5 \(first in line 2\), line 7 \(first in line 3\)\n +Use --key COLUMN/g;
  assert.equal([...stderr.matchAll(said)].length, 2, `in plan and summary: ${stderr}`);
  const { stdout } = await setting.run("export", "--state", "skipped", "--format", "jsonl");
  const reasons = stdout.trim().split("\n").map((line) => JSON.parse(line)._reason);
  assert.deepEqual(reasons, [
    "Duplicate of line 2",
    "Duplicate of line 2, with different cells",
    "Duplicate of line 3, with different cells",
  ]);
});

Deno.test("--strict refuses such a row with its place, --key tells the rows apart", async () => {
  await using setting = await invoices();
  await Deno.writeTextFile(setting.path("list.csv"), INVOICES.replace("broken", "cid@x.test"));
  const strict = await setting.send("--strict");
  assert.equal(strict.code, 2);
  assert.match(
    strict.stderr,
    /^list\.csv:5: Row has the address of line 2, but different cells, and gets no mail, as 1 more row does; .*\n {2}Use --key/m,
  );
  assert.deepEqual([strict.json.kind, strict.json.line], ["list", 5]);
  const keyed = await setting.send("--strict", "--key", "Invoice");
  assert.deepEqual([keyed.code, keyed.json.sent], [0, 6], keyed.stderr);
  assert.doesNotMatch(keyed.stderr, /different cells/);
});

Deno.test("check warns of such rows, and notes mere repetitions", async () => {
  await using setting = await invoices();
  const args = ["--recipients", "list.csv", "--template", "mail.txt", "--offline", "--json"];
  const findings = async (...more: string[]) => {
    const { stdout } = await setting.about("check", ...args, ...more);
    const all: { check: string; level: string; line: number; what: string }[] =
      JSON.parse(stdout).findings;
    return all.filter(({ check }) => /^list\.(?:differing|duplicate)$/.test(check))
      .map(({ check, level, line, what }) => [check, level, line, what]);
  };
  assert.deepEqual(await findings(), [
    ["list.differing", "warning", 5, "ann@x.test is in line 2 too, with different cells"],
    ["list.differing", "warning", 7, "bob@x.test is in line 3 too, with different cells"],
    ["list.duplicate", "note", 4, "ANN@x.test is a duplicate of line 2"],
  ]);
  assert.deepEqual(await findings("--key", "Amount"), [
    ["list.duplicate", "note", 4, "ANN@x.test is a duplicate of line 2"],
  ]);
  assert.deepEqual(await findings("--where", `Invoice != "INV-1"`), [
    ["list.differing", "warning", 5, "ann@x.test is in line 4 too, with different cells"],
    ["list.differing", "warning", 7, "bob@x.test is in line 3 too, with different cells"],
  ]);
});
