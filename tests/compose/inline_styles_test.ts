import assert from "node:assert/strict";
import PostalMime from "postal-mime";
import { compileTemplate } from "../../src/compose/composer.ts";
import { inFolder } from "../support/folder.ts";
import { columnsOf, FROM, inputErrorOf, mailOf } from "./support.ts";

/** The HTML of a template's mail in a folder with these files. */
async function htmlOf(
  body: string,
  { file = "mail.html", row = { Name: "Ann" }, files = {} }: {
    file?: string;
    row?: Record<string, string>;
    files?: Record<string, string>;
  } = {},
): Promise<string> {
  let html = "";
  await inFolder(files, async (folder) => {
    const composer = await compileTemplate({
      template: { file: `${folder}/${file}`, text: `${FROM}Subject: x\n\n${body}` },
      columns: columnsOf(...Object.keys(row), "Email"),
      campaign: "spring",
    });
    const mail = mailOf(composer, [...Object.values(row), "ann@example.com"]);
    html = (await PostalMime.parse(mail.bytes)).html!;
  });
  return html;
}

Deno.test("Styles go into their elements, and media queries, pseudo classes and fonts stay", async () => {
  const html = await htmlOf(
    `<html><head><style>
p { color: red } p.big { font-size: 20px }
a:hover { color: blue } @font-face { font-family: X; src: url(https://x.example/x.woff2) }
@media (max-width: 600px) { p { color: green !important } }
</style></head><body><p class="big" style="margin: 0">{{ Name }}</p><td width="7">x</td></body></html>`,
  );
  assert.match(
    html,
    /<p class="big" style="color: red; font-size: 20px; margin: 0;">Ann<\/p>/,
  );
  assert.match(
    html,
    /<style>[^]*a:hover[^]*@font-face[^]*@media \(max-width: 600px\)[^]*<\/style>/,
  );
  assert.doesNotMatch(html, /p\.big/);
});

Deno.test("Text and Liquid around styled elements stay as their author wrote them", async () => {
  // Two start tags and one end tag, tags within tags and in tables, comments, an entity, odd spacing: a reader would mend it.
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
<div style="color: red;" class="a">&nbsp;&copy; <BR/>
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
  assert.match(html, /<p style="margin: 0; color: teal; font-weight: bold;?">x<\/p>/);
});

Deno.test("Styles of a layout reach what it frames, and the other way round", async () => {
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
  assert.match(html, /<h1 style="margin: 0;">A<\/h1>/);
  assert.match(html, /<a style="color: red;" href="https:\/\/x\.example">x<\/a>/);
  assert.match(html, /<a style="color: red;" href="https:\/\/y\.example">Ann<\/a>/);
  // A rule that reaches from one file into another can only be read where both are together.
  assert.match(html, /<style>a \{ color: red \} \.box em \{ color: blue \}<\/style>/);
});

Deno.test("A style sheet of the template's folder is read, one elsewhere is left to the reader and never fetched", async () => {
  const html = await htmlOf(
    `<link rel="stylesheet" href="mail.css"><link rel="stylesheet" href="http://169.254.169.254/a.css"><p>x</p>`,
    { files: { "mail.css": "p { color: red }" } },
  );
  assert.match(html, /<p style="color: red;">x<\/p>/);
  assert.match(html, /<link rel="stylesheet" href="http:\/\/169\.254\.169\.254\/a\.css">/);
  assert.match(
    await inputErrorOf(() => htmlOf(`<p>\n <link rel=stylesheet href="../a.css">`)),
    /mail\.html:5:29: Style sheet is outside the template's folder: '\.\.\/a\.css'$/,
  );
});
