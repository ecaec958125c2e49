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

Deno.test("preview --output writes .eml files and a page to look through, and names them", async () => {
  await inFolder(FILES, async (cwd) => {
    const args = ["preview", ...GIVEN, "--row", "1", "--row", "2", "--output", "out/deep"];
    const { code, stdout, stderr } = await runProgram(args, { cwd });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "");
    const names = (await Array.fromAsync(Deno.readDir(join(cwd, "out", "deep")))).map(({ name }) =>
      name
    );
    assert.deepEqual(names.sort(), [
      "000002-ann@example.com.eml",
      "000003-zoe@example.com.eml",
      "index.html",
    ]);
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

Deno.test("preview reads the list from standard input", async () => {
  await inFolder(FILES, async (cwd) => {
    const args = ["preview", "--recipients", "-", "--template", "email.txt"];
    const { stdout } = await runProgram(args, { cwd, stdin: LIST });
    assert.match(stdout, /Dear Ann!/);
  });
});
