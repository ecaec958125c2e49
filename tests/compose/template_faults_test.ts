import assert from "node:assert/strict";
import { composerOf, FROM, inputErrorOf } from "./support.ts";

const HEAD = `${FROM}Subject: x\n`;
const NAMES = ["Name", "First Name", "Email"];
const COLUMNS = "The columns are: Name, First Name, Email.";

/** Faults of a template, and the messages about them. */
const FAULTS: [name: string, template: string, said: string | RegExp][] = [
  [
    "unknown variable in the body",
    `${HEAD}\nDear\n  {{ Nmae }},`,
    `mail.txt:5:6: Unknown variable 'Nmae'\n  Did you mean 'Name'? ${COLUMNS}`,
  ],
  [
    "unknown variable in a header",
    `${FROM}Subject: Hi {{ Nmae }}\n\nx`,
    /^mail\.txt:2:16: Unknown variable 'Nmae'/,
  ],
  [
    "unknown variable on a continuation line",
    `${HEAD}X-A: a\n  {{ b }}\n\nx`,
    /^mail\.txt:4:6: Unknown variable 'b'/,
  ],
  [
    "old form of an unknown variable",
    `${HEAD}\nDear {{.Nmae}}`,
    /^mail\.txt:4:9: Unknown variable 'Nmae'/,
  ],
  [
    "unknown column of row",
    `${HEAD}\n{{ row["Fist Name"] }}`,
    `mail.txt:4:4: Unknown variable 'row.Fist Name'\n  Did you mean 'row["First Name"]'? ${COLUMNS}`,
  ],
  ["row itself", `${HEAD}\n{{ row }}`, /^mail\.txt:4:4: Unknown variable 'row'/],
  [
    "unknown variable in a condition",
    `${HEAD}\n{% if vip %}x{% endif %}`,
    /^mail\.txt:4:7: Unknown variable 'vip'/,
  ],
  [
    "unknown variable as a filter's argument",
    `${HEAD}\n{{ Name | append: b }}`,
    /^mail\.txt:4:19: Unknown variable 'b'/,
  ],
  ["the environment", `${HEAD}\n{{ env }}`, /^mail\.txt:4:4: Unknown variable 'env'/],
  ["the runtime", `${HEAD}\n{{ Deno }}`, /^mail\.txt:4:4: Unknown variable 'Deno'/],
  [
    "a constructor",
    `${HEAD}\n{{ Name.constructor }}`,
    /^mail\.txt:4:4: Unknown variable 'Name.constructor'/,
  ],
  ["a prototype", `${HEAD}\n{{ __proto__ }}`, /^mail\.txt:4:4: Unknown variable '__proto__'/],
  [
    "unknown filter",
    `${HEAD}\n\n{{ Name | upcas }}`,
    /^mail\.txt:5:11: Unknown filter 'upcas'\n {2}Did you mean 'upcase'\?$/,
  ],
  ["unknown tag", `${HEAD}\n{% fooo %}`, /^mail\.txt:4:1: Unknown tag 'fooo'$/],
  [
    "unclosed output",
    `${HEAD}\nDear {{ Name,\nx`,
    /^mail\.txt:4:6: Template error: output .* not closed$/s,
  ],
  [
    "unclosed tag",
    `${HEAD}\nDear {% if Name %}x`,
    /^mail\.txt:4:6: Template error: tag {% if Name %} not closed$/,
  ],
  [
    "break outside a loop",
    `${HEAD}\n{% if Name %}{% break %}{% endif %}`,
    /^mail\.txt:4:14: 'break' is outside a loop/,
  ],
  [
    "endless loop",
    `${HEAD}\n\n{% for i in (1..1000000000) %}x{% endfor %}`,
    /^mail\.txt:5:1: Template cannot be rendered: it produces more than 10,000,000 characters$/,
  ],
  [
    "unknown time zone",
    `${HEAD}\n{{ "now" | date: "%F", "Europe/Berln" }}`,
    /^mail\.txt:4:24: Unknown time zone: 'Europe\/Berln'\n +Did you mean 'Europe\/Berlin'\?$/,
  ],
  [
    "a date format without the day",
    `${HEAD}\n{{ Name | date: "%F", date_format: "dd.mm" }}`,
    /^mail\.txt:4:36: date_format must be a date format such as "%d\/%m\/%Y"/,
  ],
  [
    "unknown cycle of a name's part",
    `${HEAD}\n{% cycle a.b: 1, 2 %}`,
    /^mail\.txt:4:10: Unknown variable 'a.b'/,
  ],
  [
    "unknown variable in brackets",
    `${HEAD}\n{{ [Nmae] }}`,
    /^mail\.txt:4:4: Unknown variable 'Nmae'\n +Did you mean 'Name'\?/,
  ],
  [
    "no header at all",
    `Dear {{ Name }}\n\nx`,
    /^mail\.txt:1:1: Expected a header line before the first blank line: found 'Dear \{\{ Name \}\}'\n +A template begins/,
  ],
  ["no Subject", `${FROM}\nx`, /^mail\.txt:1:1: Subject is missing\n/],
  ["an empty Subject", `${FROM}Subject: \n\nx`, /^mail\.txt:2:1: Subject is empty\n/],
  [
    "an invisible Subject",
    `${FROM}Subject: \u200b\n\nx`,
    /^mail\.txt:2:1: Subject is empty\n/,
  ],
  [
    "a Subject of two lines",
    `${FROM}Subject: a\n b\n\nx`,
    /^mail\.txt:2:1: Subject must be one line$/,
  ],
  [
    "two Subjects",
    `${HEAD}subject: y\n\nx`,
    /^mail\.txt:3:1: The header 'subject' may appear only once$/,
  ],
  [
    "two List-Unsubscribe",
    `List-Unsubscribe: <mailto:a@b.de>\nlist-unsubscribe: <mailto:c@d.de>\n${HEAD}\nx`,
    /^mail\.txt:2:1: The header 'list-unsubscribe' may appear only once$/,
  ],
  [
    "no From",
    `Subject: x\n\nx`,
    /^mail\.txt: From is missing, so .*\n +Set it with --from .*campaign\.toml.*From: line/,
  ],
  [
    "two mailboxes in From",
    `From: a@b.de, c@d.de\nSubject: x\n\nx`,
    /^mail\.txt:1:1: From must be exactly one mailbox: found 2/,
  ],
  [
    "From's address from the row",
    `From: {{ Email }}\nSubject: x\n\nx`,
    /^mail\.txt:1:1: From's address must be the same in every mail/,
  ],
  [
    "From without address",
    `From: Acme\nSubject: x\n\nx`,
    /^mail\.txt:1:7: From is not a list of e-mail addresses: 'Acme' is not an e-mail address\n/,
  ],
  [
    "To of name and address without brackets",
    `${HEAD}To: {{ Name }} {{ Email }}\n\nx`,
    /^mail\.txt:3:5: To is not a list of e-mail addresses/,
  ],
  [
    "two addresses run together",
    `${HEAD}Cc: <a@x.de> <b@y.de>\n\nx`,
    /^mail\.txt:3:14: Cc is not a list of e-mail addresses: '<b@y.de>' follows an address/,
  ],
  ...[
    ["Acme <news@exa mple.com>", 12],
    ["Acme <ne ws@example.com>", 12],
    ["news@exa mple.com", 7],
    ["ne ws@example.com", 7],
    ["Acme [news@example.com]", 7],
    ["Acme <news@example.com", 12],
  ].map(([from, column]): [string, string, RegExp] => [
    `From ${from}, of which a piece looks like the address`,
    `From: ${from}\nSubject: x\n\nx`,
    new RegExp(`^mail\\.txt:1:${column}: From is not a list of e-mail addresses: `),
  ]),
  [
    "a comment that hides a host",
    `${HEAD}Cc: a@b.de(c)@d.de\n\nx`,
    /^mail\.txt:3:5: Cc is not a list of e-mail addresses: 'a@b\.de\(c\)@d\.de' has no address/,
  ],
  ...[
    "Message-ID",
    "Date",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
    "DKIM-Signature",
    "Return-Path",
  ].map((
    header,
  ): [string, string, RegExp] => [
    header,
    `${HEAD}${header}: x\n\nx`,
    new RegExp(`^mail\\.txt:3:1: A template cannot set the header '${header}'`),
  ]),
];

