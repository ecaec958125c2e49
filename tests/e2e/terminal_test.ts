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

function existsSync(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
