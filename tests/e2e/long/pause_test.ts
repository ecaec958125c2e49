import assert from "node:assert/strict";
import { CountingServer } from "../../support/counting_server.ts";
import { inFolder } from "../../support/folder.ts";
import { runProgram, startProgram } from "../../support/program.ts";

const pause = (ms: number) => new Promise((next) => setTimeout(next, ms));

/** Takes some ten milliseconds to render, so that a run is stopped while rendering. */
const WORK =
  "{% for i in (1..50) %}{% for j in (1..100) %}{% assign k = i | plus: j %}{% endfor %}{% endfor %}";
const ROWS = 150;
const NESTED = "<b>".repeat(11_000);

const listOf = (names: readonly string[]) =>
  `Name,Email\n${names.map((name, row) => `${name},r${row}@example.com\n`).join("")}`;

Deno.test("A run that is repeatedly suspended for more than a second makes nobody invalid", async () => {
  await using server = await CountingServer.start();
  const files = {
    "emails.csv": listOf(Array(ROWS).fill("Ann")),
    "email.txt": `From: news@example.com\nSubject: x\n\n${WORK}Hello {{ Name }}\n`,
  };
  await inFolder(files, async (cwd) => {
    const running = startProgram([
      ...["send", "--recipients", "emails.csv", "--template", "email.txt", "--json", "--yes"],
      ...["--smtp", server.url],
    ], { cwd });
    for (const taken of [10, ROWS / 2]) {
      while ((await server.accepted()).length < taken) await pause(10);
      try {
        running.kill("SIGSTOP");
        await pause(1_300);
      } finally {
        running.kill("SIGCONT");
      }
    }
    const { code, stdout, stderr } = await running.ended;
    assert.equal(code, 0, stderr);
    const { sent, invalid, state } = JSON.parse(stdout);
    assert.deepEqual({ sent, invalid, state }, { sent: ROWS, invalid: 0, state: "done" });
  });
});

Deno.test("A row that makes no mail is invalid in every run, and the others are mailed", async () => {
  await using server = await CountingServer.start();
  const files = {
    "emails.csv": listOf(["Ann", NESTED, "Bob", "<blockquote>".repeat(50_000), "Zoe"]),
    "email.html":
      `From: news@example.com\nSubject: x\n\n<p><a {% if Name %}href="https://x.example/"{% endif %}>x</a> {{ Name | raw }}</p>\n`,
  };
  const given = ["--recipients", "emails.csv", "--template", "email.html"];
  await inFolder(files, async (cwd) => {
    const check = await runProgram(["check", ...given, "--offline", "--json"], { cwd });
    assert.equal(check.code, 1, check.stderr);
    assert.equal(JSON.parse(check.stdout).invalid, 2);
    const preview = await runProgram(
      ["preview", ...given, "--sample", "5", "--output", "seen"],
      { cwd },
    );
    assert.equal(preview.code, 1);
    assert.match(
      preview.stderr,
      /^emails\.csv:3: No mail: .*nested more than 10,000 elements deep$/m,
    );
    for (let run = 0; run < 2; run++) {
      const args = ["send", ...given, "--json", "--yes", "--smtp", server.url];
      const { code, stdout, stderr } = await runProgram(args, { cwd });
      assert.equal(code, 1, stderr);
      const { sent, invalid, state } = JSON.parse(stdout);
      assert.deepEqual({ sent, invalid, state }, { sent: 3, invalid: 2, state: "done" });
    }
  });
});
