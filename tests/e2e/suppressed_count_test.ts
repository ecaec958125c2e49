import assert from "node:assert/strict";
import { inFolder } from "../support/folder.ts";
import { runProgram } from "../support/program.ts";

const FILES = {
  "list.csv": [
    "Name,Email",
    "Ann,ann@x.test",
    "Bob,bob@x.test", // on the list
    "Cid,cid@x.test", // in the file
    "Ann,ANN@x.test", // a duplicate of a recipient
    "Bob,BOB@x.test", // a duplicate of a suppressed one
    "Dan,dan@", // invalid
    "Eve,eve@x.test",
  ].join("\n"),
  "competitors.txt": "cid@x.test\n",
  "mail.txt": "From: Acme <news@acme.test>\nSubject: News\n\nDear {{ Name }}\n",
  "campaign.toml":
    'id = "spring"\nrecipients = "list.csv"\ntemplate = "mail.txt"\nsmtp = "sandbox:"\nsuppress = "competitors.txt"\n',
};

Deno.test("send and status count the suppressed apart from other skipped rows, in JSON and in text", async () => {
  await inFolder(FILES, async (cwd) => {
    await runProgram(["unsubscribe", "add", "bob@x.test", "nobody@x.test"], { cwd });
    const first = await runProgram(["send", "--yes", "--json"], { cwd });
    assert.equal(first.code, 1, first.stderr);
    const { total, sent, invalid, skipped, suppressed } = JSON.parse(first.stdout);
    assert.deepEqual([total, sent, invalid, skipped, suppressed], [7, 2, 1, 4, 2]);
    assert.match(first.stderr, /2 sent, 1 invalid, 4 skipped \(2 suppressed\)/);

    const status = await runProgram(["status"], { cwd });
    assert.match(status.stdout, /^ {2}Skipped +4 \(2 suppressed\)$/m);
    const json = JSON.parse((await runProgram(["status", "--json"], { cwd })).stdout);
    assert.deepEqual([json.skipped, json.suppressed], [4, 2]);

    const again = await runProgram(["send", "--dry-run", "--json"], { cwd });
    const before = JSON.parse(again.stdout);
    assert.deepEqual([before.state, before.skipped, before.suppressed], ["planned", 4, 2]);
  });
});
