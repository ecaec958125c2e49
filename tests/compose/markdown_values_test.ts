import assert from "node:assert/strict";
import PostalMime from "postal-mime";
import type { Composer } from "../../src/compose/composer.ts";
import { BoundedMap } from "../../src/compose/template/bounded_map.ts";
import { inFolder } from "../support/folder.ts";
import {
  composerOf,
  EIGHT_BIT,
  FROM,
  inputErrorOf,
  mailOf,
  reasonOf,
  recipientOf,
} from "./support.ts";

const NAMES = ["Name", "X", "Email"];

function markdownComposer(markdown: string, file = "mail.md"): Promise<Composer> {
  return composerOf(`${FROM}Subject: x\n\n${markdown}`, NAMES, { file });
}

/** The content of body, and the text part. */
async function partsOf(
  composer: Composer,
  name: string,
  x: string,
): Promise<{ html: string; text: string }> {
  const mail = await PostalMime.parse(mailOf(composer, [name, x, "ann@x.de"]).bytes);
  const html = /<body[^>]*>\n?([^]*?)\n?<\/body>/.exec(mail.html!)![1]!;
  return { html: html.trim(), text: mail.text!.trim() };
}

/** Without logic and with it, so that Markdown is read once or for each mail. */
const LOGIC = ["", "{% if Email %}{% endif %}"];

Deno.test("An output alone in angle brackets is shown, as a link if it is an address or a URL", async () => {
  const table: [value: string, html: string, text: string][] = [
    ["bob@x.de", `<a href="mailto:bob@x.de">bob@x.de</a>`, "bob@x.de"],
    [
      "https://x.de/?a=1&b",
      `<a href="https://x.de/?a=1&amp;b">https://x.de/?a=1&amp;b</a>`,
      "https://x.de/?a=1&b",
    ],
    ["javascript:alert(1)", "&lt;javascript:alert(1)&gt;", "<javascript:alert(1)>"],
    ["data:text/html,x", "&lt;data:text/html,x&gt;", "<data:text/html,x>"],
    ["b onclick=alert(1)", "&lt;b onclick=alert(1)&gt;", "<b onclick=alert(1)>"],
    ["script", "&lt;script&gt;", "<script>"],
    [`a"@x.de`, "&lt;a&#34;@x.de&gt;", `<a"@x.de>`],
    ["https://x.de/a b", "&lt;https://x.de/a b&gt;", "<https://x.de/a b>"],
    ["", "&lt;&gt;", "<>"],
  ];
  for (const logic of LOGIC) {
    const composer = await markdownComposer(`{{ Name }} <{{ X }}>${logic}`);
    assert.equal(composer.convertedPerMail !== undefined, logic !== "");
    for (const [value, html, text] of table) {
      assert.deepEqual(await partsOf(composer, "Ann", value), {
        html: `<p>Ann ${html}</p>`,
        text: `Ann ${text}`,
      });
    }
  }
});

Deno.test("No output begins a tag in Markdown, wherever it follows an angle bracket", async () => {
  const table: [markdown: string, html: string][] = [
    ["<{{ X }}>", "<p>&lt;b&gt;</p>"],
    ["a <{{ X }} c> d", "<p>a &lt;b c&gt; d</p>"],
    ["a </{{ X }}> d", "<p>a &lt;/b&gt; d</p>"],
    ["<{{ X }}{{ Name }}>", "<p>&lt;bb&gt;</p>"],
    ["<{{ X }}\nc>", "<p>&lt;b\nc&gt;</p>"],
    ["`<{{ X }}>`", "<p><code>&lt;b&gt;</code></p>"],
    ["    <{{ X }}>", "<pre><code>&lt;b&gt;\n</code></pre>"],
    ["[<{{ X }}>](https://x.de)", `<p><a href="https://x.de">&lt;b&gt;</a></p>`],
    ["![<{{ X }}>](https://x.de/y.png)", `<p><img src="https://x.de/y.png" alt="&lt;b&gt;"></p>`],
    ["# <{{ X }}>", "<h1>&lt;b&gt;</h1>"],
    ["- <{{ X }}>", "<ul>\n<li>&lt;b&gt;</li>\n</ul>"],
    ["<{{ X }}>\n===", "<h1>&lt;b&gt;</h1>"],
    ["{\\{ X }}", "<p>{{ X }}</p>"],
    ["{\\% if X %}", "<p>{% if X %}</p>"],
  ];
  for (const logic of LOGIC) {
    for (const [markdown, html] of table) {
      // A bare brace would be read by any reader of Liquid that comes after.
      const composer = await markdownComposer(`${markdown}\n\n${logic}`);
      const { html: made } = await partsOf(composer, "b", "b");
      assert.equal(made.replaceAll("&#123;", "{").replace(/\n$/, ""), html, markdown);
    }
  }
});

