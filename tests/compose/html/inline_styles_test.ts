import assert from "node:assert/strict";
import fc from "fast-check";
import { inputErrorOf } from "../support.ts";
import { CASES } from "./inline_cases.ts";
import { htmlOf } from "./page.ts";

for (const { name, css, body, newCss = css, newBody } of CASES) {
  Deno.test(`Inlining: ${name}`, async () => {
    const page = (css: string, body: string) =>
      `<!DOCTYPE html>\n<html><head><style>${css}</style></head><body>${body}</body></html>\n`;
    assert.equal(await htmlOf(page(css, body)), page(newCss, newBody));
  });
}

Deno.test("Sheets that a branch decides about, or that are for paper, are not for everybody", async () => {
  const html = await htmlOf(
    `<html><head>{% if Name == "no" %}<style>p{color:red}</style>{% else %}<style>p{color:blue}</style>{% endif %}` +
      `<style media="print">p{margin:0}</style><style media="screen, print">p{padding:0}</style></head><body><p>x</p></body></html>`,
  );
  assert.match(html, /<p style="padding:0">x<\/p>/);
});

Deno.test("Text and Liquid around styled elements stay as their author wrote them", async () => {
  // Two start tags and one end tag, tags within tags and in tables, comments, an entity, odd spacing: a reader would repair it.
  const body = `<html><head><style>.a{color:red}</style></head><body>
<!--[if mso]><table><tr><td class="a"><![endif]-->
{% if Name %}<div class="a">{% else %}<div class='b'>{% endif %}&nbsp;&copy; <BR/>
<table>{% for i in (1..2) %}<tr><td {% if i == 1 %}class="a"{% endif %}>{{ i }}</td></tr>{% endfor %}</table>
<p title='it is "x"' {% if Name == "no" %}hidden{% endif %}  data-x=1>x</div></body></html>
`;
  const html = await htmlOf(body);
  assert.equal(
    html,
    `<html><head><style>.a{color:red}</style></head><body>
<!--[if mso]><table><tr><td class="a"><![endif]-->
<div style="color:red" class="a">&nbsp;&copy; <BR/>
<table><tr><td class="a">1</td></tr><tr><td >2</td></tr></table>
<p title='it is "x"'   data-x=1>x</div></body></html>
`,
  );
});

Deno.test("Liquid in a style stays: in an attribute, and in a <style> that the row decides about", async () => {
  const html = await htmlOf(
    `<style>p { margin: 0 }</style><style>p { color: {{ colour }} }</style>` +
      `<p style="color: {{ colour }}{% if bold %}; font-weight: bold{% endif %}">x</p>`,
    { row: { colour: "teal", bold: "yes" } },
  );
  assert.match(html, /<style>p \{ color: teal \}<\/style>/);
  assert.match(html, /<p style="margin:0;color: teal; font-weight: bold">x<\/p>/);
});

Deno.test("Styles of a layout apply to the content it frames, and vice versa", async () => {
  const html = await htmlOf(
    `{% layout "frame.html" %}\n{% block %}\n<style>h1 { margin: 0 }</style>\n\n*[x](https://x.example)*\n{% endblock %}\n`,
    {
      file: "mail.md",
      files: {
        "frame.html":
          `<html><head><style>a { color: red } .box em { color: blue }</style></head><body class="box"><h1>A</h1>{% block %}{% endblock %}{% render "foot.html" %}</body></html>`,
        "foot.html": `<a href="https://y.example">{{ Name }}</a>`,
      },
    },
  );
  assert.match(html, /<h1 style="margin:0">A<\/h1>/);
  assert.match(html, /<a style="color:red" href="https:\/\/x\.example">x<\/a>/);
  assert.match(html, /<a style="color:red" href="https:\/\/y\.example">Ann<\/a>/);
  // A rule that spans two files can only be read when both are combined.
  assert.match(html, /<style>a \{ color: red \} \.box em \{ color: blue \}<\/style>/);
});

