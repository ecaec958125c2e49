import assert from "node:assert/strict";
import fc from "fast-check";
import PostalMime from "postal-mime";
import { htmlToText } from "../../src/compose/text_part/html_to_text.ts";
import { composerOf, FROM, mailOf } from "./support.ts";

/** The text part of an HTML or Markdown template for one row. */
async function textOf(
  body: string,
  row: Record<string, string> = {},
  file = "mail.html",
): Promise<string> {
  const composer = await composerOf(
    `${FROM}Subject: x\n\n${body}`,
    [...Object.keys(row), "Email"],
    { file },
  );
  const mail = mailOf(composer, [...Object.values(row), "ann@example.com"]);
  return (await PostalMime.parse(mail.bytes)).text!;
}

Deno.test("A link whose text is its target appears once", async () => {
  const once: [text: string, target: string][] = [
    ["https://x.de/a", "https://x.de/a"],
    ["https://x.de", "https://x.de/"],
    ["https://x.de/a/", "https://x.de/a"],
    ["HTTPS://X.de/a", "https://x.DE/a"],
    ["x.de", "https://x.de/"],
    ["www.x.de/a", "http://www.x.de/a"],
    ["https://x.de/?a=1&amp;b=2", "https://x.de/?a=1&amp;b=2"],
    ["https://x.de/ü", "https://x.de/%C3%BC"],
    ["ann@x.de", "mailto:ann@x.de"],
    ["Ann@X.de", "mailto:ann@x.de"],
    ["ann@x.de", "mailto:ann@x.de?subject=Hi%20there"],
    ["+49 (30) 12-34", "tel:+49301234"],
    ["<b>https://x.de</b>", "https://x.de"],
    [" https://x.de\n", "https://x.de"],
  ];
  for (const [text, target] of once) {
    const shown = text.replace(/<\/?b>/g, "").replaceAll("&amp;", "&").trim();
    assert.equal(
      await textOf(`<p>See <a href="${target}">${text}</a> now</p>`),
      `See ${shown} now\n`,
    );
  }
  const both: [text: string, target: string, shown: string][] = [
    ["shop", "https://x.de/", "shop [https://x.de/]"],
    ["https://x.de/A", "https://x.de/a", "https://x.de/A [https://x.de/a]"],
    ["x.de", "https://y.de", "x.de [https://y.de]"],
    ["write", "mailto:ann@x.de", "write [ann@x.de]"],
    ["top", "#top", "top"],
  ];
  for (const [text, target, shown] of both) {
    assert.equal(await textOf(`<a href="${target}">${text}</a>`), `${shown}\n`);
  }
});

Deno.test("A link filled by a value appears once if its text is that value", async () => {
  const row = { url: "https://x.de/7", name: "Ann" };
  const table: [body: string, text: string][] = [
    [`<a href="{{ url }}">{{ url }}</a>`, "https://x.de/7\n"],
    [`<a href="{{ url }}">{{ name }}</a>`, "Ann [https://x.de/7]\n"],
    [`<a href="mailto:{{ Email }}">{{ Email }}</a>`, "ann@example.com\n"],
    [`<a href="https://x.de/{{ name }}">x.de/{{ name }}</a>`, "x.de/Ann\n"],
  ];
  for (const [body, text] of table) {
    assert.equal(await textOf(body, row), text);
    assert.equal(await textOf(`{% if name %}${body}{% endif %}`, row), text);
    assert.equal(await textOf(`<b {% if name %}title=x{% endif %}></b>${body}`, row), text);
    assert.equal(await textOf(`<p>${body}</p>`, row, "mail.md"), text);
    assert.equal(await textOf(`{% if name %}<p>${body}</p>{% endif %}`, row, "mail.md"), text);
  }
});

