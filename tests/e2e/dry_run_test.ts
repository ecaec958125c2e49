import assert from "node:assert/strict";
import { inFolder } from "../support/folder.ts";
import { runProgram } from "../support/program.ts";

const FILES = {
  "list.csv":
    "Email,File\na@x.test,a.pdf\nb@x.test,b.pdf\nc@,a.pdf\nA@x.test,a.pdf\nd@x.test,d.pdf\ne@x.test,a.pdf\n",
  "mail.txt": "From: a@x.test\nSubject: Invoice\nAttachment: {{ File }}\n\nSee the file.\n",
  "a.pdf": "%PDF",
};
const GIVEN = ["--recipients", "list.csv", "--template", "mail.txt"];
const SEND = ["send", ...GIVEN, "--campaign", "c", "--smtp", "smtp://192.0.2.1", "--progress=none"];

Deno.test("send --dry-run counts rows as check --offline does, from a file and from standard input, and exits with 0", async () => {
  await inFolder(FILES, async (cwd) => {
    const checked = await runProgram(["check", ...GIVEN, "--offline", "--json"], { cwd });
    assert.equal(checked.code, 1, checked.stderr);
    const { rows, recipients, invalid, duplicates } = JSON.parse(checked.stdout);
    assert.deepEqual([rows, recipients, invalid, duplicates], [6, 2, 3, 1]);
    for (const stdin of [undefined, FILES["list.csv"]]) {
      const from = stdin === undefined ? [] : ["--recipients", "-"];
      const { code, stdout, stderr } = await runProgram(
        [...SEND, "--dry-run", "--json", ...from],
        { cwd, ...(stdin !== undefined && { stdin }) },
      );
      assert.equal(code, 0, stderr);
      const expected = { rows, recipients, invalid, duplicates, to_send: recipients };
      assert.deepEqual(JSON.parse(stdout).plan, expected);
      assert.match(
        stderr,
        /Invalid +3 rows get no mail:\n.*:3: .*'b\.pdf'\n.*:4: .*\n.*:6: .*d\.pdf/,
      );
    }
  });
});

Deno.test("send --strict names all rows that make no mail, with --dry-run too, and refuses standard input", async () => {
  await inFolder(FILES, async (cwd) => {
    for (const more of [["--dry-run"], ["--yes"]]) {
      const { code, stderr } = await runProgram([...SEND, "--strict", ...more], { cwd });
      assert.equal(code, 2, stderr);
      assert.match(stderr, /^list\.csv:3: .* \(3 of 6 rows make no mail, and --strict/);
      assert.match(
        stderr,
        /\n {2}list\.csv:4: .*\n {2}list\.csv:6: .*'d\.pdf'\n {2}Fix the rows, or /,
      );
    }
    const piped = await runProgram([...SEND, "--strict", "--yes", "--recipients", "-"], {
      cwd,
      stdin: FILES["list.csv"],
    });
    assert.equal(piped.code, 2);
    assert.match(
      piped.stderr,
      /--strict needs a list that can be read twice: found standard input/,
    );
  });
});
