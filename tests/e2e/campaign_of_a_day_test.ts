import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder } from "../support/folder.ts";
import { runProgram } from "../support/program.ts";
import { FILES } from "./files.ts";

const TOML = `id = "digest-{date}"
recipients = "emails.csv"
template = "email.txt"
from = "news@example.com"
smtp = "sandbox:"
`;

Deno.test("A campaign with {date} in its id is another one each day; every command finds that of --date", async () => {
  await inFolder({ ...FILES, "campaign.toml": TOML }, async (cwd) => {
    const run = (...args: string[]) => runProgram(args, { cwd });
    const day = ["--date", "2026-11-26"];
    const first = await run("send", "--json", ...day);
    assert.equal(first.code, 1, first.stderr);
    assert.match(first.stderr, /^Campaign digest-2026-11-26$/m, "the plan shows the id");
    const second = await run("send", "--json", "--date", "2026-11-27");
    assert.equal(JSON.parse(second.stdout).sent, 2, "the next day they are mailed again");
    const again = await run("send", "--json", ...day);
    assert.match(again.stderr, /2 sent|nothing/);
    assert.equal(JSON.parse(again.stdout).per_second, 0, "nobody twice on one day");
    for (const name of ["digest-2026-11-26", "digest-2026-11-27"]) {
      assert.ok((await Deno.stat(join(cwd, `${name}.sandbox.ledger`))).isFile);
    }
    const env = { EMAIL_DISPATCHER_DATE: "2026-11-26" };
    const status = await runProgram(["status", "--json"], { cwd, env });
    assert.equal(JSON.parse(status.stdout).campaign, "digest-2026-11-26");
    assert.match((await run("export", ...day)).stdout, /sent/);
    assert.match(
      (await run("settle", "--all", "--as", "sent", ...day)).stderr,
      /Nobody is in-doubt/,
    );
    const shown = await run("check", "--offline", "--json", ...day);
    assert.equal(JSON.parse(shown.stdout).campaign, "digest-2026-11-26");
    assert.match((await run("preview", "--row", "1", ...day)).stdout, /^Subject: /m);
    const none = await run("status", "--json", "--date", "2026-11-25");
    assert.equal(JSON.parse(none.stdout).campaign, "digest-2026-11-25");
    assert.equal(none.code, 2);
  });
});
