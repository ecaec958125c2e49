import assert from "node:assert/strict";
import { join } from "node:path";
import { checkCampaign, type CheckReport } from "../../src/check/check.ts";
import { exitCodeOfFindings, Findings } from "../../src/check/finding.ts";
import { factLines, findingLines, totalLine } from "../../src/check/text.ts";
import type { CampaignOptions } from "../../src/cli/options/campaign_options.ts";
import { bytesOf } from "../list/lists.ts";
import { inFolder } from "../support/folder.ts";
import { latin1 } from "../support/latin1.ts";

const HEADER = "From: a@acme.test\nSubject: Hi {{ Name }}\n\n";

/** The report on a list and a template, without the network. */
async function check(files: {
  readonly list: string | Uint8Array<ArrayBuffer>;
  readonly encoding?: string;
  readonly template: string;
  readonly more?: Readonly<Record<string, string>>;
}): Promise<{ report: CheckReport; lines: readonly string[] }> {
  let result: { report: CheckReport; lines: readonly string[] } | undefined;
  const { list, encoding, template, more = {} } = files;
  await inFolder({ "m.md": template, ...more }, async (folder) => {
    await Deno.writeFile(join(folder, "l.csv"), new Uint8Array(bytesOf(list)));
    const campaign: CampaignOptions = {
      campaign: "c",
      recipients: join(folder, "l.csv"),
      encoding,
      delimiter: undefined,
      emailColumn: undefined,
      template: join(folder, "m.md"),
      text: undefined,
      withheld: { files: [], folders: [] },
      from: undefined,
      replyTo: undefined,
      mailingList: {},
      dkim: undefined,
    };
    const suppression = {
      suppress: [],
      suppressionList: { path: join(folder, "suppressed.db"), named: false },
    };
    const offline = { relays: [], offline: true, strict: false, dns: undefined };
    const options = { campaign, suppression, ...offline };
    const report = await checkCampaign(options, {
      stdin: ReadableStream.from([]),
      signal: new AbortController().signal,
      now: Date.now(),
    });
    const lines = [...factLines(options, report), ...findingLines(report, 80), totalLine(report)];
    result = { report, lines: lines.map((line) => line.replaceAll(`${folder}/`, "")) };
  });
  return result!;
}

const checks = ({ findings }: CheckReport) =>
  findings.filter(({ check }) => check !== "unsubscribe.missing")
    .map(({ level, check, where }) =>
      `${level} ${check}${where && "line" in where ? ` ${where.line}` : ""}`
    );

Deno.test("checkCampaign() makes every row's mail, and finds empty values, missing attachments and duplicates", async () => {
  const { report } = await check({
    list: "Name,Email,File\nAnn,ann@x.test,a.txt\n,bob@x.test,a.txt\nCy,cy@x.test,gone.txt\n" +
      "Dan,dan@x.test,a.txt\nAnn,Ann@X.test,a.txt\nAnn,ANN@x.test,a.txt\n",
    template: `Attachment: {{ File }}\n${HEADER}Dear {{ Name }}`,
    more: { "a.txt": "x" },
  });
  assert.deepEqual(checks(report), [
    "warning list.invalid 3",
    "warning list.invalid 4",
    "note list.duplicate 6",
    "note list.duplicate 7",
  ]);
  const { rows, recipients, invalid, duplicates } = report.rows!;
  assert.deepEqual([rows, recipients, invalid, duplicates], [6, 2, 2, 2]);
  assert.equal(report.exitCode, 1);
});

Deno.test("checkCampaign() calls a row a duplicate of the first one that makes a mail", async () => {
  const { report } = await check({
    list: "Name,Email\n,ann@x.test\nAnn,ann@x.test\nAnn,ann@x.test\n",
    template: `${HEADER}{{ Name }}`,
  });
  const duplicate = report.findings.find(({ check }) => check === "list.duplicate");
  assert.equal(duplicate?.what, "ann@x.test is a duplicate of line 3");
});

Deno.test("checkCampaign() finds template syntax that a cell brings into a mail, but only if it is shown", async () => {
  const { report } = await check({
    list: "Name,Email,Note\nAnn,ann@x.test,x\n{{ name }},bob@x.test,x\nCy,cy@x.test,{{ hidden }}\n",
    template: `${HEADER}Dear {{ Name }}`,
  });
  assert.deepEqual(checks(report), ["warning content.braces 3"]);
  assert.equal(report.exitCode, 0);
});

Deno.test("checkCampaign() finds values that are not what the template expects, and variables of other programs", async () => {
  const { report, lines } = await check({
    list:
      "Name,Email,Amount,Due\nAnn,ann@x.test,12.50,2026-03-29\nBob,bob@x.test,12 EUR,03/04/2026\n",
    template: `${HEADER}Dear [Name], {{ Amount | times: 2 }} until {{ Due | date: "%d %B" }}`,
  });
  assert.deepEqual(checks(report), [
    "warning list.invalid 3",
    "warning value.not-a-number 4",
    "warning content.foreign-tag",
  ]);
  const text = lines.join(" ").replaceAll(/\s+/g, " ");
  assert.match(text, /l\.csv:3: .*03\/04\/2026.* set date_format/);
  assert.match(
    text,
    /m\.md:4:17: 'times' expects a number in 'Amount', which holds '12 EUR' \(l\.csv:3\)/,
  );
  assert.match(text, /fix Write \{\{ Name \}\} for \[Name\]/);
});

