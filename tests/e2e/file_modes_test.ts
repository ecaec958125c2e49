import assert from "node:assert/strict";
import { join, relative } from "node:path";
import { inFolder } from "../support/folder.ts";
import { start } from "../support/process.ts";
import { programCommand } from "../support/program.ts";

const FILES = {
  "emails.csv": "Name,Email\nAnn,ann@example.com\nBob,bob@example.com\n",
  "email.txt": "From: a@acme.test\nSubject: Hello\n\nDear {{ Name }}!\n",
};
const CAMPAIGN = ["--recipients", "emails.csv", "--template", "email.txt"];

/** Runs the program with a umask that makes files readable and writable for all, unless it asks for less. */
async function runOpen(cwd: string, args: readonly string[]): Promise<void> {
  const program = programCommand();
  const words = ["-c", 'umask 000; exec "$@"', "sh", program.command, ...program.args, ...args];
  const { code, stderr } = await start("/bin/sh", words, { cwd, env: program.env }).ended;
  assert.equal(code, 0, stderr);
}

function* made(folder: string, root = folder): Generator<{ path: string; mode: string }> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = join(folder, name);
    if (name in FILES) continue;
    const mode = ((Deno.statSync(path).mode ?? 0) & 0o777).toString(8);
    yield { path: relative(root, path), mode: isDirectory ? `folder ${mode}` : mode };
    if (isDirectory) yield* made(path, root);
  }
}

Deno.test({
  name: "Only the owner has access to what the program creates, whatever the umask",
  ignore: Deno.build.os === "windows",
  async fn() {
    await inFolder(FILES, async (cwd) => {
      const sending = ["--smtp", "sandbox:", "--ledger", "my.ledger", "--log", "run.log"];
      await runOpen(cwd, ["send", ...CAMPAIGN, ...sending, "--outbox", "mails", "--yes"]);
      await runOpen(cwd, ["preview", ...CAMPAIGN, "--output", "pages"]);
      await runOpen(cwd, ["unsubscribe", "add", "eve@example.com", "--suppression-list", "left"]);
      const found = [...made(cwd)];
      const names = found.map(({ path }) => path);
      for (const name of ["my.ledger", "run.log", "pages", "pages/index.html", "mails", "left"]) {
        assert(names.includes(name), `${name} in ${names.join(", ")}`);
      }
      const wrong = found.filter(({ mode }) => mode !== "600" && mode !== "folder 700");
      assert.deepEqual(wrong, []);
    });
  },
});
