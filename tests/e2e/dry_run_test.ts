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

/** Options that leave out rows, and what is left of the six: rows, recipients, invalid, duplicates, and how many get a mail. */
const CASES: readonly (readonly [options: string[], counts: number[]])[] = [
  [[], [6, 2, 3, 1, 2]],
  [["--where", 'File != "b.pdf"'], [5, 2, 2, 1, 2]],
  // One who could be mailed, and one whose file is missing: as nobody makes their mail, it is not invalid.
  [["--suppress", "left.txt"], [6, 3, 2, 1, 1]],
];

for (const [options, counts] of CASES) {
  const titled = ["send --dry-run", ...options].join(" ");
  Deno.test(`${titled} counts rows as check --offline does, from a file and from standard input, and exits with 0`, async () => {
    const files = { ...FILES, "left.txt": "d@x.test\ne@x.test\n" };
    await inFolder(files, async (cwd) => {
      const args = ["check", ...GIVEN, "--offline", "--json", ...options];
      const checked = await runProgram(args, { cwd });
      assert.equal(checked.code, 1, checked.stderr);
      const { rows, recipients, invalid, duplicates, not_chosen, suppressed } = JSON.parse(
        checked.stdout,
      );
      const to_send = recipients - suppressed;
      assert.deepEqual([rows, recipients, invalid, duplicates, to_send], counts);
      for (const stdin of [undefined, FILES["list.csv"]]) {
        const from = stdin === undefined ? [] : ["--recipients", "-"];
        const { code, stdout, stderr } = await runProgram(
          [...SEND, "--dry-run", "--json", ...options, ...from],
          { cwd, ...(stdin !== undefined && { stdin }) },
        );
        assert.equal(code, 0, stderr);
        const counted = { rows, recipients, invalid, duplicates, not_chosen, to_send };
        assert.deepEqual(JSON.parse(stdout).plan, { ...counted, changed_since_done: [] }, stderr);
        assert.match(stderr, new RegExp(`Invalid +${invalid} rows get no mail:\n`));
      }
    });
  });
}

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
