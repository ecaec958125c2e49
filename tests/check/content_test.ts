import assert from "node:assert/strict";
import fc from "fast-check";
import PostalMime from "postal-mime";
import { contentFindings, leftBraces } from "../../src/check/content/content.ts";
import type { Finding } from "../../src/check/finding.ts";
import { htmlFacts } from "../../src/check/content/html_facts.ts";
import { headerFindings } from "../../src/check/content/mail_header.ts";

const WHERE = { file: "email.html" };

/** The findings about a mail with this HTML. */
async function ofHtml(html: string, text = "text"): Promise<readonly string[]> {
  const mail = [
    "MIME-Version: 1.0",
    "Content-Type: multipart/alternative; boundary=b",
    "",
    `--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n${text}`,
    `--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${html}`,
    "--b--",
  ].join("\r\n");
  const found = [...contentFindings(await PostalMime.parse(mail), WHERE)];
  return found.map(({ check, what }) => `${check}: ${what}`);
}

const GOOD = `<!DOCTYPE html><html lang="en"><head><title>x</title>
<script type="application/ld+json">{"a":{"b":1}}</script><style>@media print{p{color:red}}</style></head>
<body><a id="top"></a><p>Hi &lt;Ann&gt; <a href="https://acme.test/?a=1&amp;b=2">read</a>
<a href="#top">up</a> <a href="mailto:a@acme.test">a@acme.test</a> <a href="tel:+4912">call</a>
<a href="https://www.acme.test/x">acme.test</a> <a href="https://acme.test">https://shop.acme.test/</a>
<a href="https://acme.test/y"><img src="cid:1@acme.test" alt="Shop"></a>
<img src="https://acme.test/x.png" alt=""></p><code>f(){if(a){b()}}</code><!-- <img src="x.png"> {{ old }} --></body></html>`;

Deno.test("contentFindings() finds nothing wrong with a good mail", async () => {
  assert.deepEqual(await ofHtml(GOOD), []);
});

const HTML: readonly (readonly [string, string])[] = [
  [
    '<img src="https://a.test/x.png">',
    "html.no-alt: 1 image has no alt text: https://a.test/x.png",
  ],
  ['<img src="logo.png" alt="x">', "html.broken-image: 1 image cannot be loaded: logo.png"],
  [
    '<img alt="x" src="data:image/png;base64,AA==">',
    "html.data-image: 1 image is written as a data: URL",
  ],
  [
    '<img alt="x" src="http://a.test/x.png">',
    "html.http-image: 1 image is not encrypted: http://a.test/x.png",
  ],
  [
    '<table background="bg.png"><tr><td style="background:url(&quot;x.png&quot;)">x</td></tr></table>',
    "html.broken-image: 2 images cannot be loaded: bg.png, x.png",
  ],
  [
    '<style>p{background:url(http://a.test/x.png)} @import "http://a.test/a.css";</style>',
    "html.http-image: 1 image is not encrypted: http://a.test/x.png",
  ],
  [
    '<img alt="x" src="https://a.test/x.png" srcset="http://a.test/x.png 2x">',
    "html.http-image: 1 image is not encrypted: http://a.test/x.png",
  ],
  ['<a href="http://a.test/">x</a>', "html.http-link: 1 link is not encrypted: http://a.test/"],
  ['<a href="">Shop</a> <a href="#">Sale</a>', "html.empty-link: 2 links lead nowhere: Shop, Sale"],
  ['<a href="www.a.test">Shop</a>', "html.relative-link: 1 link has no scheme: www.a.test"],
  [
    '<a href="https://a.test/"> </a>',
    "html.link-without-text: 1 link has no text: https://a.test/",
  ],
  [
    '<a href="https://a.test/"><img src="https://a.test/x.png" alt=""></a>',
    "html.link-without-text: 1 link has no text: https://a.test/",
  ],
  [
    '<a href="https://track.test/1">https://acme.test/news</a>',
    "html.misleading-link: 1 link shows one site and leads to another: https://acme.test/news -> https://track.test/1",
  ],
  ["<script>x()</script><iframe></iframe>", "html.removed: The HTML contains <script>, <iframe>"],
  [`<p>${"x".repeat(105_000)}</p>`, "html.clipped: The HTML is 105 kB"],
  [
    "<p>Dear {{ Name }}</p>",
    "content.braces: A mail shows template syntax: 'Dear {{ Name }}' in the HTML",
  ],
];
for (const [html, expected] of HTML) {
  Deno.test(`contentFindings() of ${html.slice(0, 60)}`, async () => {
    assert.deepEqual(await ofHtml(html), [expected]);
  });
}

