import assert from "node:assert/strict";
import { DomUtils, parseDocument } from "htmlparser2";
import { InputError } from "../../../src/model/input_error.ts";
import { inputErrorOf } from "../support.ts";
import { htmlOf, page } from "./page.ts";

const CELLS = [
  "onclick=alert(1)",
  "img src=x onerror=alert(1)",
  `" onclick=alert(1) x="`,
  "javascript:alert(1)",
  "><script>alert(1)</script>",
  "-->",
];

/** Templates in which a branch changes how HTML parses what follows. */
const TRAPS = [
  `<p {% if A %}title="{% endif %}{{ X }}{% if A %}"{% endif %}>x</p>`,
  `<p{% if A %}>{% endif %}{{ X }}{% if A %}<b{% endif %}>x</p>`,
  `<p title=a {% if A %}><!-- {% endif %} {{ X }} {% if A %} --> <i{% endif %}>x</p>`,
  `<{% if A %}b>{% endif %}{{ X }}>x`,
  `<{% if A %}!-- -->{% endif %}{{ X }} <b>`,
  `{% if A %}<{% endif %}b {{ X }}>`,
  `{% if A %}<!--{% endif %}<a href="{{ X }}">x</a>{% if A %}-->{% endif %}`,
  `{% if A %}<!--{% endif %}<p {{ X }}>x</p>{% if A %}-->{% endif %}`,
  `{% if A %}<script>{% endif %}<p {{ X }}>x</p>{% if A %}</script>{% endif %}`,
  `{% if A %}<textarea>{% endif %}<p {{ X }}>x</p>{% if A %}</textarea>{% endif %}`,
  `<a {% if A %}data-{% endif %}href="{{ X }}">x</a>`,
  `<a {% if A %}data-{% endif %}onclick="{{ X }}">x</a>`,
  `<a {% if B %}on{% endif %}click="{{ X }}">x</a>`,
  `1 < {{- X }} <b>x</b>`,
  `1 <\n{%- if X -%}\n{{ X }}{% endif %} x`,
  `<p class=a {%- if X %} {%- if X %}title="{{ X }}"{% endif %}{% endif %}>x</p>`,
  `<p width={% if A %}100 {% endif %}>{{ X }}</p>`,
  `<p id={% if A %}100{% endif %} title="{{ X }}">x</p>`,
  `<p title={{ X }}{% if A %}a{% endif %}>x</p>`,
  `<p title=a{{ X -}} class=b>x</p>`,
  `<svg><animate attributeName=href values="#;{{ X }}" /></svg>`,
  `<script>var x = {{ X }}</script>`,
  `<a href="javascript:foo('{{ X }}')">x</a>`,
  `<iframe src="data:text/html,{{ X }}"></iframe>`,
  `{% include "open.html" %}{{ X }}">x</p>`,
  `<p title="{% include "close.html" %}{{ X }}>x</p>`,
];
const FILES = { "open.html": `<p title="`, "close.html": `a" ` };

Deno.test("No branch, and no blank that Liquid removes, turns a value into a tag, an attribute or a script", async () => {
  for (const body of TRAPS) {
    for (const X of CELLS) {
      for (const [A, B] of [["", "yes"], ["yes", ""], ["", ""], ["yes", "yes"]] as const) {
        let html: string;
        try {
          html = await htmlOf(page(body), { row: { X, A, B }, files: FILES });
        } catch (error) {
          assert.ok(error instanceof InputError, body);
          continue;
        }
        const told = `${body}\n${html}`;
        const elements = DomUtils.findAll(() => true, parseDocument(html).children);
        for (const { name, attribs } of elements) {
          assert.ok(!["script", "img", "iframe"].includes(name), told);
          for (const [attribute, value] of Object.entries(attribs)) {
            assert.ok(!attribute.startsWith("on"), told);
            assert.ok(attribute === "title" || !/javascript:/.test(value), told);
          }
        }
      }
    }
  }
});

Deno.test("Branches between attributes, with or without blanks, and unquoted values are unchanged", async () => {
  const A = ["", "yes"] as const;
  const cases: readonly (readonly [body: string, without: string, withA: string])[] = [
    [
      `<table><tr><td{% if A %} class="a"{% endif %}>t</td></tr></table>`,
      `<table><tr><td >t</td></tr></table>`,
      `<table><tr><td  class="a">t</td></tr></table>`,
    ],
    [
      `<p align=center {% if A %}bgcolor=#ff0000{% endif %}>x</p>`,
      `<p align=center  >x</p>`,
      `<p align=center bgcolor=#ff0000 >x</p>`,
    ],
    [
      `<p {% if A %}class=odd{% else %}class=even{% endif %}>x</p>`,
      `<p class=even >x</p>`,
      `<p class=odd >x</p>`,
    ],
    [
      `<p {%- if A %} class="{{ X }}"{% endif -%} id=i>x</p>`,
      `<p   id=i>x</p>`,
      `<p  class="x" id=i>x</p>`,
    ],
    [
      `<p width={{ X }} {% if A %}height={{ X }}{% endif %}>x</p>`,
      `<p width="x"  >x</p>`,
      `<p width="x" height="x" >x</p>`,
    ],
    [
      `<a href={{ X }}{% if A %} class=x{% endif %}>x</a>`,
      `<a href="x" >x</a>`,
      `<a href="x"  class=x >x</a>`,
    ],
    [`{% if A %}<!-- a -->{% endif %}<p>{{ X }}</p>`, `<p>x</p>`, `<!-- a --><p>x</p>`],
    [`<p {% if A %}hidden{% endif %}>x</p>`, `<p  >x</p>`, `<p hidden >x</p>`],
  ];
  for (const [body, without, withA] of cases) {
    const made = await Promise.all(A.map((A) => htmlOf(page(body), { row: { X: "x", A } })));
    const squeezed = (html: string) => html.replace(/(?<=<[^>]*) +/g, " ").replace(/ >/g, ">");
    assert.deepEqual(made.map(squeezed), [page(without), page(withA)].map(squeezed), body);
  }
});

Deno.test("A tag with a branch right after its name is styled, and its image is embedded", async () => {
  const files = { "p.png": "p", "m.css": "b{color:red}" };
  const html = await htmlOf(
    `<!DOCTYPE html><html{% if A %} dir="rtl"{% endif %}><head><style{% if A %} id=s{% endif %}>td:first-child{color:red}</style>` +
      `<link{% if A %} id=l{% endif %} rel=stylesheet href="m.css"></head><body{% if A %} class="a"{% endif %}><table><tr>` +
      `<td{% if A %} width=9{% endif %}>t</td><td>u</td></tr></table><img{% if A %} width=5{% endif %} src="p.png"></body></html>\n`,
    { row: { A: "" }, files, headers: "Preheader: Soon\n" },
  );
  assert.match(html, /^<!DOCTYPE html><html ?><head><style ?>/);
  assert.match(
    html,
    /<style[^>]*>\nb\{color:red\}\n<\/style><\/head><body ?>\n<[a-z]+ class="preheader"/,
  );
  assert.match(html, /<td +style="color:red" ?>t<\/td><td>u<\/td>/);
  assert.match(html, /<img  ?src="cid:/);
});

Deno.test("A branch that ends in a different place than it began is an error that says what to do", async () => {
  const made = () => htmlOf(page(`<p {% if A %}title="{% endif %}">x`), { row: { A: "" } });
  assert.match(
    await inputErrorOf(made),
    /mail\.html:5:45: A branch of this tag begins elsewhere and ends in an attribute: found '\{% if A %\}'\n {2}Put everything from/,
  );
});
