import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder } from "../support/folder.ts";
import { runProgram, startProgram } from "../support/program.ts";

Deno.test("send skips recipients on the suppression list, even if they are added while it runs, and says why", async () => {
  const files = {
    "list.csv": `Email\n${
      Array.from({ length: 400 }, (_, index) => `p${index}@x.test\n`).join("")
    }`,
    "mail.txt": "From: Acme <news@acme.test>\nSubject: News\n\nThe news.\n",
  };
  await inFolder(files, async (cwd) => {
    await runProgram(["unsubscribe", "add", "p3@x.test", "--reason", "by phone"], { cwd });
    const send = startProgram([
      ...["send", "--recipients", "list.csv", "--template", "mail.txt", "--smtp", "sandbox:"],
      ...["--yes", "--rate", "200/s", "--connections", "1", "-v"],
    ], { cwd });
    await send.seen(/p0@x\.test/);
    const during = await runProgram(["unsubscribe", "add", "p399@x.test"], { cwd });
    assert.equal(during.code, 0);
    const { code, stderr } = await send.ended;
    assert.equal(code, 0, stderr);
    const { stdout } = await runProgram(
      ["export", "--recipients", "list.csv", "--state", "skipped", "--format", "jsonl"],
      { cwd },
    );
    const skipped = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(skipped.map(({ Email }) => Email), ["p3@x.test", "p399@x.test"]);
    assert.match(
      skipped[0]._reason,
      /^Suppressed: added by hand \d{4}-\d\d-\d\d \(by phone\)$/,
    );
  });
});

/** A campaign of 400 rows, sent slowly enough for the suppression list to change meanwhile. */
const FILES = {
  "list.csv": `Email\n${Array.from({ length: 400 }, (_, at) => `p${at}@x.test\n`).join("")}`,
  "mail.txt": "From: Acme <news@acme.test>\nSubject: News\n\nThe news.\n",
};

const SLOWLY = [
  ...["send", "--recipients", "list.csv", "--template", "mail.txt", "--smtp", "sandbox:"],
  ...["--yes", "--rate", "100/s", "--connections", "1", "-v", "--suppression-list", "left.db"],
];

const suppress = (cwd: string, list: string, ...addresses: readonly string[]) =>
  runProgram(["unsubscribe", "add", ...addresses, "--suppression-list", list], { cwd });

Deno.test("send skips a recipient who unsubscribes while their claimed row waits for --rate", async () => {
  const rows = Array.from({ length: 20 }, (_, index) => `p${index}@x.test\n`).join("");
  await inFolder({ ...FILES, "list.csv": `Email\n${rows}` }, async (cwd) => {
    const args = ["--recipients", "list.csv", "--template", "mail.txt", "--smtp", "sandbox:"];
    const send = startProgram(
      ["send", ...args, "--yes", "--rate", "5/s", "--connections", "1", "-v", "--json"],
      { cwd },
    );
    // All twenty rows are claimed by now, because rows are claimed 32 at a time.
    await send.seen(/p0@x\.test/);
    const during = await runProgram(
      ["unsubscribe", "add", "p19@x.test", "--reason", "by phone"],
      { cwd },
    );
    assert.equal(during.code, 0);
    const { code, stdout, stderr } = await send.ended;
    assert.equal(code, 0, stderr);
    const { state, total, sent, skipped, exit_code } = JSON.parse(stdout);
    assert.deepEqual([state, total, sent, skipped, exit_code], ["done", 20, 19, 1, 0]);
    const exported = await runProgram(
      ["export", "--recipients", "list.csv", "--state", "skipped", "--format", "jsonl"],
      { cwd },
    );
    const [row] = exported.stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.equal(row.Email, "p19@x.test");
    assert.match(row._reason, /^Suppressed: added by hand \d{4}-\d\d-\d\d \(by phone\)$/);
    assert.deepEqual([row._attempts, row._relay, row._message_id].map(String), ["0", "", ""]);
    for await (const { name } of Deno.readDir(join(cwd, "outbox"))) {
      if (!name.endsWith(".eml")) continue;
      assert.doesNotMatch(await Deno.readTextFile(join(cwd, "outbox", name)), /p19@x\.test/);
    }
  });
});

Deno.test("send skips recipients on a list that replaces the suppression list by rename while it runs", async () => {
  await inFolder(FILES, async (cwd) => {
    await suppress(cwd, "left.db", "p3@x.test", "p398@x.test");
    await suppress(cwd, "new.db", "p399@x.test");
    const send = startProgram(SLOWLY, { cwd });
    await send.seen(/p0@x\.test/);
    await Deno.rename(join(cwd, "new.db"), join(cwd, "left.db"));
    const { code, stderr } = await send.ended;
    assert.equal(code, 0, stderr);
    const { stdout } = await runProgram(
      ["export", "--recipients", "list.csv", "--state", "skipped", "--format", "jsonl"],
      { cwd },
    );
    const skipped = stdout.trimEnd().split("\n").map((line) => JSON.parse(line).Email);
    assert.deepEqual(skipped, ["p3@x.test", "p398@x.test", "p399@x.test"]);
  });
});

Deno.test("send stops if the suppression list is deleted while it runs", async () => {
  await inFolder(FILES, async (cwd) => {
    await suppress(cwd, "left.db", "p3@x.test");
    const send = startProgram(SLOWLY, { cwd });
    await send.seen(/p0@x\.test/);
    await Deno.remove(join(cwd, "left.db"));
    const { code, stderr } = await send.ended;
    assert.equal(code, 3, stderr);
    assert.match(stderr, /Reason +The suppression list 'left\.db' is missing/);
    assert.doesNotMatch(stderr, /p399@x\.test/);
  });
});

Deno.test("send does not start if the named suppression list is missing or cannot be read", async () => {
  const files = {
    "list.csv": "Email\nann@x.test\n",
    "mail.txt": "From: Acme <news@acme.test>\nSubject: News\n\nThe news.\n",
    "broken.db": "this is no database\n".repeat(100),
  };
  await inFolder(files, async (cwd) => {
    const args = ["send", "--recipients", "list.csv", "--template", "mail.txt", "--yes"];
    const table: [name: string, stderr: RegExp][] = [
      ["gone.db", /^error: There is no suppression list 'gone\.db'\n/],
      ["broken.db", /^error: Cannot (read|use) .*broken\.db'/],
    ];
    for (const [name, expected] of table) {
      const { code, stderr } = await runProgram(
        [...args, "--smtp", "sandbox:", "--suppression-list", name],
        { cwd },
      );
      assert.equal(code, 2, stderr);
      assert.match(stderr, expected);
    }
    await assert.rejects(Deno.stat(join(cwd, "outbox")), Deno.errors.NotFound);
  });
});