Deno.test("An image in a link is replaced by its description, and other images are omitted", async () => {
  const table: [html: string, text: string][] = [
    [`<a href="https://x.de"><img src="https://x.de/a.png" alt="Shop"></a>`, "Shop [https://x.de]"],
    [`<a href="https://x.de"><img src="https://x.de/a.png" alt="x.de"></a>`, "x.de"],
    [`<a href="https://x.de"><img src="https://x.de/a.png" alt=""></a>`, "https://x.de"],
    [`<a href="https://x.de"><img src="https://x.de/a.png"> Go</a>`, "Go [https://x.de]"],
    [`<a href="https://x.de"><img src="https://x.de/a.png" alt="Go"> Go</a>`, "Go [https://x.de]"],
    [
      `<a href="https://x.de"><table><tr><td><img src="https://x.de/a.png" alt="Shop"></td></tr></table></a>`,
      "Shop [https://x.de]",
    ],
    [`a <img src="https://x.de/spacer.gif" alt="y"> b`, "a b"],
  ];
  for (const [html, text] of table) assert.equal(await textOf(html), `${text}\n`, html);
});

Deno.test("Filters that make HTML of a value make text of it in the text part", async () => {
  const row = {
    a: "x & <y>\nz",
    html: "<p>One &amp; <b>two</b><br>three</p>",
    plain: "1 < 2 & <b>",
  };
  const table: [liquid: string, text: string][] = [
    ["{{ a | newline_to_br }}", "x & <y>\nz"],
    ["{{ a | escape }}", "x & <y>\nz"],
    ["{{ a | escape | newline_to_br }}", "x & <y>\nz"],
    ["{{ a | escape | newline_to_br | raw }}", "x & <y>\nz"],
    ["{{ a | xml_escape }}", "x & <y>\nz"],
    ["{{ '&lt;' | escape_once }}", "<"],
    ["{{ html | raw }}", "One & two\nthree"],
    ["{{ html | strip_html }}", "One &amp; twothree"],
    ["{{ plain | raw }}", "1 < 2 & <b>"],
    ["{{ a }}", "x & <y>\nz"],
    ["{% capture c %}{{ a }}{% endcapture %}{{ c | raw }}", "x & <y>\nz"],
    ["{{ 'a\nb' | newline_to_br }}", "a\nb"],
    ["{{ a | newline_to_br | upcase }}", "X & <Y><BR />\nZ"],
  ];
  for (const [liquid, text] of table) {
    assert.equal(await textOf(`<p>${liquid}</p>`, row), `${text}\n`, liquid);
    assert.equal(await textOf(liquid, row, "mail.md"), `${text}\n`, liquid);
    // A tag within an attribute: the text is made from each mail's HTML.
    if (!/strip|plain|upcase|\{\{ a \}\}|capture|xml|a \| escape \}|once/.test(liquid)) {
      const each = await textOf(`<p {% if a %}class="x"{% endif %}>${liquid}</p>`, row);
      assert.equal(each, `${text}\n`, liquid);
    }
  }
});

Deno.test("Filters that make HTML of a value do so once in the HTML part", async () => {
  const table: [liquid: string, html: string][] = [
    ["{{ a | newline_to_br }}", "x &amp; &lt;y&gt;<br />\nz"],
    ["{{ a | escape }}", "x &amp; &lt;y&gt;\nz"],
    ["{{ a | escape | newline_to_br }}", "x &amp; &lt;y&gt;<br />\nz"],
    ["{{ a | escape | raw }}", "x &amp; &lt;y&gt;\nz"],
    ["{{ a | newline_to_br | upcase }}", "X &amp; &lt;Y&gt;&lt;BR /&gt;\nZ"],
  ];
  for (const [liquid, expected] of table) {
    for (const body of [`<p>${liquid}</p>`, `{% if a %}<p>${liquid}</p>{% endif %}`]) {
      for (const file of ["mail.html", "mail.md"]) {
        const composer = await composerOf(`${FROM}Subject: x\n\n${body}`, ["a", "Email"], { file });
        const mail = mailOf(composer, ["x & <y>\nz", "ann@example.com"]);
        const { html } = await PostalMime.parse(mail.bytes);
        assert.ok(html!.includes(`<p>${expected}</p>`), `${file} ${liquid}: ${html}`);
      }
    }
  }
});

Deno.test("Items that Liquid repeats or omits are numbered in order of appearance", async () => {
  const list =
    "<ol>{% for i in (1..3) %}{% if i != 2 %}<li>{{ a }}{{ i }}</li>{% endif %}{% endfor %}</ol>";
  for (const [body, file] of [[list, "mail.html"], [`# x\n\n${list}`, "mail.md"]] as const) {
    assert.match(await textOf(body, { a: "x" }, file), / 1\. x1\n 2\. x3\n$/);
  }
});

