import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder } from "../support/folder.ts";
import { run } from "../support/process.ts";
import { programCommand } from "../support/program.ts";
import { CAMPAIGN_FILES } from "./files.ts";

Deno.test({
  name: "If standard output cannot be written to, every command says so and exits with 3",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const { command, args, env } = programCommand();
    const program = [command, ...args].map((word) => `'${word}'`).join(" ");
    await inFolder(CAMPAIGN_FILES, async (cwd) => {
      const lines = [
        ...["send --json -q", "status", "status --json", "export", "export --format jsonl"],
        ...["check --offline --json", "preview", "--help", "send --help", "--version"],
      ];
      for (const line of lines) {
        const typed = `${program} ${line} > /dev/full`;
        const { code, stderr } = await run("/bin/sh", ["-c", typed], { cwd, env });
        assert.equal(code, 3, `${line}: ${stderr}`);
        assert.match(
          stderr,
          /^error: Cannot write to standard output: No space left on device\n/m,
          line,
        );
        assert.doesNotMatch(stderr, /unexpected/, line);
      }
      const mails = await Array.fromAsync(Deno.readDir(join(cwd, "outbox")));
      assert.equal(mails.length, 2, "the mails were sent all the same");
      const typed = `${program} export | true`;
      const { code, stderr } = await run("/bin/bash", ["-o", "pipefail", "-c", typed], {
        cwd,
        env,
      });
      assert.deepEqual([code, stderr], [0, ""], "a reader may stop reading early");
    });
  },
});
