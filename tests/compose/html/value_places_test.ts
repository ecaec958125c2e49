import assert from "node:assert/strict";
import { inputErrorOf } from "../support.ts";
import { htmlOf, page } from "./page.ts";

Deno.test("A value in a place where it could become a tag or an attribute is an error with its place", async () => {
  const attribute =
    /:5:\d+: A value cannot be an attribute or part of a name: found it in <p>: found '\{\{ X \}\}'/;
  const cases: readonly (readonly [body: string, expected: RegExp])[] = [
    [`<p {{ X }}>x</p>`, attribute],
    [`<p class="a" {{ X }}>x</p>`, attribute],
    [`<p {{ X }}="a">x</p>`, attribute],
    [`<p data-{{ X }}="a">x</p>`, attribute],
    [`<p {% if X %}{{ X }}{% endif %}>x</p>`, attribute],
    [`<p {% echo X %}>x</p>`, /A value cannot be an attribute/],
    [`<h{{ X }}>x</h1>`, /A value cannot be an attribute or part of a name/],
    [`<{{ X }}>x`, /Liquid after '<' could become a tag/],
    [`<{% if X %}{{ X }}{% endif %}>x`, /Liquid after '<' could become a tag/],
    [`<b>x</{{ X }}>`, /A value cannot be part of an end tag or a declaration/],
    [`<b>x</b{{ X }}>`, /A value cannot be part of an end tag or a declaration/],
    [`<b onclick="{{ X }}">x</b>`, /A value cannot be used in onclick, which is run, not shown/],
    [`<iframe srcdoc="{{ X }}">`, /A value cannot be used in srcdoc/],
    [
      `<p class={% if X %}"{{ X }}"{% endif %}>`,
      /A Liquid tag begins a value without quotes/,
    ],
    [`<!--[if mso]><p {{ X }}>x</p><![endif]-->`, attribute],
    [`<noscript><p {{ X }}>x</p></noscript>`, attribute],
  ];
  for (const [body, expected] of cases) {
    const made = () => htmlOf(page(body), { row: { X: `"onclick=a ` } });
    assert.match(await inputErrorOf(made), expected, body);
  }
});

Deno.test("A value in text, in a comment and in any attribute that is shown stays text there", async () => {
  const X = `"'><img src=x onerror=1>--><!--`;
  const escaped = "&#34;&#39;&gt;&lt;img src=x onerror=1&gt;--&gt;&lt;!--";
  const cases: readonly (readonly [body: string, expected: string])[] = [
    [`<p>{{ X }}</p>`, `<p>${escaped}</p>`],
    [`<!-- {{ X }} --><p>x</p>`, `<!-- ${escaped} --><p>x</p>`],
    [`<p title="{{ X }}">x</p>`, `<p title="${escaped}">x</p>`],
    [`<p title='{{ X }}'>x</p>`, `<p title='${escaped}'>x</p>`],
    [`<p title={{ X }}>x</p>`, `<p title="${escaped}">x</p>`],
    [`<p title=a{{ X }}b class=c>x</p>`, `<p title="a${escaped}b" class=c>x</p>`],
    [`<p {% if X %}title="{{ X }}"{% endif %}>x</p>`, `<p title="${escaped}">x</p>`],
    [`<textarea>{{ X }}</textarea>`, `<textarea>${escaped}</textarea>`],
    [`1 < {{ X }}`, `1 < ${escaped}`],
  ];
  for (const [body, expected] of cases) {
    assert.equal(await htmlOf(page(body), { row: { X } }), page(expected), body);
  }
});

Deno.test("Every attribute of two with the same name is guarded, whichever of them a branch chooses", async () => {
  const body =
    `<a {% if X == "no" %}href="https://x.example"{% else %}href="{{ X }}"{% endif %}>x</a>` +
    `<img src="https://x.example/a.png" srcset="{{ X }} 1x, {{ X }} 2x">` +
    `<meta http-equiv="refresh" content="0; URL={{ X }}"><svg><set attributeName="href" to="{{ X }}"/></svg>` +
    `<a ping="{{ X }}" foo:href="{{ X }}">x</a><p style="background:url({{ X }})">x</p>`;
  const html = await htmlOf(page(body), { row: { X: "javascript:alert(1)" } });
  assert.doesNotMatch(html, /javascript/);
  assert.equal(html.match(/#/g)?.length, 8);
});
