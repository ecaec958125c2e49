import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { foreignTagFindings } from "../../src/check/content/foreign_tags.ts";

const COLUMNS = { names: ["First Name", "Email", "Stadt"] };
const WHERE = { file: "email.html" };

type Mail = Parameters<typeof foreignTagFindings>[0];

/** What is named as foreign in a mail; empty if nothing is. */
function named(mail: Mail, columns = COLUMNS): string {
  const [finding, ...others] = foreignTagFindings(mail, columns, WHERE);
  assert.deepEqual(others, []);
  return finding?.what.replace("A mail shows variables in the syntax of other programs: ", "") ??
    "";
}

Deno.test("foreignTagFindings() finds the variables of other programs in subject, text and HTML", () => {
  const found = [
    "*|FNAME|*",
    "*|DATE:d/m/y|*",
    "%%First Name%%",
    "%%=v(@name)=%%",
    "[[FIRSTNAME]]",
    '[[data:name:"friend"]]',
    "%recipient.name%",
    "[First Name]",
    "[FIRSTNAME]",
    "[stadt]",
    "{Email}",
    "${first_name}",
    "%FIRSTNAME%",
    "<<Stadt>>",
    "«First_Name»",
  ];
  for (const tag of found) {
    assert.equal(named({ subject: `Hello ${tag}!`, text: "x" }), tag);
    assert.equal(named({ subject: "x", text: `Dear ${tag},\nhello` }), tag);
    const html = tag.replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    assert.equal(named({ subject: "x", html: `<p>Dear <b>${html}</b>,</p>`, text: "x" }), tag);
  }
  assert.equal(named({ html: "<p>[<span>First</span> Name]</p>" }), "[First Name]");
  assert.equal(named({ subject: "[Email]", text: "[Email] [Stadt] [Email]" }), "[Email], [Stadt]");
});

Deno.test("foreignTagFindings() is silent about brackets that are text, and about addresses, styles and code", () => {
  const silent: Mail[] = [
    { text: "[1] [Update] [Product Name] {x} ${5} 100% or 50% of it, 5%off% «Bonjour» a*b|c*d" },
    { text: "see https://a.test/?x=[Email]&y=*|FNAME|* and www.a.test/%%x%%" },
    { html: '<a href="https://a.test/*|FNAME|*" title="[Email]">read</a>' },
    {
      html: "<style>a[email]{x:y} .b{Email}</style><code>${Email}</code><script>x={Email}</script>",
    },
    { html: "<p>[</p><p>Email]</p><!-- [Email] -->" },
    { text: "[]() [ ] [x](y) %% a %% 100%% %d%s{}" },
    { subject: "50% today, 20% tomorrow" },
  ];
  for (const mail of silent) assert.equal(named(mail), "", JSON.stringify(mail));
});

Deno.test("foreignTagFindings() suggests the variable as it is written here", () => {
  const fix = (text: string) => [...foreignTagFindings({ text }, COLUMNS, WHERE)][0]?.fix;
  assert.equal(
    fix("*|FIRSTNAM|* %%email%%"),
    'Write {{ row["First Name"] }} for *|FIRSTNAM|*, {{ Email }} for %%email%%',
  );
  const short = { names: ["P", "Nr", "Email"] };
  const fixShort = (text: string) => [...foreignTagFindings({ text }, short, WHERE)][0]?.fix;
  assert.equal(
    fixShort("%%x%% %%ab%% %%nx%% %%Pr%%"),
    "Write {{ … }} with one of the columns: P, Nr, Email",
  );
  assert.equal(fixShort("%%p%% %%nr%%"), "Write {{ P }} for %%p%%, {{ Nr }} for %%nr%%");
  assert.equal(fix("*|PHONE|*"), "Write {{ … }} with one of the columns: First Name, Email, Stadt");
});

Deno.test("foreignTagFindings() finds a tag in published newsletters only if a column has its name", async () => {
  const folder = fileURLToPath(new URL("../../../shared/newsletters", import.meta.url));
  let count = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory) continue;
    count++;
    const html = await Deno.readTextFile(join(folder, name, "newsletter.html"));
    assert.equal(named({ subject: "x", html }, { names: ["Reference", "Mail"] }), "", name);
    // Some of them were written for such a column.
    for (const tag of named({ html }, { names: ["First Name", "Name"] }).split(", ")) {
      assert(
        ["", "[first_name]", "[name]"].includes(tag) && html.includes(tag),
        `${tag} in ${name}`,
      );
    }
  }
  assert(count > 50, `${count} newsletters`);
});

Deno.test("foreignTagFindings() is not slowed down by what a cell contains", () => {
  const start = performance.now();
  for (
    const text of [
      "[".repeat(200_000),
      "%%a".repeat(80_000),
      "*|A".repeat(80_000),
      "{a ".repeat(80_000),
      "«a ".repeat(80_000),
    ]
  ) {
    named({ text, subject: text });
  }
  assert(performance.now() - start < 5_000);
});
