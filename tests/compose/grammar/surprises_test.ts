import assert from "node:assert/strict";
import { composerOf, FROM, inputErrorOf } from "../support.ts";
import { NAMES, type Row, saidOf } from "./refused.ts";

const ALWAYS_ALIKE: readonly Row[] = [
  [
    'Dear {{ Name or "friend" }}',
    `1:14: 'Name or "friend"' shows the word true or false, and no value`,
    'Write {{ Name | default: "friend" }}.',
  ],
  [
    "{{ Name and City }}",
    "1:9: 'Name and City' shows the word true or false, and no value",
    "Write {% if Name and City %}…{% else %}…{% endif %}.",
  ],
  [
    'Hello\n {{ City == "Graz" }}',
    `2:10: 'City == "Graz"' shows the word true or false, and no value`,
    'Write {% if City == "Graz" %}…{% else %}…{% endif %}.',
  ],
  [
    "{{ Points > 5 }}",
    "1:11: 'Points > 5' shows the word true or false, and no value",
    "Write {% if Points > 5 %}…{% else %}…{% endif %}.",
  ],
  [
    '{{ Name contains "x" | upcase }}',
    `1:9: 'Name contains "x"' shows the word true or false, and no value`,
    'Write {% if Name contains "x" %}…{% else %}…{% endif %}.',
  ],
  [
    "{{ not Name }}",
    "1:4: 'not Name' shows the word true or false, and no value",
    "Write {% if not Name %}…{% else %}…{% endif %}.",
  ],
  [
    '{% echo Name or "x" %}',
    `1:14: 'Name or "x"' shows the word true or false, and no value`,
    'Write {{ Name | default: "x" }}.',
  ],
  [
    '{% liquid\n  echo Name or "x"\n%}',
    `2:13: 'Name or "x"' shows the word true or false, and no value`,
    'Write {{ Name | default: "x" }}.',
  ],
  [
    '{% if City == "Graz" or "Wien" %}a{% endif %}',
    `1:25: The text "Wien" is true, so 'or' compares nothing with it`,
    'Write City == "Wien" on that side, too.',
  ],
  [
    '{% assign n = Name or "friend" %}{{ n }}',
    `1:23: The text "friend" is true, so 'or' compares nothing with it`,
    'For a default, write {{ name | default: "friend" }}.',
  ],
];

const SKIPPED: readonly Row[] = [
  [
    "{{ First name }}",
    "1:10: Unexpected 'name' after 'First'",
    'Write {{ first_name }} or {{ row["First Name"] }} for the column.',
  ],
  [
    '{% if First Name == "Ann" %}a{% endif %}',
    "1:13: An operator is missing between First and Name",
    'Write first_name or row["First Name"] for the column.',
  ],
  [
    "{{ Name. }}",
    "1:8: Unexpected '.' after 'Name'",
    "Write a full stop after the braces: {{ name }}.",
  ],
  [
    "{{ Name, City }}",
    "1:8: Unexpected ', City' after 'Name'",
    "Write {{ Name }}, {{ City }}.",
  ],
  [
    "{{ Name City }}",
    "1:9: Unexpected 'City' after 'Name'",
    "Write {{ Name }} {{ City }}.",
  ],
  ["{{ Name ) }}", "1:9: Unexpected ')' after 'Name'"],
  ["{{ Name | }}", "1:9: The name of a filter is missing after '|'"],
  ["{{ Name | default: }}", "1:18: A value is missing after ':'"],
  ['{{ Name | append: "a", }}', "1:22: A value is missing after ','"],
  [
    '{{ row["Name" x] }}',
    `1:15: Unexpected 'x' after '"Name"'`,
    `A column's name needs quotes: row["First Name"].`,
  ],
  ["{{ row[] }}", "1:8: A name is missing in brackets"],
  ['{% if Name == "x %}a{% endif %}', "1:15: The quote is not closed"],
  ["{% if Name == %}a{% endif %}", "1:12: A value is missing beside '=='"],
  ["{% if %}a{% endif %}", "1:6: A value is missing"],
  ["{% assign x = 1 2 %}", "1:17: Unexpected '2' after '1'"],
  [
    '{% for x in Tags | split: "," %}a{% endfor %}',
    `1:18: Unexpected '| split: ","' after 'Tags'`,
    "A list takes no filter here: assign it to a name first.",
  ],
  [
    "{% for x in Tags limt: 2 %}a{% endfor %}",
    "1:18: 'for' has no setting 'limt'",
    "The settings are limit, offset, reversed.",
  ],
  ["{% for x in Tags limit=2 %}a{% endfor %}", "1:18: 'limit' needs a value", "Write limit: 2."],
  ["{% for x in Tags %}a{% endfor x %}", "1:31: Unexpected 'x' after 'endfor'"],
  [
    '{% case City %}{% when "a" "b" %}a{% endcase %}',
    `1:28: Unexpected '"b"' after '"a"'`,
    'Write {% when "a", "b" %}.',
  ],
  [
    '{% case City %} hello {% when "a" %}a{% endcase %}',
    "1:17: 'hello' between 'case' and 'when' is never shown",
  ],
  [
    '{% case City %}{% when "a" %}a{% else %}b{% when "c" %}c{% endcase %}',
    "1:42: 'when' after 'else' has no effect",
    "'else' must come last.",
  ],
  [
    "{% unless City %}a{% else %}b{% else %}c{% endunless %}",
    "1:30: 'else' after 'else' has no effect",
    "'else' must come last.",
  ],
  ["{% capture x y %}a{% endcapture %}", "1:14: Unexpected 'y' after 'x'"],
  [
    "{% block a b %}x{% endblock %}",
    "1:10: A block's name is one word: found 'a b'",
    "It may have letters, digits and '_'.",
  ],
  [
    '{% include "a.txt" with Name as n %}',
    "1:30: Unexpected 'as n' after 'Name'",
    'Write {% render "file" with value as name %}, or {% include "file", name: value %}.',
  ],
  ['{% include "a.txt" n=Name %}', "1:21: Unexpected '=' after 'n'", "Write n: value."],
  [
    '{% render "a.txt" for Tags %}',
    "1:27: 'for' needs a name for each item",
    'Write {% render "file" for items as item %}.',
  ],
  [
    "{% if Name %}{% for x in (1..3) %}{% endif %}{% endfor %}",
    "1:35: 'endif' has no 'if' before it",
    "'endfor' comes first.",
  ],
  ["{% else %}", "1:1: 'else' is not within 'if' or 'unless' or 'case' or 'for'"],
];

