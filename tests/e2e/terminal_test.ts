import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder } from "../support/folder.ts";
import { run } from "../support/process.ts";
import { programCommand } from "../support/program.ts";
import { CAMPAIGN_FILES } from "./files.ts";

/** util-linux's: gives a command a terminal of its own. */
const SCRIPT = "/usr/bin/script";

async function mailsIn(cwd: string): Promise<number> {
  try {
    return (await Array.fromAsync(Deno.readDir(join(cwd, "outbox")))).length;
  } catch {
    return 0;
  }
}

Deno.test({
  name:
    "send at a terminal sends nothing without confirmation, wherever its streams are redirected",
  ignore: !(Deno.build.os === "linux" && existsSync(SCRIPT)),
  async fn() {
    const { command, args, env } = programCommand();
    const program = [command, ...args].map((word) => `'${word}'`).join(" ");
    const table: [line: string, said: RegExp, mails: number, code: number][] = [
      ["send 2>&1 | cat", /standard error is not the terminal\s+Add --yes/, 0, 2],
      ["send < /dev/null", /standard input is not the terminal\s+Add --yes/, 0, 2],
      ["send --recipients - < list.csv", /standard input is not the terminal\s+Add --yes/, 0, 2],
      ["send 2> log", /^\s*exit=2/, 0, 2],
      ["send --yes 2>&1 | cat", /done, 2 sent/, 2, 0],
      ["send --yes < /dev/null", /done, 2 sent/, 2, 0],
      ["send < /dev/null 2>&1 | cat > log", /^\s*exit=0/, 2, 0],
    ];
    for (const [line, said, mails, code] of table) {
      await inFolder(CAMPAIGN_FILES, async (cwd) => {
        const typed = `set -o pipefail; ${program} ${line}; echo exit=$?`;
        const { stdout } = await run(
          SCRIPT,
          ["-qec", `bash -c "${typed.replaceAll("$", "\\$")}"`],
          {
            cwd,
            env,
            deadlineMs: 60_000,
          },
        );
        assert.match(stdout, said, line);
        assert.match(stdout, new RegExp(`exit=${code}\\b`), line);
        assert.equal(await mailsIn(cwd), mails, line);
      });
    }
  },
});

Deno.test({
  name:
    "A campaign that was done asks at a terminal about a changed template, in the sandbox too: --yes alone is no answer, --yes-changed is",
  ignore: !(Deno.build.os === "linux" && existsSync(SCRIPT)),
  async fn() {
    const question = "the template has changed since\\.[^]*Continue the old one\\? \\[y/N\\]";
    const table: [flags: string, typed: string, said: RegExp, mails: number, code: number][] = [
      ["", "n\n", new RegExp(`${question}[^]*Cancelled`), 2, 3],
      ["", "\n", new RegExp(`${question}[^]*Cancelled`), 2, 3],
      ["--yes", "n\n", new RegExp(`${question}[^]*Cancelled`), 2, 3],
      ["", "y\nn\n", new RegExp(`${question}[^]*Send the mails[^]*Cancelled`), 2, 3],
      ["--yes", "y\n", new RegExp(`${question}[^]*done, 1 sent`), 3, 0],
      ["--yes-changed", "y\n", /Send the mails[^]*done, 1 sent/, 3, 0],
      ["--yes --yes-changed", "", /done, 1 sent/, 3, 0],
      ["--dry-run", "", /campaign was done: to continue it, add --yes-changed/, 2, 0],
    ];
    for (const [flags, typed, said, mails, code] of table) {
      await inFolder(CAMPAIGN_FILES, async (cwd) => {
        const { command, args, env } = programCommand();
        await run(command, [...args, "send", "--yes"], { cwd, env });
        await Deno.writeTextFile(join(cwd, "mail.txt"), `${CAMPAIGN_FILES["mail.txt"]}December\n`);
        await Deno.writeTextFile(
          join(cwd, "list.csv"),
          `${CAMPAIGN_FILES["list.csv"]}Cem,cem@x.test\n`,
        );
        const program = [command, ...args].map((word) => `'${word}'`).join(" ");
        const { stdout } = await run(
          SCRIPT,
          ["-qec", `${program} send ${flags}; echo exit=$?`],
          { cwd, env, stdin: typed, deadlineMs: 60_000 },
        );
        const what = `${flags} ${JSON.stringify(typed)}: ${stdout}`;
        assert.match(stdout, said, what);
        assert.match(stdout, new RegExp(`exit=${code}\\b`), what);
        assert.equal(await mailsIn(cwd), mails, what);
      });
    }
  },
});

function existsSync(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
