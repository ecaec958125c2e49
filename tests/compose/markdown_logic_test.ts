import assert from "node:assert/strict";
import fc from "fast-check";
import { DomUtils, parseDocument } from "htmlparser2";
import { Liquid } from "liquidjs";
import { marked } from "marked";
import PostalMime from "postal-mime";
import { withTableTags } from "../../src/compose/markdown/table_tags.ts";
import type { Composer } from "../../src/compose/composer.ts";
import { composerOf, FROM, mailOf } from "./support.ts";

const NAMES = ["Name", "X", "List", "Email"];

function markdownComposer(markdown: string): Promise<Composer> {
  return composerOf(`${FROM}Subject: x\n\n${markdown}`, NAMES, { file: "mail.md" });
}

/** The content of body. */
async function htmlOf(composer: Composer, fields: string[]): Promise<string> {
  const { html } = await PostalMime.parse(mailOf(composer, fields).bytes);
  return /<body[^>]*>\n([^]*)\n<\/body>/.exec(html!)![1]!;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&#34;").replaceAll("'", "&#39;");
}

/**
 * The Markdown rendered for one row, then converted: cells that are put out are words while it is, and values after.
 * Captured text is Markdown, like everything that the template's author wrote.
 */
function renderedThenConverted(markdown: string, fields: readonly string[]): string {
  const values: string[] = [];
  const liquid = new Liquid({ jsTruthy: true });
  liquid.registerFilter("word", (value) => `q7zw${values.push(String(value)) - 1}w`);
  const template = withTableTags({ text: markdown, file: "mail.md" }).replace(
    /\{\{ (Name|X|i|part|List) \}\}/g,
    "{{ $1 | word }}",
  );
  const row = Object.fromEntries(NAMES.map((name, index) => [name, fields[index]]));
  const html = marked.parse(liquid.parseAndRenderSync(template, row), { gfm: true, async: false });
  return html.replace(/q7zw(\d+)w/g, (_, number) => escaped(values[Number(number)]!));
}

/** HTML as a parser reads it, without the white space between blocks. */
function domOf(html: string): string {
  return DomUtils.getOuterHTML(parseDocument(html.trimEnd())).replace(/\s*\n\s*/g, "\n").trim();
}

async function assertSame(composer: Composer, markdown: string, fields: string[]): Promise<void> {
  assert.equal(
    domOf(await htmlOf(composer, fields)),
    domOf(renderedThenConverted(markdown, fields)),
    `${markdown}\n--- for ${JSON.stringify(fields)}`,
  );
}

const CELLS = [
  "",
  "Ann",
  "# x",
  "- x",
  "1. x",
  "| x | y |",
  "**b** _e_ `c`",
  "[a](javascript:alert(1))",
  "<img src=x onerror=1>",
  "</p><script>",
  "a\n\nb",
  "    x",
  "&amp; &",
  `"'`,
  "```",
  "{{ X }}{% if X %}",
  "\\",
];
const ROWS = [
  ["Ann", "", "", "a@b.de"],
  ["# x | y", "**b**", "a,b", "a@b.de"],
  ["<b>&", "x", "1. a,- b,| c |", "a@b.de"],
];

