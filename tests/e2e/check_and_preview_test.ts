import assert from "node:assert/strict";
import { join } from "node:path";
import PostalMime from "postal-mime";
import { inFolder } from "../support/folder.ts";
import { runProgram } from "../support/program.ts";

const LIST =
  "Name,Email\nAnn,ann@example.com\nZoë,zoe@example.com\nBob,bob@\nAnn,ANN@example.com\n";
const TEMPLATE = "From: Acme <news@example.com>\nSubject: Hello, {{ Name }}\n\nDear {{ Name }}!\n";
const FILES = { "emails.csv": LIST, "email.txt": TEMPLATE };
const GIVEN = ["--recipients", "emails.csv", "--template", "email.txt"];

Deno.test("check names every row that will not be mailed and sends nothing; exit 1", async () => {
  await inFolder(FILES, async (cwd) => {
    const { code, stdout, stderr } = await runProgram(["check", ...GIVEN], { cwd });
    assert.equal(code, 1, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /^emails\.csv:4: .*'bob@'$/m);
    assert.match(stderr, /^emails\.csv:5: duplicate of line 2$/m);
    assert.match(stderr, /2 can be mailed, 1 invalid, 1 duplicate/);
  });
});

Deno.test("check --json puts one object on stdout", async () => {
  await inFolder(FILES, async (cwd) => {
    const { code, stdout } = await runProgram(["check", ...GIVEN, "--json", "--quiet"], { cwd });
    assert.equal(code, 1);
    const result = JSON.parse(stdout);
    assert.equal(stdout.trimEnd().split("\n").length, 1);
    assert.equal(result.recipients, 2);
    assert.equal(result.exit_code, 1);
    assert.deepEqual(
      result.findings.map(({ kind, line }: { kind: string; line: number }) => [kind, line]),
      [["invalid", 4], ["duplicate", 5]],
    );
  });
});

Deno.test("check finds a variable that the list lacks; exit 2", async () => {
  const template = TEMPLATE.replace("Dear {{ Name }}", "Dear {{ Nmae }}");
  await inFolder({ ...FILES, "email.txt": template }, async (cwd) => {
    const { code, stdout, stderr } = await runProgram(["check", ...GIVEN, "--json"], { cwd });
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^email\.txt:4:\d+: .*Nmae/);
  });
});

Deno.test("check refuses a list without recipients; exit 2", async () => {
  await inFolder({ ...FILES, "emails.csv": "Name,Email\n" }, async (cwd) => {
    const { code, stderr } = await runProgram(["check", ...GIVEN], { cwd });
    assert.equal(code, 2);
    assert.match(stderr, /^emails\.csv: The list holds no recipients/);
  });
});

Deno.test("preview prints the bytes of one mail", async () => {
  await inFolder(FILES, async (cwd) => {
    const mailOf = async (...args: string[]) => {
      const { code, stdout, stderr } = await runProgram(["preview", ...GIVEN, ...args], { cwd });
      assert.equal(code, 0, stderr);
      assert(!/(^|[^\r])\n/.test(stdout), "CRLF line ends only");
      return await PostalMime.parse(stdout);
    };
    assert.equal((await mailOf()).subject, "Hello, Ann");
    assert.equal((await mailOf("--row", "2", "--output", "-")).subject, "Hello, Zoë");
    assert.equal((await mailOf("--email", "ZOE@Example.com")).text?.trim(), "Dear Zoë!");
  });
});

Deno.test("preview --output writes .eml files and names them", async () => {
  await inFolder(FILES, async (cwd) => {
    const args = ["preview", ...GIVEN, "--row", "1", "--row", "2", "--output", "out/deep"];
    const { code, stdout, stderr } = await runProgram(args, { cwd });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "");
    const names = (await Array.fromAsync(Deno.readDir(join(cwd, "out", "deep")))).map(({ name }) =>
      name
    );
    assert.deepEqual(names.sort(), ["000002-ann@example.com.eml", "000003-zoe@example.com.eml"]);
    for (const name of names) assert(stderr.includes(name));
  });
});

Deno.test("preview says why a row makes no mail, and which row is not there", async () => {
  await inFolder(FILES, async (cwd) => {
    const bad = await runProgram(["preview", ...GIVEN, "--row", "3"], { cwd });
    assert.equal(bad.code, 1);
    assert.equal(bad.stdout, "");
    assert.match(bad.stderr, /^emails\.csv:4: No mail: .*'bob@'/);
    for (const choice of [["--row", "9"], ["--email", "nobody@example.com"]]) {
      const gone = await runProgram(["preview", ...GIVEN, ...choice], { cwd });
      assert.equal(gone.code, 2);
      assert.match(
        gone.stderr,
        /^emails\.csv: The list has no (row 9|recipient nobody@example\.com)/,
      );
    }
  });
});

Deno.test("preview and check read the list from standard input", async () => {
  await inFolder(FILES, async (cwd) => {
    const args = ["--recipients", "-", "--template", "email.txt"];
    const preview = await runProgram(["preview", ...args], { cwd, stdin: LIST });
    assert.match(preview.stdout, /Dear Ann!/);
    const check = await runProgram(["check", ...args], { cwd, stdin: LIST });
    assert.equal(check.code, 1, check.stderr);
  });
});
