import assert from "node:assert/strict";
import { inFolder } from "../../support/folder.ts";
import { isBlank } from "../../../src/text/blank.ts";
import { recipientOf as recipientOfRow } from "../../../src/list/recipient.ts";
import {
  columnsOf,
  composerOf,
  FROM,
  mailOf,
  reasonOf,
  recipientOf,
  SEVEN_BIT,
  textOf,
} from "../support.ts";

/** Cells that show nothing: blanks of several widths, characters without any, and mixtures. */
const BLANKS = [
  "",
  " ",
  "\t\r\n",
  "\u00a0",
  "\u3000",
  "\u2003\u2009",
  "\u200b",
  "\ufeff",
  "\u200e \u200f",
  "\u00ad",
  "\u2060\u00a0\u180e",
  "\u3164",
  "\u2800",
];

async function bodyOf(template: string, cell: string): Promise<string> {
  const composer = await composerOf(`${FROM}Subject: x\n\n${template}\n`, ["Name", "Email"]);
  const mail = mailOf(composer, [cell, "ann@example.com"]);
  return textOf(mail).split("\r\n\r\n").slice(1).join("\r\n\r\n").trimEnd();
}

/** Templates that show "nothing" for a blank cell, with every kind of test for it. */
const ASKING = [
  '{{ Name | default: "nothing" }}',
  '{{ Name | strip | default: "nothing" }}',
  '{{ Name | upcase | default: "nothing" }}',
  '{{ row["Name"] | default: "nothing" }}',
  '{{ [Which] | default: "nothing" }}'.replace("Which", '"Name"'),
  "{% if Name %}x{% else %}nothing{% endif %}",
  "{% unless Name %}nothing{% endunless %}",
  "{% if row.1 %}x{% else %}nothing{% endif %}",
  "{% if not Name %}nothing{% endif %}",
  "{% if Name and true %}x{% else %}nothing{% endif %}",
  "{% if Name or false %}x{% else %}nothing{% endif %}",
  "{% if false %}x{% elsif Name %}y{% else %}nothing{% endif %}",
  "{% if Name == empty %}nothing{% endif %}",
  "{% if blank == Name %}nothing{% endif %}",
  "{% if Name != blank %}x{% else %}nothing{% endif %}",
  '{% if Name == "" %}nothing{% endif %}',
  '{% case Name %}{% when "" %}nothing{% else %}x{% endcase %}',
  "{% case Name %}{% when blank %}nothing{% else %}x{% endcase %}",
  '{% assign n = Name %}{{ n | default: "nothing" }}',
  "{% assign n = Name %}{% if n %}x{% else %}nothing{% endif %}",
  "{% assign n = Name | strip %}{% if n %}x{% else %}nothing{% endif %}",
  "{% assign n = Name | capitalize %}{% if n == empty %}nothing{% endif %}",
  '{% capture n %}{{ Name }}{% endcapture %}{{ n | default: "nothing" }}',
  "{% capture n %} {{ Name }}\n{% endcapture %}{% if n %}x{% else %}nothing{% endif %}",
  "{% capture n %} {{ Name }} {% endcapture %}{% if n == empty %}nothing{% endif %}",
  "{% assign l = Name | append: ',' | split: ',' %}{% for n in l %}{{ n }}{% else %}nothing{% endfor %}",
  "{% for i in (1..1) %}{% if Name %}x{% else %}nothing{% endif %}{% endfor %}",
];

for (const template of ASKING) {
  Deno.test(`A cell that shows nothing is empty in ${JSON.stringify(template)}`, async () => {
    for (const cell of BLANKS) {
      assert.equal(await bodyOf(template, cell), "nothing", JSON.stringify(cell));
    }
  });
}

Deno.test("A cell that shows something is not blank, and 0 is a value", async () => {
  for (const cell of ["0", "false", "-", ".", "\u200bAnn", " x ", "\u0600", "👩‍👩‍👧", "न"]) {
    assert.equal(isBlank(cell), false, cell);
    assert.equal(
      (await bodyOf('{% if Name %}{{ Name | default: "nothing" }}{% endif %}', cell)).trim(),
      cell.trim(),
    );
  }
  assert.equal(await bodyOf('{{ Name | plus: 0 | default: "nothing" }}', ""), "0");
  assert.equal(await bodyOf('{{ false | default: "x", allow_false: true }}', ""), "false");
});