const TABLE = "| a | b |\n|---|---|\n";
/** Markdown with logic, and the parts of it that are converted only once. */
const DOCUMENTS: readonly string[] = [
  // Rows of tables.
  `${TABLE}{% for i in (1..3) %}| {{ i }} | {{ Name }} |\n{% endfor %}`,
  `${TABLE}{%- for i in (1..3) %}\n| {{ i }} | {{ Name }} |\n{%- endfor %}\n\nend`,
  `${TABLE}{% for i in (1..2) %}\n| {{ i }} | {{ Name }} |\n{% endfor %}\n`,
  `${TABLE}| 1 | 2 |\n{% if X %}| {{ X }} | x |\n{% endif %}| 3 | 4 |`,
  `${TABLE}| {% if X %}a | b{% else %}c{% endif %} |`,
  `${TABLE}{% for part in List %}| x |{% endfor %}`,
  `{% if X %}${TABLE}{% endif %}| {{ Name }} | 2 |`,
  // Items of lists.
  "- a\n{% if X %}- {{ X }}\n{% endif %}- c",
  "- a\n{% if X %}\n- {{ X }}\n{% endif %}\n- c",
  "{% assign parts = List | split: ',' %}{% for part in parts %}{{ forloop.index }}. {{ part }}\n{% endfor %}",
  "- a\n{% if X %}  - nested {{ X }}\n{% endif %}\n\n{% unless X %}    code?{% endunless %}",
  // Headings, paragraphs, rules.
  "{% if X %}# {% endif %}Hello {{ Name }}\n\ntext",
  "{% if X %}\n# {{ X }}\n{% else %}\n## None\n{% endif %}\ntext",
  "a\n{% if X %}---\n{% endif %}b",
  "Title\n{% if X %}==={% endif %}\n\nb",
  "Hi\n{% if X %}\nYou are **{{ X }}**.\n{% endif %}\nBye",
  "{% case X %}{% when 'x' %}# one{% when '**b**' %}- two{% else %}> three{% endcase %}\nmore",
  // Within a line.
  "**{% if X %}{{ Name }}{% else %}b{% endif %}** *{% if X %}a*{% else %}b{% endif %}",
  "a{% if X %}*{% endif %}b*c",
  "[{% if X %}one{% else %}two{% endif %}](https://x.de/{% if X %}{{ X }}{% else %}none{% endif %})",
  "{% if X %}[{% endif %}text](https://x.de)",
  "`{% if X %}a` b{% else %}c`{% endif %}",
  "[ref]\n\n{% if X %}[ref]: https://x.de/{{ Name }}{% endif %}",
  "![{% if X %}{{ Name }}{% endif %}](https://x.de/y.png)",
  // Code, quotes, HTML.
  "```\n{% for i in (1..2) %}\n{{ i }} {{ Name }}\n{% endfor %}\n```\nafter",
  "{% if X %}```{% endif %}\n**b**\n\n# c",
  "> a\n{% if X %}> {{ X }}\n{% endif %}lazy\n\nb",
  "<div>\n{% if X %}\n\n{% endif %}\n**b**\n</div>",
  "<table>{% for i in (1..2) %}<tr><td>{{ i }}</td></tr>{% endfor %}</table>\n\nb",
  "    {% if X %}a{% endif %}\n    {{ Name }}\n\nb",
  // Text that is assigned, and output later.
  "{% capture block %}- **{{ Name }}**\n- b\n{% endcapture %}{{ block }}\n\n{% if X %}{{ block }}{% endif %}",
  "{% assign n = X | size %}{% if n > 2 %}# long{% else %}short{% endif %} {{ Name }}",
  "{% raw %}**{{ x }}**{% endraw %} {{ Name }}{% comment %}\n# x\n{% endcomment %}",
  // No tags.
  "# {{ Name }}\n\n- {{ X }}\n- **{{ Name }}**\n\n{{ X }}\n",
  `${TABLE}| {{ Name }} | [{{ X }}](https://x.de/{{ X }}) |`,
  '{{ Name }}\n===\n\n> {{ X }}\n{{ Name }}\n\n```\n{{ X }}\n```\n\n<p title="{{ X }}">{{ Name }}</p>\n',
];

Deno.test("Markdown with logic gives the same HTML as the Markdown rendered for that recipient", async () => {
  for (const markdown of DOCUMENTS) {
    const composer = await markdownComposer(markdown);
    for (const row of ROWS) await assertSame(composer, markdown, row);
  }
});

