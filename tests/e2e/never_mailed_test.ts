import assert from "node:assert/strict";
import { join } from "node:path";
import { rsaPem } from "../compose/dkim_support.ts";
import { inFolder } from "../support/folder.ts";
import { runProgram } from "../support/program.ts";

const TOML = `
recipients = "emails.csv"
template = "email.txt"
smtp = "sandbox:"
ledger = "run.db"
log = "log.txt"
suppress = "left.txt"
outbox = "mails"

[unsubscribe]
url = "https://news.example.com"
secret_file = "unsubscribe.txt"

[dkim]
domain = "example.com"
selector = "a"
key = "dkim.txt"
`;
const TEMPLATE = "From: news@example.com\nSubject: x\nAttachment: {{ File }}\n\nx\n";

/** Names that a cell may contain, each of a file that exists. */
const OWN = [
  "unsubscribe.txt",
  "./bills/../unsubscribe.txt",
  "dkim.txt",
  "password.txt",
  "campaign.toml",
  "campaign.toml.bak",
  "emails.csv",
  "emails.csv~",
  "email.txt",
  "left.txt",
  "run.db",
  "run.db-wal",
  "suppressed.db",
  "log.txt",
  "log.txt.1",
  "log.txt.2.gz",
  "mails/1.eml",
  "..secret",
  ".env",
  "bills/..hidden/1.pdf",
  "bills/.1.pdf",
  "bills/symbolic.pdf",
  "bills/hard.pdf",
  "bills/hard-of-password.pdf",
  "old.ledger.saved",
  "other.log",
];
const SENT = ["bills/1.pdf", "./bills/1.pdf", "bills/1..pdf"];
const ROWS = [...OWN, ...SENT];

const listOf = (files: readonly string[]) =>
  `Email,File\n${files.map((file, row) => `r${row}@example.com,${file}\n`).join("")}`;

async function withCampaign(
  toml: string,
  names: readonly string[],
  use: (cwd: string) => Promise<void>,
): Promise<void> {
  const files = { "campaign.toml": toml, "email.txt": TEMPLATE, "emails.csv": listOf(names) };
  await inFolder(files, async (cwd) => {
    for (const folder of ["bills/..hidden", "mails"]) {
      await Deno.mkdir(join(cwd, folder), { recursive: true });
    }
    const texts: Record<string, string> = {
      "unsubscribe.txt": "0123456789abcdef0123456789abcdef",
      "dkim.txt": rsaPem(2048),
      "password.txt": "hunter2",
      "left.txt": "nobody@example.com\n",
    };
    const later = ["run.db", "run.db-wal", "suppressed.db"];
    const made = [...OWN, "bills/1.pdf", "bills/1..pdf"].filter((name) =>
      !(name in files) && !later.includes(name) && !/symbolic|hard|^\.\//.test(name)
    );
    for (const name of made) await Deno.writeTextFile(join(cwd, name), texts[name] ?? "x");
    await Deno.symlink(join(cwd, "dkim.txt"), join(cwd, "bills/symbolic.pdf"));
    await Deno.link(join(cwd, "dkim.txt"), join(cwd, "bills/hard.pdf"));
    await use(cwd);
  });
}

Deno.test("send, check and preview refuse to attach the same files, and the other rows are sent", async () => {
  const env = { SMTP_PASSWORD_FILE: "password.txt" };
  await withCampaign(TOML, ROWS, async (cwd) => {
    await Deno.link(join(cwd, "password.txt"), join(cwd, "bills/hard-of-password.pdf"));
    const check = await runProgram(["check", "--offline", "--json"], { cwd, env });
    const report = JSON.parse(check.stdout);
    assert.deepEqual([report.invalid, report.recipients], [OWN.length, SENT.length], check.stderr);

    const rows = ROWS.flatMap((_, row) => ["--row", `${row + 1}`]);
    const preview = await runProgram(["preview", ...rows, "--output", "seen"], { cwd, env });
    const refused = preview.stderr.split("\n").filter((line) => line.includes("No mail: "));
    assert.equal(refused.length, OWN.length, preview.stderr);

    const send = await runProgram(["send", "--json", "--yes"], { cwd, env });
    assert.equal(send.code, 1, send.stderr);
    const { sent, invalid } = JSON.parse(send.stdout);
    assert.deepEqual([sent, invalid], [SENT.length, OWN.length]);
    const exported = await runProgram(["export"], { cwd, env });
    for (const [row, name] of OWN.entries()) {
      const line = exported.stdout.split("\n").find((text) => text.startsWith(`r${row}@`)) ?? "";
      assert.match(
        line,
        /,invalid,.*Attachment (?:is one of the campaign's own files|not found)/,
        name,
      );
    }
  });
});

Deno.test("A file outside the attachments folder is refused if a row names it, but not if the template does", async () => {
  const toml = `attachments = "bills"\n${TOML}`;
  const names = ["bills/1.pdf", "terms.pdf", "bills/../terms.pdf", "bills/link.pdf"];
  await withCampaign(toml, names, async (cwd) => {
    await Deno.writeTextFile(join(cwd, "terms.pdf"), "x");
    await Deno.symlink(join(cwd, "terms.pdf"), join(cwd, "bills/link.pdf"));
    await Deno.writeTextFile(
      join(cwd, "email.txt"),
      TEMPLATE.replace("Attachment:", "Attachment: terms.pdf\nAttachment:"),
    );
    const { code, stderr } = await runProgram(
      ["preview", ...names.flatMap((_, row) => ["--row", `${row + 1}`]), "--output", "seen"],
      { cwd },
    );
    assert.equal(code, 1);
    const refused = stderr.split("\n").filter((line) => line.includes("No mail: "));
    assert.deepEqual(
      refused,
      names.slice(1).map((name, row) =>
        `emails.csv:${row + 3}: No mail: Attachment is outside the attachments folder: '${name}'`
      ),
    );
  });
});
