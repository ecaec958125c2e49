import assert from "node:assert/strict";
import { inFolder } from "../support/folder.ts";
import { run } from "../support/process.ts";

const hasJq = [...["/usr/bin/jq", "/bin/jq"]].some((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

/** Prints the result of each run in turn, and exits with its code. */
const STUB = `#!/bin/sh
echo "$@ $EMAIL_DISPATCHER_DATE" >> calls
read -r code json < results
tail -n +2 results > rest; mv rest results
[ -z "$json" ] || echo "$json"
exit "$code"
`;

async function scriptOf(page: string): Promise<string> {
  const text = await Deno.readTextFile(new URL(`../../docs/${page}`, import.meta.url));
  return /```sh\n(.*?)```/s.exec(text)![1]!;
}

for (
  const [what, results, calls, code, said] of [
    ["ends with a run that is done", ['0 {"kind":null,"retryable":null}'], 1, 0, ""],
    [
      "starts again while that can help",
      [
        '2 {"kind":"ledger-in-use","reason":"in use","hint":null,"retryable":true}',
        '3 {"kind":"unreachable","reason":"gone","hint":"wait","retryable":true}',
        '1 {"kind":null,"reason":null,"hint":null,"retryable":null}',
      ],
      3,
      1,
      "",
    ],
    [
      "calls somebody if it cannot",
      ['3 {"kind":"login","reason":"535 no","hint":"Check it.","retryable":false}'],
      1,
      3,
      "login: 535 no\nCheck it.\n",
    ],
    [
      "gives up in the end",
      Array<string>(12).fill('3 {"kind":"deadline","reason":"late","hint":null,"retryable":true}'),
      10,
      3,
      "deadline: late\n",
    ],
    ["ends if there is no result at all", ["3"], 1, 3, ""],
  ] as const
) {
  Deno.test({
    name: `The script in docs/ci.md ${what}`,
    ignore: !hasJq || Deno.build.os === "windows",
    async fn() {
      await inFolder({ "results": `${results.join("\n")}\n` }, async (cwd) => {
        for (const [name, text] of [["email-dispatcher", STUB], ["sleep", "#!/bin/sh\n"]]) {
          await Deno.writeTextFile(`${cwd}/${name}`, text!, { mode: 0o755 });
        }
        // As CI runs it: the first command that fails unexpectedly ends the job.
        const ended = await run("/bin/sh", ["-eu", "-c", await scriptOf("ci.md")], {
          cwd,
          env: { PATH: `${cwd}:/usr/bin:/bin`, EMAIL_DISPATCHER_DATE: "2026-11-27" },
        });
        assert.deepEqual([ended.code, ended.stderr], [code, said]);
        const made = (await Deno.readTextFile(`${cwd}/calls`)).trimEnd().split("\n");
        assert.deepEqual(made, Array(calls).fill("send --json 2026-11-27"));
      });
    },
  });
}