const line = fc.constantFrom(
  ...'text {{ Name }}|# {{ X }}|- item {{ Name }}|  - nested {{ X }}|1. {{ Name }}|> quote {{ X }}|\\|---\\|---\\||\\| {{ Name }} \\| b \\||\\| a \\| {{ X }} \\|||```|    code {{ X }}|<div>|</div>|<b>{{ Name }}</b>|<p title="{{ X }}">|</p>|===|---|**bold {{ Name }}**|_{{ X }}_|*|`|`{{ X }}`|[ref]: https://x.de/{{ X }}|[ref] [t](https://x.de/{{ Name }})|![{{ X }}](https://x.de/a.png)|\t|  |<!-- {{ X }} -->|https://x.de/{{ Name }}|~~{{ Name }}~~|* * *'
    .split(/(?<!\\)\|/).map((text) => text.replaceAll("\\|", "|")),
);
const { markdown: randomMarkdown } = fc.letrec<{ markdown: string; item: string; tagged: string }>(
  (tie) => ({
    markdown: fc.array(fc.tuple(tie("item"), fc.constantFrom("\n", "\n", "\n", "\n\n", "", " ")), {
      maxLength: 8,
    }).map((items) => items.flat().join("")),
    item: fc.oneof({ weight: 3, arbitrary: line }, { weight: 1, arbitrary: tie("tagged") }),
    tagged: fc.tuple(
      tie("markdown"),
      tie("markdown"),
      fc.constantFrom<(a: string, b: string) => string>(
        (a, b) => `{% if X %}${a}{% else %}${b}{% endif %}`,
        (a) => `{% if Name == "Ann" %}\n${a}\n{% endif %}`,
        (a, b) => `{%- unless X -%}${a}{%- else %}${b}{% endunless -%}`,
        (a, b) => `{% case X %}{% when "Ann" %}${a}{% else %}${b}{% endcase %}`,
        (a) => `{% for i in (1..2) %}${a}{{ i }}x{% endfor %}`,
        (a, b) => `{% for i in (1..3) %}${a}\n{% else %}${b}{% endfor %}`,
        (a) =>
          `{% assign parts = List | split: "," %}{% for part in parts %}${a}{{ part }}\n{% endfor %}`,
        (a, b) => `{% capture c %}${a}{% endcapture %}${b}{{ c }}`,
        () => `{% assign d = X %}{% comment %}# {% endcomment %}`,
      ),
    ).map(([a, b, build]) => build(a, b)),
  }),
);
const cell = fc.constantFrom(...CELLS);

Deno.test("Random Markdown with logic has the same elements as when it is rendered first", async () => {
  let once = 0;
  let perMail = 0;
  await fc.assert(
    fc.asyncProperty(
      randomMarkdown,
      fc.array(fc.tuple(cell, cell, cell), { minLength: 2, maxLength: 4 }),
      async (markdown, rows) => {
        const composer = await markdownComposer(`x\n\n${markdown}`);
        if (composer.convertedPerMail === undefined) once++;
        else perMail++;
        for (const row of rows) await assertSame(composer, `x\n\n${markdown}`, [...row, "a@b.de"]);
      },
    ),
    { numRuns: 400 },
  );
  assert.ok(once > 20 && perMail > 20, `${once} converted once, ${perMail} per mail`);
});

Deno.test("Tags on lines of their own between the rows of a table leave one table", async () => {
  const rows = (html: string) => html.match(/<td>[^<]*<\/td>/g)?.map((cell) => cell.slice(4, -5));
  const cases: readonly (readonly [markdown: string, cells: readonly string[], after: string])[] = [
    [
      `${TABLE}{% for i in (1..3) %}\n| {{ i }} | {{ Name }} |\n{% endfor %}\n\nend`,
      ["1", "Ann", "2", "Ann", "3", "Ann"],
      "<p>end</p>",
    ],
    [
      `${TABLE}{% for i in (1..2) %}\n{% if i == 1 %}\n| {{ i }} | x |\n{% else %}\n| y | {{ i }} |\n{% endif %}\n{% endfor %}\nend`,
      ["1", "x", "y", "2"],
      "<p>end</p>",
    ],
    [
      `a | b\n--|--\n{% assign n = 1 %}\n{% if X %}\n{{ X }} | x\n{% endif %}\n1 | {{ Name }}\n\nend`,
      ["1", "Ann"],
      "<p>end</p>",
    ],
  ];
  for (const [markdown, cells, after] of cases) {
    const html = await htmlOf(await markdownComposer(markdown), ["Ann", "", "", "a@b.de"]);
    assert.deepEqual(rows(html), cells, markdown);
    assert.equal(html.match(/<table>/g)?.length, 1, markdown);
    assert.ok(html.trimEnd().endsWith(`</table>\n${after}`), html);
  }
});