Deno.test("A row whose cell shows nothing is invalid if the template needs that cell", async () => {
  const { required } = await composerOf(`${FROM}Subject: x\n\n{{ Name }}\n`);
  for (const cell of BLANKS) {
    const row = { kind: "row" as const, line: 2, cells: [cell, "ann@example.com"] };
    const entry = recipientOfRow(row, columnsOf("Name", "Email"), required);
    assert.equal(
      entry.kind === "bad-row" && entry.reason,
      "Column 'Name' is empty, and the template needs it",
    );
  }
});

Deno.test("Composer.required follows the names that a template gives to columns", async () => {
  const table: readonly (readonly [template: string, required: readonly number[]])[] = [
    ["{% assign n = Name %}{{ n }}", [0]],
    ["{% assign n = Name | upcase %}{% assign m = n %}{{ m | strip }}", [0]],
    ["{% assign n = Name %}{{ n | default: 'x' }}", []],
    ["{% assign n = Name | default: 'x' %}{{ n }}", []],
    ["{% assign n = Name %}{% if n %}{{ n }}{% endif %}", []],
    ["{% if Name %}{% assign n = Name %}{% else %}{% assign n = 'x' %}{% endif %}{{ n }}", []],
    ["{% assign n = Name %}{% if City %}{% assign n = City %}{% endif %}{{ n }}", []],
    ["{% assign n = Name %}{% if City %}{% assign n = Name | upcase %}{% endif %}{{ n }}", [0]],
    ["{% assign n = Name %}{% assign n = 'x' %}{{ n }}", []],
    ["{% assign Name = 'x' %}{{ Name }}", []],
    ["{% assign n = Name == 'x' %}{{ n }}", []],
    ["{% capture n %}Dear {{ Name }}{% endcapture %}{{ n }}", [0]],
    ["{% capture n %}{{ Name }}{% endcapture %}{{ n | default: 'x' }}", []],
    ["{% capture n %}{% if Name %}{{ Name }}{% endif %}{% endcapture %}{{ n }}", []],
    ["{% capture n %}{{ Name }}{% endcapture %}{% assign m = n | append: City %}{{ m }}", [0, 1]],
    ["{% assign l = Name | split: ',' %}{% for City in l %}{{ City }}{% endfor %}{{ City }}", [1]],
    ["{% assign n = Name %}{% for i in (1..2) %}{% assign n = 'x' %}{% endfor %}{{ n }}", []],
    ["{% for n in (1..2) %}{% assign n = Name %}{% endfor %}{{ n }}", []],
    ['{% include "n.txt", n: Name %}', [0]],
    ['{% render "n.txt", n: Name %}', [0]],
    ['{% assign n = Name %}{% render "n.txt", n: "x" %}', []],
    ['{% assign n = Name %}{% include "set.txt" %}{{ n }}', [1]],
    ['{% assign n = Name %}{% include "set.txt", m: 1 %}{{ n }}', [1]],
    ['{% assign n = Name %}{% render "set.txt" %}{{ n }}', [0]],
    ["{% for City in (1..2) %}{{ City }}{% endfor %}", []],
    ["{% assign w = 'Name' %}{{ row[w] }}", []],
    ["{{ [Name] }}", [0]],
    ["{% liquid\nassign n = Name\necho n\n%}", [0]],
    ["{{ Name | date: '%F' }}", [0]],
  ];
  const files = { "n.txt": "{{ n }}", "set.txt": "{% assign n = City %}" };
  await inFolder(files, async (folder) => {
    for (const [template, required] of table) {
      const text = `${FROM}Subject: x\n\n${template}\n`;
      const input = { file: `${folder}/mail.txt` };
      const composer = await composerOf(text, ["Name", "City", "Email"], input);
      assert.deepEqual(composer.required, required, template);
    }
  });
});

Deno.test("Comparing long lists in a loop is work that counts", async () => {
  const composer = await composerOf(
    `${FROM}Subject: x\n\n{% assign all = L | split: "," %}{% for a in all %}{% if all contains "z" %}{{ a }}{% endif %}{% endfor %}\n`,
    ["L", "Email"],
  );
  const start = performance.now();
  const reason = (count: number) =>
    reasonOf(composer.compose(recipientOf(["a,".repeat(count), "ann@example.com"]), SEVEN_BIT));
  assert.match(
    reason(100_000) ?? "",
    /^Template cannot be rendered: it takes more than 1,000,000 steps$/,
  );
  assert.equal(reason(1_000), undefined);
  assert(performance.now() - start < 20_000);
});