Deno.test("A cell is data in Markdown with logic, whatever it looks like", async () => {
  const composer = await markdownComposer(
    "{% if X %}{{ X }}\n\n- {{ X }}\n\n> {{ X }}\n\n| a |\n|---|\n| {{ X }} |\n{% endif %}",
  );
  for (
    const cell of [
      "# x",
      "- x",
      "1. x",
      "a | b",
      "<b>x",
      "**x**",
      "```",
      "[x](y)",
      "a\n\nb",
      "    x",
      "{{ Name }}",
      "xlq0z",
    ]
  ) {
    const { html } = await partsOf(composer, "Ann", cell);
    const shown = cell.replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    assert.equal(
      html,
      `<p>${shown}</p>\n<ul>\n<li>${shown}</li>\n</ul>\n<blockquote>\n<p>${shown}</p>\n</blockquote>\n` +
        `<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody><tr>\n<td>${shown}</td>\n</tr>\n</tbody></table>`,
    );
  }
});

Deno.test("Links that depend on logic are guarded for each mail", async () => {
  const composer = await markdownComposer(
    "{% if Name %}[a]({{ X }}) [b]({{ X }}{{ Name }}) ![c](https://x.de/{{ X }})" +
      " [d]({{ Name }}:{{ X }}) [e]({{ Name }}{{ Name }}:y){% endif %}",
  );
  const { html } = await partsOf(composer, "x", "javascript:alert(1)");
  assert.equal(
    html,
    `<p><a href="#">a</a> <a href="#x">b</a> <img src="https://x.de/javascript:alert(1)" alt="c">` +
      ` <a href="#javascript:alert(1)">d</a> <a href="#y">e</a></p>`,
  );
});

Deno.test("Text that begins with a number is a list item", async () => {
  const composer = await markdownComposer(
    "{% for i in (1..3) %}{{ i }}. {{ Name }}\n{% endfor %}\n\n{{ X }}. b",
  );
  assert.equal(
    (await partsOf(composer, "Ann", "7")).html,
    "<ol>\n<li>Ann</li>\n<li>Ann</li>\n<li>Ann</li>\n</ol>\n<p>7. b</p>",
  );
});

Deno.test("Included Markdown is part of the Markdown around it, and included HTML stays as it is", async () => {
  const files = {
    "items.md": "- one {{ Name }}\n- two\n",
    "name.md": "**{{ Name }}**",
    "foot.html": "<div>\n\n    <i>{{ Name }} *x*</i>\n</div>\n",
    "frame.html":
      `<html><head><title>{% block title %}{% endblock %}</title></head><body>\n<td>{% block main %}*d*{% endblock %}</td>{% include "name.md" %}\n</body></html>`,
    "frame.md": "# Frame\n\n{% block %}{% endblock %}\n",
  };
  const foot = "<div>\n\n    <i>A&amp;B *x*</i>\n</div>";
  const table: [body: string, html: string, file?: string][] = [
    [
      `- zero\n{% include "items.md" %}\n{% include "foot.html" %}`,
      `<ul>\n<li>zero</li>\n<li>one A&amp;B</li>\n<li>two</li>\n</ul>\n${foot}`,
    ],
    [`Dear {% include "name.md" %}!`, "<p>Dear <strong>A&amp;B</strong>!</p>"],
    [`> {% render "foot.html" %}`, `<blockquote>\n${foot}\n</blockquote>`],
    [`{% layout "frame.md" %}\n- {{ Name }}`, "<h1>Frame</h1>\n<ul>\n<li>A&amp;B</li>\n</ul>"],
    [
      `{% layout "frame.html" %}{% block title %}<{{ Name }}>{% endblock %}{% block main %}\n# {{ Name }}\n{% if X %}- {{ X }}\n{% endif %}{% endblock %}`,
      "<td><h1>A&amp;B</h1>\n<ul>\n<li>x</li>\n</ul>\n</td><p><strong>A&amp;B</strong></p>",
    ],
    [
      `{% layout "frame.html" %}{% block main %}<b>{{ Name }}</b> {{ block.super | raw }}{% endblock %}`,
      "<td><b>A&amp;B</b> *d*</td><p><strong>A&amp;B</strong></p>",
      "mail.html",
    ],
    [`{% include "items.md" %}`, "<ul>\n<li>one A&amp;B</li>\n<li>two</li>\n</ul>", "mail.html"],
  ];
  await inFolder(files, async (folder) => {
    for (const [body, html, file = "mail.md"] of table) {
      const composer = await markdownComposer(body, `${folder}/${file}`);
      const made = (await partsOf(composer, "A&B", "x")).html.replace(/\n+/g, "\n");
      assert.equal(made, html.replace(/\n+/g, "\n"), body);
    }
  });
});

