import assert from "node:assert/strict";
import PostalMime from "postal-mime";
import type { Mail } from "../../src/model/mail.ts";
import { readToken, TokenSecret } from "../../src/compose/unsubscribe/unsubscribe_token.ts";
import {
  composerOf,
  EIGHT_BIT,
  FROM,
  headersOf,
  inputErrorOf,
  mailOf,
  reasonOf,
  recipientOf,
  textOf,
} from "./support.ts";

const SECRET = new TokenSecret("0123456789abcdef0123456789abcdef", "the secret");
const URL = "https://news.example/mail/";
const NAMES = ["Name", "Email"];
const ROW = ["Ann", "ann@example.com"];

/** The values of the headers of lists, by name, unfolded. */
function listHeaders(mail: Mail): Record<string, string> {
  return Object.fromEntries(
    headersOf(mail).map((line) => /^((?:List|Feedback|Precedence)[\w-]*): (.*)$/.exec(line))
      .filter((found) => found !== null).map(([, name, value]) => [name, value]),
  );
}

Deno.test("--unsubscribe-url puts each recipient's own link into the header and the body", async () => {
  const composer = await composerOf(
    `${FROM}Subject: x\n\n[Leave]({{ unsubscribe_url }}) {{ unsubscribe_url | upcase | size }}\n`,
    NAMES,
    { file: "mail.md", mailingList: { unsubscribeUrl: URL, unsubscribeSecret: SECRET } },
  );
  const links = new Set<string>();
  for (const address of ["ann@example.com", "bob@example.com"]) {
    const mail = mailOf(composer, ["Ann", address], { address });
    const headers = listHeaders(mail);
    const link = /^<(https:\/\/news\.example\/mail\/u\/([\w-]+))>$/.exec(
      headers["List-Unsubscribe"]!,
    )!;
    assert.deepEqual(readToken(SECRET, link[2]!), { campaign: "spring", key: address });
    assert.equal(headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click");
    const read = await PostalMime.parse(mail.bytes);
    assert.ok(read.html!.includes(`<a href="${link[1]}">Leave</a>`));
    assert.equal(read.text, `Leave [${link[1]}] ${link[1]!.length}\n`);
    links.add(link[1]!);
  }
  assert.equal(links.size, 2);
});

Deno.test("A URL with Liquid is a link of the user's own, its values percent-encoded", async () => {
  const composer = await composerOf(
    `${FROM}Subject: x\n\n<a href="{{ unsubscribe_url }}">x</a>\n`,
    NAMES,
    {
      file: "mail.html",
      mailingList: {
        unsubscribeUrl: "https://x.example/leave?mail={{ Email }}&name={{ row.1 | upcase }}",
        unsubscribeMailto: "leave@acme.example",
      },
    },
  );
  assert.deepEqual(composer.required, [0, 1]);
  const mail = mailOf(composer, [`a&b="c>\r\nBcc: v@x.de`, "ann+1@example.com"]);
  const url = "https://x.example/leave?mail=ann%2B1%40example.com" +
    "&name=A%26B%3D%22C%3E%0D%0ABCC%3A%20V%40X.DE";
  assert.deepEqual(listHeaders(mail), {
    "List-Unsubscribe": `<${url}>, <mailto:leave@acme.example?subject=unsubscribe>`,
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
  });
  assert.ok(textOf(mail).includes(`<a href="${url.replaceAll("&", "&amp;")}">`));
});

Deno.test("A user's own link that is not an https URL makes its row invalid", async () => {
  const composer = await composerOf(`${FROM}Subject: x\n\nx\n`, NAMES, {
    mailingList: { unsubscribeUrl: "{{ Name | raw }}" },
  });
  const table = [
    "http://x.example",
    "javascript:alert(1)",
    "https://x.example/>, <mailto:v@x.de",
    "https://x.example/a b",
    "https://x.example/é",
    "https://x.example/\r\nBcc: v@x.de",
    `https://x.example/${"x".repeat(1000)}`,
  ];
  for (const link of table) {
    const mail = composer.compose(recipientOf([link, "ann@example.com"]), EIGHT_BIT);
    assert.match(reasonOf(mail) ?? "", /^Unsubscribe link is not an https URL: '/, link);
  }
  mailOf(composer, ["https://x.example/?id=7", "ann@example.com"]);
});

Deno.test("--unsubscribe-mailto alone does not require one-click", async () => {
  const composer = await composerOf(`${FROM}Subject: x\n\nx\n`, NAMES, {
    mailingList: { unsubscribeMailto: "leave@acme.example" },
  });
  assert.deepEqual(listHeaders(mailOf(composer, ROW)), {
    "List-Unsubscribe": "<mailto:leave@acme.example?subject=unsubscribe>",
  });
});

Deno.test("Options come before a template's own List-Unsubscribe, List-Id and Feedback-ID", async () => {
  const template =
    `${FROM}Subject: x\nList-Unsubscribe: <https://old.example/{{ Name }}>\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n` +
    "List-Id: Old News <old.example>\nFeedback-ID: {{ campaign }}:old\nPrecedence: bulk\n\nx\n";
  assert.deepEqual(listHeaders(mailOf(await composerOf(template), ROW)), {
    "List-Unsubscribe": "<https://old.example/Ann>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    "List-Id": "Old News <old.example>",
    "Feedback-ID": "spring:old",
    "Precedence": "bulk",
  });
  const composer = await composerOf(template, NAMES, {
    mailingList: {
      unsubscribeMailto: "leave@acme.example",
      listId: "new.example",
      feedbackId: "{{ campaign }}:{{ Name }}",
    },
  });
  assert.deepEqual(listHeaders(mailOf(composer, ROW)), {
    "List-Unsubscribe": "<mailto:leave@acme.example?subject=unsubscribe>",
    "List-Id": "<new.example>",
    "Feedback-ID": "spring:Ann",
    "Precedence": "bulk",
  });
});

Deno.test("compileTemplate() reports what is wrong with the unsubscribe options", async () => {
  const compile = (mailingList: object, body = "x") => () =>
    composerOf(`${FROM}Subject: x\n\n${body}\n`, NAMES, { mailingList });
  const table: [compile: () => unknown, said: RegExp][] = [
    [
      compile({}, "{{ unsubscribe_url }}"),
      /mail\.txt:4:4: 'unsubscribe_url' is not set\n/,
    ],
    [
      compile({ unsubscribeMailto: "a@b.de" }, "{{ unsubscribe_url }}"),
      /'unsubscribe_url' is not set\n {2}Set --unsubscribe-url, or url under \[unsubscribe\]/,
    ],
    [compile({ unsubscribeUrl: URL }), /^--unsubscribe-url needs a secret.*\n.*UNSUBSCRIBE_SECRET/],
    [
      compile({ unsubscribeUrl: "http://x.example", unsubscribeSecret: SECRET }),
      /^--unsubscribe-url must be an https URL/,
    ],
    [
      compile({ unsubscribeUrl: "https://x.example/{{ Nme }}" }),
      /^--unsubscribe-url:1:22: Unknown variable 'Nme'\n {2}Did you mean 'Name'/,
    ],
    [compile({ unsubscribeMailto: "Ann <a@b.de>" }), /^--unsubscribe-mailto must be an address/],
    [compile({ unsubscribeMailto: "a@b.de\r\nBcc: v@x.de" }), /^--unsubscribe-mailto must be/],
    [compile({ listId: "news" }), /^--list-id: List-Id must be the same name in every mail/],
    [compile({ listId: "{{ Name }} <a.b>" }), /^--list-id: List-Id must be the same name/],
  ];
  for (const [compile, said] of table) assert.match(await inputErrorOf(compile), said);
});

Deno.test("List-Id holds a name and an id, folded and encoded, the name quoted once, and no other text", async () => {
  const word = "word ".repeat(15);
  const table: [text: string, line: string | undefined][] = [
    ["news.acme.example", "<news.acme.example>"],
    ["<news.acme.example>", "<news.acme.example>"],
    ["Acme, News <news.acme.example>", `"Acme, News" <news.acme.example>`],
    [`"Acme, News" <news.acme.example>`, `"Acme, News" <news.acme.example>`],
    [`"Acme \\"1\\" News" <news.example>`, `"Acme \\"1\\" News" <news.example>`],
    ["Acme News (EU) <news.example>", `"Acme News (EU)" <news.example>`],
    ["Новости <news.example>", "=?utf-8?B?0J3QvtCy0L7RgdGC0Lg=?= <news.example>"],
    [`"Новости" <news.example>`, "=?utf-8?B?0J3QvtCy0L7RgdGC0Lg=?= <news.example>"],
    [`${word}<news.example>`, `${word}<news.example>`],
    ["news", undefined],
    ["a b.example", undefined],
    ["<a.b>, <c.d>", undefined],
    ["<a.b> News", undefined],
    [`"Acme <a.b>`, undefined],
    [`<${"a.".repeat(200)}b>`, undefined],
  ];
  for (const [listId, line] of table) {
    const compile = () =>
      composerOf(`${FROM}Subject: x\n\nx\n`, NAMES, { mailingList: { listId } });
    if (line === undefined) {
      assert.match(await inputErrorOf(compile), /^--list-id(:1:\d+)?: List-Id /, listId);
      continue;
    }
    const mail = mailOf(await compile(), ROW);
    assert.equal(listHeaders(mail)["List-Id"], line, listId);
    assert.ok(textOf(mail).split("\r\n").every(({ length }) => length <= 78));
  }
});

Deno.test("Preheader: is hidden text at the top of the HTML, and no header", async () => {
  const head = `${FROM}Subject: x\nPreheader: {{ Name }} & {{ City | default: "you" }}\n\n`;
  const names = ["Name", "City", "Email"];
  const bodies: [file: string, body: string, before: RegExp][] = [
    ["mail.md", "Hello\n", /<body[^>]*>\n$/],
    ["mail.html", "<html><body class='a>b'><p>x</p></body></html>", /<body class='a>b'>\n$/],
    ["mail.html", "<html><head></head><p>x</p></html>", /<\/head>\n$/],
    ["mail.html", "<!DOCTYPE html><html lang='de'><p>x</p></html>", /<html lang='de'>\n$/],
  ];
  for (const [file, body, before] of bodies) {
    const composer = await composerOf(head + body, names, { file });
    assert.deepEqual(composer.required, [0]);
    const mail = mailOf(composer, ["<Ann>\r\n", "", "ann@example.com"]);
    assert.ok(!headersOf(mail).some((line) => /^preheader/i.test(line)));
    const { html = "", text } = await PostalMime.parse(mail.bytes);
    const [start = "", ...rest] = html.split('<div class="preheader" style="display:none');
    assert.match(start, before);
    assert.equal(rest.length, 1);
    assert.match(rest[0]!, /^[^>]*>&lt;Ann&gt; &amp; you\n&#847;/);
    assert.doesNotMatch(text!, /Ann|you/);
  }
  assert.match(
    await inputErrorOf(() => composerOf(`${head}x`, names)),
    /mail\.txt:3:1: A plain text template cannot have a preheader/,
  );
});