Deno.test("contentFindings() finds an empty text part, and a file that Gmail never accepts", async () => {
  assert.deepEqual(await ofHtml("<p>x</p>", " \r\n"), ["content.no-text: The text part is empty"]);
  const unseen = await ofHtml("<p>x</p>", "\u200b\r\n");
  assert.deepEqual(unseen, ["content.no-text: The text part is empty"]);
  const mail = await PostalMime.parse(
    "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n" +
      '--b\r\nContent-Type: application/x-msdownload\r\nContent-Disposition: attachment; filename="a.EXE"\r\n\r\nx\r\n' +
      '--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename="a.pdf"\r\n\r\nx\r\n--b--\r\n',
  );
  assert.deepEqual([...contentFindings(mail, WHERE)].map(({ check }) => check), [
    "content.blocked-file",
  ]);
});

Deno.test("leftBraces() and contentFindings() are not slowed down by what a cell contains", async () => {
  const start = performance.now();
  for (
    const html of ["<!--".repeat(100_000), "<li><option>".repeat(80_000), "<style ".repeat(60_000)]
  ) {
    assert.equal(leftBraces({ html }), undefined);
    await ofHtml(html);
  }
  // It used to take minutes.
  assert(performance.now() - start < 10_000);
  assert.equal(leftBraces({ html: '<p title="{{ b }}">' }), "'title={{ b }}' in the HTML");
  assert.equal(leftBraces({ html: "<script>{{ b }}</script><!-- {{ b }} -->" }), undefined);
});

Deno.test("leftBraces() is not misled by the braces that end two rules of a style sheet", () => {
  assert.equal(leftBraces({ html: "<style>@media x{p{a:b}}</style>" }), undefined);
  assert.equal(leftBraces({ text: "{{ never closed" }), undefined);
  assert.equal(leftBraces({ subject: "a {{ b }}" }), "'a {{ b }}' in the subject");
  assert.equal(leftBraces({ text: "x {% if %}" }), "'x {% if %}' in the text");
});

Deno.test("htmlFacts() reads any text without throwing, and links that are never closed", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(..."<>/=\"'-!&;# \n\0é", "a", "img", "href", "script") }),
      (html) => void htmlFacts(html),
    ),
  );
  assert.equal(htmlFacts('<a href="x">'.repeat(2_000)).links.length, 2_000);
});

const HEADER = "From: news@acme.test\r\nSubject: News\r\n";
const LEAVING = "List-Unsubscribe: <mailto:u@acme.test>,\r\n <https://acme.test/u/1>\r\n" +
  "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n";

async function ofHeader(header: string, recipients: number, body = "https://acme.test/u/1") {
  const mail = await PostalMime.parse(`${header}\r\n${body}\r\n`);
  return [...headerFindings(mail, recipients, WHERE)]
    .map(({ level, check }: Finding) => `${level} ${check}`);
}

Deno.test("headerFindings() expects one-click unsubscribing in a campaign to more than 5,000", async () => {
  assert.deepEqual(await ofHeader(HEADER + LEAVING, 5_001), []);
  assert.deepEqual(await ofHeader(HEADER, 5_001), ["warning unsubscribe.missing"]);
  assert.deepEqual(await ofHeader(HEADER, 5_000), ["note unsubscribe.missing"]);
  const [, post] = LEAVING.split("\r\nList-Unsubscribe-Post: ");
  for (
    const bad of [
      "List-Unsubscribe: <mailto:u@acme.test>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
      "List-Unsubscribe: <http://acme.test/u/1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
      "List-Unsubscribe: <https://acme.test/u/1>\r\n",
      LEAVING.replace(post!, "yes\r\n"),
    ]
  ) {
    assert.deepEqual(
      await ofHeader(HEADER + bad, 9_000),
      ["warning unsubscribe.not-one-click"],
      bad,
    );
  }
  assert.deepEqual(await ofHeader(HEADER + LEAVING, 9_000, "no link"), [
    "note unsubscribe.not-in-body",
  ]);
});

Deno.test("headerFindings() finds a subject that pretends to be a reply, and a sender nobody can reply to", async () => {
  const header = (subject: string, more = "") =>
    `From: news@acme.test\r\nSubject: ${subject}\r\n${more}${LEAVING}`;
  for (const subject of ["Re: your order", "FW: news", "Fwd:x"]) {
    assert.deepEqual(await ofHeader(header(subject), 1), ["warning subject.no-reply"], subject);
  }
  assert.deepEqual(await ofHeader(header("Re: x", "In-Reply-To: <1@a.test>\r\n"), 1), []);
  for (const subject of ["Reminder: x", "Regarding you", "Forward: x"]) {
    assert.deepEqual(await ofHeader(header(subject), 1), [], subject);
  }
  const from = `From: no-reply@acme.test\r\nSubject: x\r\n${LEAVING}`;
  assert.deepEqual(await ofHeader(from, 1), ["note from.no-reply"]);
  assert.deepEqual(await ofHeader(`Reply-To: a@acme.test\r\n${from}`, 1), []);
});