Deno.test("A style sheet of the template's folder is read, one elsewhere is left to the reader and never fetched", async () => {
  const html = await htmlOf(
    `<link rel="stylesheet" href="mail.css"><link rel="stylesheet" href="http://169.254.169.254/a.css"><p>x</p>`,
    { files: { "mail.css": "p { color: red }" } },
  );
  assert.match(html, /<p style="color:red">x<\/p>/);
  assert.match(html, /<link rel="stylesheet" href="http:\/\/169\.254\.169\.254\/a\.css">/);
  assert.match(
    await inputErrorOf(() => htmlOf(`<p>\n <link rel=stylesheet href="../a.css">`)),
    /mail\.html:5:29: Style sheet is outside the template's folder: '\.\.\/a\.css'$/,
  );
});

Deno.test("A file included twice gets the styles that apply in both places, and none if a comment includes it", async () => {
  const files = { "p.html": "<p>x</p>", "q.html": "<q>x</q>" };
  const html = await htmlOf(
    `<!DOCTYPE html><style>.a p{color:red}p{margin:0}q{margin:0}</style><div class="a">{% include "p.html" %}</div>` +
      `<div>{% include "p.html" %}{% include "q.html" %}</div><!--[if mso]>{% include "q.html" %}<![endif]-->\n`,
    { files },
  );
  assert.equal(
    html,
    `<!DOCTYPE html><style>.a p{color:red}p{margin:0}q{margin:0}</style><div class="a"><p style="margin:0">x</p></div>` +
      `<div><p style="margin:0">x</p><q>x</q></div><!--[if mso]><q>x</q><![endif]-->\n`,
  );
});

Deno.test("Blocks of a layout are read at their place in it, whichever file they come from", async () => {
  const files = {
    "base.html":
      `<!DOCTYPE html><style>.a > p{color:red}.b em{margin:0}</style><div class="a">{% block one %}<p>default</p>{% endblock %}</div>` +
      `<div class="b">{% block two %}<em>default</em>{% endblock %}</div>\n`,
    "middle.html": `{% layout "base.html" %}{% block two %}<em>middle</em>{% endblock %}`,
  };
  const html = await htmlOf(
    `{% layout "middle.html" %}{% block one %}<p>own</p>{% if Name %}<b><p>own</p></b>{% endif %}{% endblock %}`,
    { files },
  );
  assert.equal(
    html.slice(html.indexOf("<div")),
    `<div class="a"><p style="color:red">own</p><b><p>own</p></b></div>` +
      `<div class="b"><em style="margin:0">middle</em></div>\n`,
  );
});

Deno.test("Whatever HTML holds that is neither styled nor leads anywhere stays to the character", async () => {
  const piece = fc.constantFrom(
    ...[
      "<p>",
      "</p>",
      "<b class='x'>",
      "</b>",
      "<table>",
      "<tr>",
      "<td >",
      "</table>",
      "<br/>",
      "</div>",
      "< ",
      ">",
      "&amp",
      "&",
    ],
    ...[
      "<!-- <b> -->",
      "<!--[if mso]><i><![endif]-->",
      "<!--[if !mso]><!-->",
      "<!--<![endif]-->",
      "<![CDATA[x]]>",
      "<?x?>",
    ],
    ...[
      "<textarea><b x></textarea>",
      "<title>x</title>",
      "<script>if (a<b) {}</script>",
      "<a title=it's>",
      `<p x="a>b" y='"'>`,
    ],
    ...[
      "{{ Name }}",
      "{% if Name %}",
      "{% else %}",
      "{% endif %}",
      "{% comment %}<p {{ x }}>{% endcomment %}",
      "x",
      " ",
      "\n",
      "\t",
    ],
    ...[
      "{% for i in (1..2) %}",
      "{% endfor %}",
      `<i title="{{ Name }}">`,
      "<svg><path d='M0'/></svg>",
      "\u{1F600}",
      "\u00A0",
    ],
  );
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
      const body = `<!DOCTYPE html><body>${pieces.join("")}`;
      const options = { row: { Name: "Ann" } };
      const [plain, html] = await Promise.all([
        htmlOf(body, { ...options, file: "mail.txt", isText: true }),
        htmlOf(body, options),
      ].map((made) => made.catch((error) => error.name)));
      assert.equal(html, plain);
    }),
    { numRuns: 300 },
  );
});