for (const [body, message, hint] of [...ALWAYS_ALIKE, ...SKIPPED]) {
  Deno.test(`A template is refused for ${JSON.stringify(body)}, with the place`, async () => {
    assert.equal(await saidOf(body), hint === undefined ? message : `${message}\n  ${hint}`);
  });
}

const RIGHT: readonly string[] = [
  '{{ Name | default: "friend" }}{{ "it\'s {{ x" }}{{ \'a\\\'b\' }}{{ row.1 }}{{ (1..3) | join: "," }}',
  '{{- Name -}}{%- if City == "a" or City == "b" -%}a{%- elsif not City -%}b{%- else -%}c{%- endif -%}',
  '{% if City == "a" and Name contains "b" or Points > 3 %}a{% endif %}',
  '{% case City %}\n  {% when "a", "b" %}a{% when "c" or "d" %}b\n{% else %}c{% endcase %}',
  '{% case City %}{% comment %}x{% endcomment %}{% when "a" %}a{% endcase %}',
  "{% for x in (1..3) reversed limit: 2, offset: 1 %}{{ forloop.index }}{% else %}a{% endfor %}",
  "{% tablerow x in (1..3) cols:2 limit: 2 %}a{% endtablerow %}",
  "{% assign vip = City == 'Graz' %}{% if vip %}a{% endif %}",
  "{% capture 'a b' %}x{% endcapture %}{% increment n %}{% cycle 'g': 1, Name | upcase, 'b', %}",
  "{% raw %}{{ Name or 'x' }} {# a #} {{#if}} {% set %}{% endraw %}",
  "{% comment %}{{ Name or 'x' }} {# a #} {% set x %}{% if %}{% endcomment %}",
  "{% # a comment, with or without {braces} %}",
  "{% liquid\n  assign x = Name\n  if x\n    echo x\n  endif\n%}",
  "a { b } {#c} {{ Name }} #} p{color:#fff} @media(x){#a{b:c}}",
  "{{ [Name] }}{{ row[Name] }}{{ row['First Name'].size }}{{ 'abc'.size }}{{ Name.first }}",
  "{{ 5. | plus: 1 }}{{ -1 | abs }}{{ '' }}{% echo %}",
];

for (const body of RIGHT) {
  Deno.test(`A template is not refused for ${JSON.stringify(body)}`, async () => {
    await composerOf(`${FROM}Subject: x\n\n${body}\n`, NAMES);
  });
}

Deno.test("What Liquid would skip is found in headers and in included files, with their places", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const head = `${FROM}Subject: Hi {{ Name or "you" }}\n\nx`;
    assert.match(
      await inputErrorOf(() => composerOf(head, NAMES)),
      /^mail\.txt:2:21: 'Name or "you"' shows the word true or false/,
    );
    for (const type of ["txt", "md", "html"]) {
      await Deno.writeTextFile(
        `${folder}/part.${type}`,
        "a\n{% if Name %}{{ First name }}{% endif %}",
      );
      const text = `${FROM}Subject: x\n\n{% include "part.${type}" %}`;
      assert.match(
        await inputErrorOf(() => composerOf(text, NAMES, { file: `${folder}/mail.${type}` })),
        new RegExp(
          `/part\\.${type}:2:23: Unexpected 'name' after 'First'\n  Write \\{\\{ first_name`,
        ),
        type,
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("Includes, layouts and what they are given are read as liquidjs reads them", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/f.txt`, "{{ item }}{{ f }}{{ x }}");
    await Deno.writeTextFile(`${folder}/g.txt`, "g");
    await Deno.writeTextFile(`${folder}/l.txt`, "a{% block b %}{% endblock %}c");
    const bodies = [
      '{% assign t = Tags | split: "," %}{% render "f.txt" for t as item, x: 1, f: 2 %}',
      '{% render "g.txt", for: 1, with: Name %}{% render "g.txt" with Name as n, m: 2 %}',
      "{% include 'g.txt' with Name, x: 1 %}{% include 'g.txt', a: Name b: 1 %}",
      '{% layout "l.txt", a: 1 %}{% block "b" %}x{{ block.super }}{% endblock %}',
      "{% layout none %}x",
    ];
    for (const body of bodies) {
      await composerOf(`${FROM}Subject: x\n\n${body}\n`, NAMES, { file: `${folder}/mail.txt` });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
