import assert from "node:assert/strict";
import { run } from "../support/process.ts";
import { missingLine, scriptOf, sectionsOf } from "./page.ts";

Deno.test("sectionsOf() reads files, commands and output in the order of the page, by heading", () => {
  const page = [
    "# Title\n\nIntroduction.\n",
    "## One\n\nThe list is\n`list.csv`:\n\n```csv\nemail\n```\n\nThen:\n\n```sh\nsend\n```\n",
    "```text\nDone\n…\n```\n\n## Two\n\n`a/run.sh`:\n\n```bash\n# a comment\n```\n",
  ].join("\n");
  assert.deepEqual(sectionsOf(page), [
    { title: "Title", steps: [] },
    {
      title: "One",
      steps: [
        { kind: "file", name: "list.csv", text: "email\n" },
        { kind: "commands", text: "send\n" },
        { kind: "output", lines: ["Done", "…"] },
      ],
    },
    { title: "Two", steps: [{ kind: "file", name: "a/run.sh", text: "# a comment\n" }] },
  ]);
  assert.throws(() => sectionsOf("# T\n\nNo name.\n\n```toml\nid = 1\n```\n"), /without a file/);
});

Deno.test("scriptOf() ends at the first command whose exit code is not the one in the page", async () => {
  const table: [commands: string, code: number, stdout: string][] = [
    ["echo a\necho b", 0, "a\nb\n"],
    ["echo a\nfalse\necho b", 1, "a\n"],
    ["(exit 3)    # exit code 3: why\necho b", 0, "b\n"],
    ["(exit 2)    # exit code 3\necho b", 99, ""],
    ["true   # exit code 1\necho b", 99, ""],
    ["echo a \\\n  b\necho c", 0, "a b\nc\n"],
    ["sh -c \\\n  'exit 4'   # exit code 4\necho c", 0, "c\n"],
    ["for i in 1 2; do\n  echo $i\ndone", 0, "1\n2\n"],
  ];
  for (const [commands, code, stdout] of table) {
    const ended = await run("sh", ["-c", scriptOf(commands)]);
    assert.deepEqual([ended.code, ended.stdout], [code, stdout], commands);
  }
});

Deno.test("missingLine() compares whole lines in order, whatever the space between columns; an ellipsis stands for anything", () => {
  const output = "Campaign c\n  List  a.csv: 3 rows\n  Sent  3 in 0.2 s\nDone\n";
  const table: [lines: string[], missing: string | undefined][] = [
    [["Campaign c", "Done"], undefined],
    [["…", "Sent  3 in … s", "…"], undefined],
    [["List a.csv: …"], undefined],
    [["List  a.csv"], "List  a.csv"],
    [["Done", "Campaign c"], "Campaign c"],
    [["Sent  3 in 0.2 s", "Sent  3 in 0.2 s"], "Sent  3 in 0.2 s"],
    [["a.csv…"], "a.csv…"],
  ];
  for (const [lines, missing] of table) assert.equal(missingLine(lines, output), missing);
});
