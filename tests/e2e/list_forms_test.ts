import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { read } from "../list/lists.ts";
import { inFolder } from "../support/folder.ts";
import { openSuppressionList } from "../../src/suppression/suppression_list.ts";
import { output, start } from "../support/process.ts";
import { programCommand, runProgram } from "../support/program.ts";
import { latin1 } from "../support/latin1.ts";

const TEMPLATE =
  "From: Acme <news@acme.test>\nSubject: Hello\n\nDear {{ Name | default: 'you' }}!\n";

/** Runs the program with its output in a file, byte for byte. */
async function exportTo(file: string, args: readonly string[], cwd: string): Promise<void> {
  const { command, args: before, env } = programCommand();
  const words = [command, ...before, "export", ...args].map((word) => `'${word}'`).join(" ");
  const { code, stderr } = await start("/bin/sh", ["-c", `${words} > ${file}`], { cwd, env }).ended;
  assert.equal(code, 0, stderr);
}

interface Exported {
  readonly Name: string;
  readonly Email: string;
  readonly Note: string;
  readonly _state: string;
}

async function exportedRows(args: readonly string[], cwd: string): Promise<Exported[]> {
  const { code, stdout, stderr } = await runProgram(["export", "--format", "jsonl", ...args], {
    cwd,
  });
  assert.equal(code, 0, stderr);
  assert.ok(!stdout.startsWith("\ufeff"));
  return stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** Characters that windows-1252 encodes as Latin-1 does. */
const cell = fc.oneof(
  fc.constantFrom(
    "+49 170",
    "-5",
    "@ann",
    "=1+1",
    "\ttab",
    "'quoted'",
    '"x" ',
    "Müller; ß",
    "a\nb",
    "\r",
  ),
  fc.array(
    fc.constantFrom("=", "+", "-", "@", '"', ",", ";", "\n", "\t", " ", "\u00a0", "ü", "é", "a"),
    { maxLength: 8 },
  ).map((parts) => parts.join("")),
);

const SETTINGS = ["", 'delimiter = ";"\n', 'encoding = "windows-1252"\n'].concat(
  'delimiter = ";"\nencoding = "windows-1252"\n',
);

for (const settings of SETTINGS) {
  Deno.test(`An export is a valid list with the same cells as the original: ${JSON.stringify(settings)}`, async () => {
    const [rows] = fc.sample(fc.array(fc.tuple(cell, cell), { minLength: 60, maxLength: 60 }), 1);
    const list = rows!.map(([name, note], at) => [name, `+b=${at}-x@example.com`, note] as const);
    const delimiter = settings.includes(";") ? ";" : ",";
    const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
    const text = [["Name", "Email", "Note"], ...list]
      .map((cells) => cells.map(quoted).join(delimiter) + "\r\n").join("");
    const files = { "mail.txt": TEMPLATE, "campaign.toml": `template = "mail.txt"\n${settings}` };
    await inFolder(files, async (cwd) => {
      const bytes = settings.includes("1252") ? latin1(text) : new TextEncoder().encode(text);
      await Deno.writeFile(join(cwd, "list.csv"), bytes);
      const send = (recipients: string) =>
        runProgram(["send", "--smtp", "sandbox:", "--yes", "--recipients", recipients], { cwd });
      const sent = await send("list.csv");
      assert.equal(sent.code, 0, sent.stderr);
      await exportTo("again.csv", ["--recipients", "list.csv"], cwd);

      const exported = await Deno.readFile(join(cwd, "again.csv"));
      assert.deepEqual([...exported.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
      const again = await read(exported, {
        ...(settings.includes(";") && { delimiter: ";" }),
        ...(settings.includes("1252") && { encoding: "windows-1252" }),
      });
      assert.deepEqual(again.rows.map((row) => row.kind === "row" && row.cells.slice(0, 3)), list);

      const second = await send("again.csv");
      assert.equal(second.code, 0, second.stderr);
      const held = await exportedRows(["--recipients", "again.csv"], cwd);
      assert.deepEqual(held.map(({ Name, Email, Note }) => [Name, Email, Note]), list);
      assert.ok(held.every(({ _state }) => _state === "sent"));

      await exportTo("lines.jsonl", ["--format", "jsonl", "--recipients", "list.csv"], cwd);
      const third = await send("lines.jsonl");
      assert.equal(third.code, 0, third.stderr);
      const lines = await exportedRows(["--recipients", "lines.jsonl"], cwd);
      assert.deepEqual(lines.map(({ Name, Email, Note }) => [Name, Email, Note]), list);
    });
  });
}

Deno.test("export --spreadsheet leaves no formula in any cell, and works for CSV only", async () => {
  const files = {
    "list.csv": "Name,Email,Note\n=1+1,+bob@x.test,-5\n",
    "mail.txt": TEMPLATE,
    "campaign.toml": 'recipients = "list.csv"\ntemplate = "mail.txt"\nsmtp = "sandbox:"\n',
  };
  await inFolder(files, async (cwd) => {
    const sent = await runProgram(["send", "--yes"], { cwd });
    assert.equal(sent.code, 0, sent.stderr);
    const plain = await runProgram(["export"], { cwd });
    assert.match(plain.stdout, /\n=1\+1,\+bob@x\.test,-5,sent,/);
    const safe = await runProgram(["export", "--spreadsheet"], { cwd });
    assert.match(safe.stdout, /\n'=1\+1,'\+bob@x\.test,'-5,sent,/);
    const wrong = await runProgram(["export", "--spreadsheet", "--format", "jsonl"], { cwd });
    assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
    assert.match(wrong.stderr, /^error: --spreadsheet is for CSV: found '--format jsonl'\n/);
  });
});

Deno.test("send, check, preview and export accept JSON Lines as a list, send even from standard input", async () => {
  const lines = [
    { Name: "Zoë", Email: "zoe@x.test", Note: "+49" },
    { Name: "Ann", Email: "ann@x.test" },
    { Name: "Bob", Email: "bob@x.test", City: "York" },
  ];
  const text = lines.map((line) => JSON.stringify(line) + "\n").join("");
  const files = { "list.jsonl": text, "mail.txt": TEMPLATE };
  await inFolder(files, async (cwd) => {
    const run = (args: readonly string[], stdin = "") =>
      runProgram([...args, "--template", "mail.txt"], { cwd, stdin });
    const checked = await run(["check", "--offline", "--recipients", "list.jsonl"]);
    assert.match(checked.stdout, /list\.jsonl: 3 rows, utf-8, JSON Lines/);
    assert.match(
      checked.stdout + checked.stderr,
      /list\.jsonl:3\b.*The first line has no key 'City'/,
    );
    const shown = await run(["preview", "--recipients", "list.jsonl", "--row", "2"]);
    assert.match(shown.stdout, /Dear Ann!/);
    for (const [recipients, stdin] of [["list.jsonl", ""], ["-", text]] as const) {
      const args = ["--recipients", recipients, "--smtp", "sandbox:", "--yes"];
      const sent = await run(["send", ...args], stdin);
      assert.equal(sent.code, 1, sent.stderr);
      const held = await exportedRows(["--recipients", recipients], cwd);
      assert.deepEqual(
        held.map(({ Name, Email, Note, _state }) => [Name, Email, Note, _state]),
        [
          ["Zoë", "zoe@x.test", "+49", "sent"],
          ["Ann", "ann@x.test", "", "sent"],
          ["Bob", "bob@x.test", "", "invalid"],
        ],
      );
    }
    const plan = await run([
      "send",
      "--recipients",
      "list.jsonl",
      "--smtp",
      "sandbox:",
      "--dry-run",
    ]);
    assert.match(plan.stderr, /list\.jsonl: 3 rows \(UTF-8, JSON Lines\)/);
  });
});

Deno.test("send exits with 2 for a spreadsheet given as a list, and says what the file is", async () => {
  const files = { "list.xlsx": "PK\x03\x04[Content_Types].xml", "mail.txt": TEMPLATE };
  await inFolder(files, async (cwd) => {
    const args = [
      "--recipients",
      "list.xlsx",
      "--template",
      "mail.txt",
      "--smtp",
      "sandbox:",
      "--yes",
    ];
    const { code, stderr } = await runProgram(["send", ...args], { cwd });
    assert.equal(code, 2);
    assert.match(
      stderr,
      /^list\.xlsx: This is a spreadsheet \(Excel, \.xlsx\), not CSV\n {2}Open it and save it as CSV \(UTF-8\)\.\n/,
    );
  });
});

Deno.test("unsubscribe list writes CSV that other programs can read, even with line breaks in a reason", async () => {
  await inFolder({}, async (cwd) => {
    {
      using list = openSuppressionList(join(cwd, "left.db"));
      const reason = "550 no\nsuch\ruser";
      list.add([{ key: "a@x.test", at: 0, campaign: undefined, source: "bounce", reason }]);
    }
    const args = ["unsubscribe", "list", "--suppression-list", "left.db"];
    const { code, stdout, stderr } = await runProgram(args, { cwd });
    assert.equal(code, 0, stderr);
    const program = "import csv, io, json, sys\nprint(json.dumps(list(csv.reader(io.StringIO(" +
      "sys.stdin.buffer.read().decode(), newline='')))))";
    const rows = JSON.parse(await output("python3", ["-c", program], { stdin: stdout }));
    assert.equal(rows.length, 2);
    assert.deepEqual(rows[1].at(-1), "550 no\nsuch\ruser");
  });
});