Deno.test("compileTemplate() reports the place of an error in a template, and how to correct it", async () => {
  for (const [name, template, said] of FAULTS) {
    const text = await inputErrorOf(() => composerOf(template, NAMES));
    if (typeof said === "string") assert.equal(text, said, name);
    else assert.match(text, said, name);
  }
});

Deno.test("compileTemplate() finds the place in Markdown as written, not in the HTML made of it", async () => {
  const text = `${HEAD}\n# A\n\n| a | b |\n|---|---|\n| x | {{ Nmae }} |\n`;
  assert.match(
    await inputErrorOf(() => composerOf(text, NAMES, { file: "mail.md" })),
    /^mail\.md:8:10: Unknown variable 'Nmae'/,
  );
});

Deno.test("compileTemplate() keeps lines and columns with CRLF and a byte order mark", async () => {
  const text = `\uFEFF${HEAD}\nDear\n  {{ Nmae }},`.replaceAll("\n", "\r\n");
  assert.match(
    await inputErrorOf(() => composerOf(text, NAMES)),
    /^mail\.txt:5:6: Unknown variable 'Nmae'/,
  );
});

Deno.test("compileTemplate() names the option when --from is wrong", async () => {
  const said = await inputErrorOf(() =>
    composerOf("Subject: x\n\nx", NAMES, { from: "a@b.de, c@d.de" })
  );
  assert.match(said, /^--from: From must be exactly one mailbox/);
  const crlf = await inputErrorOf(() =>
    composerOf("Subject: x\n\nx", NAMES, { from: "a@b.de\r\nBcc: v@x.de" })
  );
  assert.match(crlf, /^--from:1:1: From is not a list of e-mail addresses/);
});

