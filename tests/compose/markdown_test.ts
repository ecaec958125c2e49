import assert from "node:assert/strict";
import PostalMime from "postal-mime";
import { composerOf, FROM, mailOf } from "./support.ts";

/** Text and HTML of a template's mail; of the HTML, the content of body. */
async function partsOf(
  body: string,
  row: Record<string, string>,
  file = "mail.md",
): Promise<{ text: string; html: string }> {
  const composer = await composerOf(
    `${FROM}Subject: x\n\n${body}`,
    [...Object.keys(row), "Email"],
    {
      file,
    },
  );
  const mail = await PostalMime.parse(
    mailOf(composer, [...Object.values(row), "ann@example.com"]).bytes,
  );
  const html = /<body[^>]*>\n([^]*)\n<\/body>/.exec(mail.html!)?.[1] ?? mail.html!;
  return { text: mail.text!, html: html.trim().replace(/\n+/g, "\n") };
}

Deno.test("Markdown is read once, with Liquid anywhere in it", async () => {
  const row = { Name: "A & <b>", url: `https://x.de/?a=1&b="2"` };
  const table: [markdown: string, html: string, text: string][] = [
    [
      "**{{ Name }}** _{{Name}}_",
      "<p><strong>A &amp; &lt;b&gt;</strong> <em>A &amp; &lt;b&gt;</em></p>",
      "A & <b> A & <b>",
    ],
    [
      "[go]({{ url }})",
      `<p><a href="https://x.de/?a=1&amp;b=&#34;2&#34;">go</a></p>`,
      `go [https://x.de/?a=1&b="2"]`,
    ],
    ["`{{ Name }}`", "<p><code>A &amp; &lt;b&gt;</code></p>", "A & <b>"],
    [
      `| a |\n|---|\n| {{ row["Name"] | upcase }} |`,
      "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody><tr>\n<td>A &amp; &lt;B&gt;</td>\n</tr>\n</tbody></table>",
      "a\nA & <B>",
    ],
    ["{{ Name | raw }}", "<p>A & <b></p>", "A & <b>"],
    ["a\\\nb", "<p>a<br>b</p>", "a\nb"],
  ];
  for (const [markdown, html, text] of table) {
    const parts = await partsOf(markdown, row);
    assert.equal(parts.html, html, markdown);
    assert.equal(parts.text.trim().replace(/ +$/gm, ""), text, markdown);
  }
});

Deno.test("Tags alone on their lines leave no empty paragraphs or blank lines", async () => {
  const markdown =
    "Hi\n{% if vip %}\nYou are **VIP**.\n{% endif %}\nBye\n\n{% if vip %}\n- gold\n{% endif %}\n\nEnd\n";
  assert.deepEqual(await partsOf(markdown, { vip: "" }), {
    html: "<p>Hi</p>\n<p>Bye</p>\n<p>End</p>",
    text: "Hi\n\nBye\n\nEnd\n",
  });
  const vip = await partsOf(markdown, { vip: "x" });
  assert.equal(
    vip.html,
    "<p>Hi</p>\n<p>You are <strong>VIP</strong>.</p>\n<p>Bye</p>\n<ul>\n<li>gold</li>\n</ul>\n<p>End</p>",
  );
  assert.equal(vip.text, "Hi\n\nYou are VIP.\n\nBye\n\n * gold\n\nEnd\n");
});

Deno.test("A Markdown or HTML fragment becomes a document, an HTML document stays its author's", async () => {
  const html = async (body: string, head = "") => {
    const composer = await composerOf(`${FROM}Subject: x\n${head}\n${body}`, ["Email"], {
      file: "mail.html",
    });
    return (await PostalMime.parse(mailOf(composer, ["ann@example.com"]).bytes)).html!;
  };
  assert.match(
    await html("<p>x</p>"),
    /^<!DOCTYPE html>\n<html>\n<head>\n<meta charset="utf-8">\n<meta name="viewport"/,
  );
  assert.match(
    await html("<p>x</p>", "Content-Language: pt-BR\n"),
    /^<!DOCTYPE html>\n<html lang="pt-BR">/,
  );
  assert.equal(
    await html("<html><body><p>x</p></body></html>"),
    "<html><body><p>x</p></body></html>\n",
  );
});

Deno.test("The text part follows an HTML template's tags wherever they are", async () => {
  const table: [html: string, a: string, text: string][] = [
    [
      "<table>{% for i in (1..2) %}<tr><td>{{ i }}</td><td>{{ a }}</td></tr>{% endfor %}</table>",
      "x",
      "1 x\n2 x",
    ],
    [
      `<p><a {% if a %}href="https://x.de/{{ a }}"{% endif %}>go</a></p>`,
      "1",
      "go [https://x.de/1]",
    ],
    [`<p><a {% if a %}href="https://x.de/{{ a }}"{% endif %}>go</a></p>`, "", "go"],
    ["<style>{% if a %}p{}{% endif %}</style><p>{{ a }}&nbsp;&amp;</p>", "<i>", "<i>\u00A0&"],
    [
      "<title>{{ a }}</title><h1>Big {{ a }}</h1><img src='https://x.de/x.png' alt='y'>",
      "x",
      "Big x",
    ],
  ];
  for (const [html, a, text] of table) {
    assert.equal(
      (await partsOf(html, { a }, "mail.html")).text.trim().replace(/ +$/gm, ""),
      text,
      html,
    );
  }
});