Deno.test("An error on any branch is reported before the first mail, with its place", async () => {
  const table: [markdown: string, said: RegExp][] = [
    [`{% if X == "never" %}![](none.png){% endif %}`, /:4:\d+: Image not found .*'none\.png'$/],
    [
      `a\n{% if X %}{% if Name %}b{% elsif X %}c{% else %}![](none.png){% endif %}{% endif %}`,
      /:5:\d+: Image not found/,
    ],
    [
      `{% for a in b %}{% else %}\n![](none.png){% endfor %}`.replace("b %}", "X %}"),
      /:5:5: Image not found/,
    ],
    [
      `{% case X %}{% when "a" %}b{% else %}![](../{{ Name }}.png){% endcase %}`,
      /An image's file cannot depend on the row: found '\.\.\/\{\{ Name \}\}\.png'/,
    ],
  ];
  for (const [markdown, said] of table) {
    assert.match(await inputErrorOf(() => markdownComposer(markdown)), said, markdown);
  }
});

Deno.test("An image on a branch that few mails take is part of only those mails", async () => {
  const files = { "a.png": "a", "b.png": "b" };
  await inFolder(files, async (folder) => {
    const composer = await markdownComposer(
      `{% if X == "b" %}![](b.png){% else %}![](a.png){% endif %}`,
      `${folder}/mail.md`,
    );
    for (const x of ["a", "b"]) {
      const mail = await PostalMime.parse(mailOf(composer, ["Ann", x, "ann@x.de"]).bytes);
      const cid = /src="cid:([^"]+)"/.exec(mail.html!)![1];
      const image = mail.attachments.find(({ contentId }) => contentId === `<${cid}>`);
      assert.equal(image?.filename, `${x}.png`);
    }
  });
});

Deno.test("Any number of rows whose Markdown differs are all made, and a bad one holds up no other", async () => {
  const composer = await markdownComposer(
    "{% assign rows = X | split: ',' %}| a |\n|---|\n{% for row in rows %}| {{ row }} |\n{% endfor %}",
  );
  for (let count = 1; count <= 200; count++) {
    const { html } = await partsOf(composer, "Ann", Array(count).fill("x").join(","));
    assert.equal(html.match(/<td>x<\/td>/g)?.length, count);
  }
  const endless = await markdownComposer("{% for i in (1..X) %}- {{ i }}\n{% endfor %}");
  const reason = (x: string) =>
    reasonOf(endless.compose(recipientOf(["Ann", x, "ann@x.de"]), EIGHT_BIT));
  assert.match(reason("100000000") ?? "", /^Template cannot be rendered: it produces more than/);
  assert.equal(reason("3"), undefined);
});

Deno.test("BoundedMap evicts the least recently used entry", () => {
  const map = new BoundedMap<number>(10);
  map.set("a", 1, 3);
  map.set("b", 2, 3);
  assert.equal(map.get("a"), 1);
  map.set("c", 3, 3);
  assert.equal(map.get("b"), undefined);
  assert.equal(map.get("a"), 1);
  assert.equal(map.get("c"), 3);
  map.set("long", 4, 100);
  assert.equal(map.get("long"), 4);
  assert.equal(map.get("c"), undefined);
});
