import assert from "node:assert/strict";
import { parseMail } from "../../src/preview/parsed_mail.ts";

const see = (text: string) => parseMail(new TextEncoder().encode(text.replaceAll("\n", "\r\n")));
const html = (body: string) =>
  see(`Subject: x\nContent-Type: text/html; charset=utf-8\n\n${body}\n`);

const RELATED = `Subject: =?utf-8?B?Wm/Dqw==?= and
 more
X-Long: a
 b
Content-Type: multipart/mixed; boundary=m

--m
Content-Type: multipart/related; boundary=r

--r
Content-Type: text/html; charset=utf-8

<p>Hi<img src="cid:a@x"><img src='CID:a%2Bb@x'></p>
--r
Content-Type: image/png; name=a.png
Content-ID: <a@x>
Content-Transfer-Encoding: base64

AAEC
--r
Content-Type: image/svg+xml; name=b.svg
Content-ID: <a+b@x>
Content-Transfer-Encoding: base64

PHN2Zy8+
--r--
--m
Content-Type: application/pdf
Content-Disposition: attachment; filename*=utf-8''%D0%9F%D1%80.pdf
Content-Transfer-Encoding: base64

JVBERg==
--m--
`;

Deno.test("parseMail() decodes headers, parts and files as a mail program does", async () => {
  const seen = await see(RELATED);
  assert.equal(seen.subject, "Zoë and more");
  assert.deepEqual(seen.headers.slice(0, 2), [["Subject", "Zoë and more"], ["X-Long", "a b"]]);
  assert.match(seen.html ?? "", /^<p>Hi/);
  assert.equal(seen.text, undefined);
  assert.deepEqual(seen.files, [
    { name: "a.png", type: "image/png", size: 3, inline: true },
    { name: "b.svg", type: "image/svg+xml", size: 6, inline: true },
    { name: "Пр.pdf", type: "application/pdf", size: 4, inline: false },
  ]);
  assert.deepEqual(seen.images.map(({ contentId, type }) => [contentId, type]), [
    ["a@x", "image/png"],
    ["a+b@x", "image/svg+xml"],
  ]);
  assert.deepEqual([...seen.images[0]!.bytes], [0, 1, 2]);
});

Deno.test("parseMail() lists the links with their visible text", async () => {
  const { links } = await html(
    `<a href="https://x.test/?a=1&amp;b=2">One\n <b>two</b></a> <a name=here>no link</a> <a href=" mailto:a@x.test "><img src=x.png alt=Write></a>`,
  );
  assert.deepEqual(links, [
    { text: "One two", target: "https://x.test/?a=1&b=2" },
    { text: "Write", target: "mailto:a@x.test" },
  ]);
});

for (
  const [what, body] of [
    ["an image", `<img src="https://cdn.test/a.png">`],
    ["an image without scheme", `<img src="//cdn.test/a.png">`],
    ["a candidate of srcset", `<img srcset="a.png 1x, https://cdn.test/a.png 2x">`],
    ["a background", `<td background=http://cdn.test/a.png>`],
    ["a style attribute", `<p style="background: url('https://CDN.test/a.png')">`],
    ["a style element", `<style>@import "https://cdn.test/a.css"; p { color: red }</style>`],
    ["a font", `<style>@font-face { src: url( https://cdn.test/a.woff ) }</style>`],
    ["a linked style sheet", `<link rel=stylesheet href=https://cdn.test/a.css>`],
  ] as const
) {
  Deno.test(`parseMail() names the host that ${what} would be loaded from`, async () => {
    assert.deepEqual((await html(body)).remote, ["cdn.test"]);
  });
}

Deno.test("parseMail() takes no link, text or content of the mail for remote", async () => {
  const { remote } = await html(
    `<a href="https://x.test/">https://x.test/a.png</a> <img src="cid:a@x"> <img src="data:,x">`,
  );
  assert.deepEqual(remote, []);
});

Deno.test("parseMail() shortens long runs of base64 in the source, and nothing else", async () => {
  const line = "QUJD".repeat(19);
  const { source } = await see(`Subject: x\n\nbefore\n${`${line}\n`.repeat(100)}after\n`);
  assert.equal(
    source,
    `Subject: x\n\nbefore\n${`${line}\n`.repeat(3)}[… 94 lines of base64: the file has them]\n${
      `${line}\n`.repeat(3)
    }after\n`,
  );
  const short = `Subject: x\n\n${`${line}\n`.repeat(6)}`;
  assert.equal((await see(short)).source, short);
});