Deno.test("checkCampaign() measures the mails, and looks at the largest one", async () => {
  const { report } = await check({
    list: `Name,Email,Note\nAnn,ann@x.test,x\nBob,bob@x.test,${"long ".repeat(30_000)}\n`,
    template: `${HEADER}{{ Note }}`,
  });
  assert.deepEqual(checks(report), ["warning html.clipped 3"]);
  const { largest, smallest, mean } = report.rows!.sizes!;
  assert.equal(largest.line, 3);
  assert(largest.bytes > 300_000 && smallest < 5_000);
  assert(Math.abs(mean - (largest.bytes + smallest) / 2) <= 1);
});

Deno.test("checkCampaign() reports what is in the template once, at the template", async () => {
  const { report, lines } = await check({
    list: "Name,Email\nAnn,ann@x.test\nAnnabelle,ann2@x.test\n",
    template: `${HEADER}<img src="https://x.test/a.png">\n\n[Shop](http://x.test/)`,
  });
  assert.deepEqual(checks(report), ["warning html.no-alt", "warning html.http-link"]);
  assert.match(
    lines.join("\n"),
    /^warning +html\.no-alt\n +m\.md: 1 image has no alt text:\s+https:/m,
  );
});

Deno.test("findingLines() groups rows, shows ten of them, escapes, and keeps to the width", async () => {
  const rows = Array.from({ length: 15 }, (_, at) => `x${at}\u001b[31m\u202e,bad${at}`);
  const { lines, report } = await check({
    list: `Name,Email\nAnn,ann@x.test\n${rows.join("\n")}\n`,
    template: `${HEADER}{{ Name }}`,
  });
  const text = lines.join("\n");
  assert.equal(lines.filter((line) => /^ +l\.csv:\d+: /.test(line)).length, 10);
  assert.match(text, /^ +and 5 more \(--json lists them\)$/m);
  assert.equal(text.match(/^why/gm)?.length, text.match(/^fix/gm)?.length);
  assert(lines.every((line) => line.length <= 80), "no line is wider than the terminal");
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text, /[\x00-\x09\x0b-\x1f\u202e]/);
  assert.equal(report.findings.filter(({ check }) => check === "list.invalid").length, 15);
});

Deno.test("findingLines() shows advice of several lines as such", () => {
  const finding = {
    level: "error",
    check: "input",
    what: "Bad",
    why: "It is",
    where: undefined,
  } as const;
  const shown = {
    findings: [{ ...finding, fix: "Choose:\n  one\n  another\u001b" }],
    countOf: () => 1,
  };
  assert.deepEqual(findingLines(shown, 80).slice(-3), [
    "fix       Choose:",
    "          one",
    "          another\\x1b",
  ]);
});

Deno.test("Findings keeps ten thousand findings of each check and counts all", () => {
  const findings = new Findings();
  const finding = { level: "warning", what: "x", why: "y", fix: "z", where: undefined } as const;
  for (let at = 0; at < 10_500; at++) findings.add({ ...finding, check: "list.invalid" });
  findings.add({ ...finding, check: "other", level: "error" });
  assert.equal(findings.all().length, 10_001);
  assert.equal(findings.all()[0]!.check, "other");
  assert.equal(findings.countOf("list.invalid"), 10_500);
  const kept = { findings: findings.all(), countOf: (check: string) => findings.countOf(check) };
  assert.match(findingLines(kept, 80).join("\n"), /and 10,490 more/);
  assert.equal(totalLine({ levels: findings.levels }), "Found 1 error, 10,500 warnings");
});

Deno.test("exitCodeOfFindings() returns 2 for errors, 1 for bad rows, and 1 for warnings with --strict", () => {
  const levels = (error: number, warning: number) => ({ error, warning, note: 1 });
  const codeOf = (error: number, warning: number, invalid: number, strict: boolean) =>
    exitCodeOfFindings(levels(error, warning), { invalid, strict });
  assert.equal(codeOf(0, 0, 0, true), 0);
  assert.equal(codeOf(0, 1, 0, false), 0);
  assert.equal(codeOf(0, 1, 0, true), 1);
  assert.equal(codeOf(0, 1, 1, false), 1);
  assert.equal(codeOf(1, 0, 1, false), 2);
});

Deno.test("checkCampaign() warns of a UTF-8 list that is read in another encoding", async () => {
  const template = `${HEADER}x`;
  const found = async (list: string | Uint8Array<ArrayBuffer>, encoding?: string) => {
    const { report } = await check({ list, template, ...(encoding !== undefined && { encoding }) });
    return checks(report).filter((one) => one.includes("list.encoding"));
  };
  const umlauts = "Name,Email\nMüller,a@x.test\n";
  for (const encoding of ["windows-1252", "iso-8859-15", "macintosh"]) {
    assert.deepEqual(await found(umlauts, encoding), ["warning list.encoding"], encoding);
  }
  const western = latin1(umlauts);
  const both = new Uint8Array([...western, ...bytesOf("Zoë,b@x.test\n")]);
  const cut = new Uint8Array([...bytesOf("Name,Email\nA,a@x.test\nB,b@x.test,"), 0xc3]);
  assert.deepEqual(await found(western, "windows-1252"), []);
  assert.deepEqual(await found(both, "windows-1252"), []);
  assert.deepEqual(await found(cut, "windows-1252"), []);
  assert.deepEqual(await found("Name,Email\nAnn,a@x.test\n", "windows-1252"), []);
  assert.deepEqual(await found(`\ufeff${umlauts}`, "windows-1252"), []);
  assert.deepEqual(await found(umlauts), []);
});
