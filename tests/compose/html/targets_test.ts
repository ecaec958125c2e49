import assert from "node:assert/strict";
import { inputErrorOf } from "../support.ts";
import { htmlOf, page } from "./page.ts";

const FILES = { "a.png": "a", "b.png": "b", "c d.png": "c", "css/x.png": "x" };

/** The HTML of the body with each image's address as its number, in order of the addresses' first use. */
async function numbered(body: string, files: Record<string, string> = FILES): Promise<string> {
  const html = await htmlOf(page(body), { files });
  const seen: string[] = [];
  return html.slice(html.indexOf("<body>") + 6, html.indexOf("</body>"))
    .replaceAll(/cid:[0-9a-f]{32}@acme\.example/g, (url) => {
      if (!seen.includes(url)) seen.push(url);
      return `cid:${seen.indexOf(url) + 1}`;
    });
}

Deno.test("A file of the folder is embedded wherever a mail program looks for an image", async () => {
  const cases: readonly (readonly [written: string, mail: string])[] = [
    [`<img src="a.png" srcset="b.png 2x, a.png">`, `<img src="cid:1" srcset="cid:2 2x, cid:1">`],
    [
      `<img srcset="b.png 1x,c%20d.png 2x, https://x.example/y.png 3x">`,
      `<img srcset="cid:1 1x,cid:2 2x, https://x.example/y.png 3x">`,
    ],
    [
      `<picture><source srcset=a.png media="(min-width: 9px)"></picture>`,
      `<picture><source srcset="cid:1" media="(min-width: 9px)"></picture>`,
    ],
    [
      `<table background="a.png"><tr><td background='b.png'>x</td></tr></table>`,
      `<table background="cid:1"><tr><td background='cid:2'>x</td></tr></table>`,
    ],
    [
      `<video poster="a.png" src="https://x.example/v.mp4"></video>`,
      `<video poster="cid:1" src="https://x.example/v.mp4"></video>`,
    ],
    [`<input type="IMAGE" src="a.png">`, `<input type="IMAGE" src="cid:1">`],
    [
      `<p style="background:url(a.png)">x</p><p style="background:url(&quot;b.png&quot;)">x</p>`,
      `<p style="background:url(cid:1)">x</p><p style="background:url(&quot;cid:2&quot;)">x</p>`,
    ],
    [
      `<p style="background: url( 'c d.png' ) no-repeat, image-set('a.png' 1x)">x</p>`,
      `<p style="background: url( 'cid:1' ) no-repeat, image-set('cid:2' 1x)">x</p>`,
    ],
    [
      `<style>.q{background:url(a.png)} /* url(none.png) */ .r{content:"url(none.png)"}</style>`,
      `<style>.q{background:url(cid:1)} /* url(none.png) */ .r{content:"url(none.png)"}</style>`,
    ],
    [
      `<!--[if mso]><v:rect><v:fill type="frame" src="a.png"/></v:rect><v:image src="b.png"/><![endif]-->`,
      `<!--[if mso]><v:rect><v:fill type="frame" src="cid:1"/></v:rect><v:image src="cid:2"/><![endif]-->`,
    ],
    [
      `<svg><image xlink:href="a.png"/><image href="b.png"/></svg>`,
      `<svg><image xlink:href="cid:1"/><image href="cid:2"/></svg>`,
    ],
    [`<img src="{% if Name %}a.png{% else %}b.png{% endif %}">`, `<img src="cid:1">`],
    [
      `<p style="background:url(data:image/svg+xml;charset=utf8,%3Csvg xmlns=%27http://www.w3.org/2000/svg%27%3E)">x</p>`,
      `<p style="background:url(data:image/svg+xml;charset=utf8,%3Csvg xmlns=%27http://www.w3.org/2000/svg%27%3E)">x</p>`,
    ],
    [
      `<p title=it's>x</p><img alt="a width=600 b" src=a.png>`,
      `<p title=it's>x</p><img alt="a width=600 b" src="cid:1">`,
    ],
    [
      `<!-- <img src="none.png"> --><textarea><img src="none.png"></textarea>`,
      `<!-- <img src="none.png"> --><textarea><img src="none.png"></textarea>`,
    ],
  ];
  for (const [written, mail] of cases) assert.equal(await numbered(written), mail, written);
});

Deno.test("A file that no mail can show, and one that is not there, are errors with their place", async () => {
  const cases: readonly (readonly [body: string, expected: RegExp])[] = [
    [
      `<img src="a.png" srcset="a.png 1x, none.png 2x">`,
      /:5:77: Image not found in the template's folder: 'none\.png'/,
    ],
    [`<p style="background:url(none.png)">`, /:5:67: Image not found in the template's folder/],
    [`<table background="none.png">`, /:5:61: Image not found/],
    [`<!--[if mso]><v:fill src="none.png"/><![endif]-->`, /:5:68: Image not found/],
    [
      `<video src="v.mp4"></video>`,
      /A video, sound, page or script cannot be part of a mail: found 'v\.mp4'/,
    ],
    [
      `<style>@import "b.css";</style>`,
      /An imported style sheet cannot be part of a mail: found 'b\.css'/,
    ],
    [
      `<style>@font-face{font-family:x;src:url(x.woff)}</style>`,
      /A font cannot be part of a mail: found 'x\.woff'/,
    ],
    [
      `<img src="pictures/{{ Name }}.png">`,
      /An image's file cannot depend on the row: found 'pictures\/\{\{ Name \}\}\.png'/,
    ],
    [`<p style="background:url('x/{{ Name }}.png')">`, /An image's file cannot depend on the row/],
  ];
  for (const [body, expected] of cases) {
    assert.match(await inputErrorOf(() => htmlOf(page(body), { files: FILES })), expected, body);
  }
});

Deno.test("A linked style sheet keeps its media, and its images are relative to it", async () => {
  const files = {
    ...FILES,
    "css/mail.css": "p{background:url(x.png)}\r\nq::before{content:'</style>'}",
  };
  const html = await htmlOf(
    `<!DOCTYPE html><link rel=stylesheet media="screen" href="css/mail.css"><p>x</p>`,
    { files },
  );
  assert.match(
    html,
    /^<!DOCTYPE html><style media="screen">\np\{background:url\((cid:[^)]*)\)\}\nq::before\{content:'<\\\/style>'\}\n<\/style><p style="background:url\(\1\)">x<\/p>\n$/,
  );
});