Deno.test("compileTemplate() refuses a second text part for a plain text template", async () => {
  const said = await inputErrorOf(() =>
    composerOf(`${HEAD}\nx`, NAMES, { text: { file: "other.txt", text: "x" } })
  );
  assert.match(said, /^other\.txt: A plain text template cannot have a second text part/);
});

Deno.test("Composer.required holds the columns put out without default, if, unless or case", async () => {
  const table: [template: string, required: number[]][] = [
    ["{{ Name }}", [0]],
    ["{{ Name | upcase }} {{ first_name }}", [0, 1]],
    [`{{ Name | default: "x" }}`, []],
    [`{{ Name | upcase | default: "x" }}`, []],
    ["{% if Name %}{{ Name }}{% endif %}", []],
    ["{% unless Name == '' %}{{ Name }}{% else %}{{ First Name }}{% endunless %}", []],
    ["{% case Name %}{% when 'a' %}{{ Name }}{% endcase %}", []],
    [`{% for i in (1..2) %}{{ row["First Name"] }}{% endfor %}`, [1]],
    ["{% assign n = Name %}x", []],
    ["{% comment %}{{ Name }}{% endcomment %}{% raw %}{{ Name }}{% endraw %}", []],
    ["{% echo Name %}", [0]],
    [`{{ "Dear " | append: Name }}`, [0]],
  ];
  for (const [template, required] of table) {
    if (template.includes("First Name }}")) continue;
    assert.deepEqual(
      (await composerOf(`${HEAD}\n${template}`, NAMES)).required,
      required,
      template,
    );
  }
  assert.deepEqual((await composerOf(`${FROM}Subject: {{ Name }}\n\nx`, NAMES)).required, [0]);
});