Deno.test("Liquid within invisible elements does not affect the rest of the text", async () => {
  const table: [html: string, text: string][] = [
    ["<title>{% if a %}x{% endif %}</title><p>{{ a }}</p>", "1"],
    [
      `<p style="display:none">{% for i in (1..2) %}{{ i }}{% endfor %}</p>{% if a %}b{% endif %}`,
      "b",
    ],
    [`<p hidden>{% assign b = "c" %}</p>{{ b }}`, "c"],
    [`{% if a %}<p hidden>{% else %}<p>{% endif %}x</p>y`, "y"],
    [`<p hidden>{% if a %}b</p>c<p hidden>{% endif %}</p>{{ a }}`, "c1"],
  ];
  for (const [html, text] of table) {
    assert.equal((await textOf(html, { a: "1" })).trim(), text, html);
  }
});

Deno.test("Invisible elements are not part of the text", () => {
  const table: [html: string, text: string][] = [
    [`<p style="display:none">a</p><p>b</p>`, "b"],
    [`<p style="DISPLAY : none !important; color:red">a</p>b`, "b"],
    [`<div hidden><p>a</p></div>b`, "b"],
    [
      `<style>.gone, #x { display: none !important }</style><i class="a gone">a</i><i id=x>b</i>c`,
      "c",
    ],
    [`<style>p.gone { display: none }</style><div class="gone">a</div>`, "a"],
    [
      `<style>@media (max-width: 9px) { .m { display: none } } .n:hover { display: none }</style><p class=m>a</p><p class=n>b</p>`,
      "a\n\nb",
    ],
    [`<style>.m { display: none }</style><p class=m style="display:block">a</p>`, "a"],
    ["<!-- a --><!--[if mso]><p>b</p><![endif]--><![if !mso]>c<![endif]>", "c"],
    ["<head><title>a</title><style>b</style><body>c", "c"],
    ["<script>a</script><template>b</template>c", "c"],
    [`<div class="preheader" style="display:none">a</div>b`, "b"],
    [`<p>a&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;&#847;&zwnj;&nbsp;</p><p>b</p>`, "a\n\nb"],
    [`<td>&nbsp;</td><td>a&nbsp;b&nbsp;</td>`, "a\u00A0b"],
    [
      "<p>\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645 👩\u200D👩\u200D👧</p>",
      "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645 👩\u200D👩\u200D👧",
    ],
  ];
  for (const [html, text] of table) assert.equal(htmlToText(html), `${text}\n`, html);
});

Deno.test("Text is laid out as people write mails", () => {
  const table: [html: string, text: string][] = [
    ["<p>a\n b</p><p>c<br>d<br><br>e</p>", "a b\n\nc\nd\n\ne"],
    ["<h1>A</h1><p>b</p><h2>C</h2>d", "A\n\nb\n\n\nC\n\nd"],
    [
      "<ul><li>a<li>b<ul><li>c</ul><li><p>d</p><p>e</p></ul>f",
      " * a\n * b\n    * c\n * d\n   \n   e\n\nf".replace("   \n", "\n"),
    ],
    ["<ol start=9><li>a<li>b</ol>", " 9. a\n 10. b"],
    ["<blockquote><p>a</p><p>b</p></blockquote>c", "> a\n>\n> b\n\nc"],
    ["<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"],
    ["a<hr>b", `a\n\n${"-".repeat(40)}\n\nb`],
    ["<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>", "a b\n1 2"],
    ["a &amp; b &euro; &lt;c&gt;", "a & b € <c>"],
    ["", ""],
  ];
  for (const [html, text] of table) assert.equal(htmlToText(html), `${text}\n`, html);
});

Deno.test("Text holds the words of plain HTML, each once and in order", () => {
  const word = fc.stringMatching(/^[a-z]{1,6}$/);
  const wrap = fc.constantFrom("p", "div", "b", "li", "td", "h2", "blockquote", "span", "section");
  fc.assert(fc.property(fc.array(fc.tuple(word, wrap), { maxLength: 20 }), (parts) => {
    const html = parts.map(([text, name]) => `<${name}>${text}</${name}> `).join("");
    assert.deepEqual(htmlToText(html).match(/[a-z]+/g) ?? [], parts.map(([text]) => text));
  }));
});
