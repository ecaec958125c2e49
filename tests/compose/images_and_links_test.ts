import assert from "node:assert/strict";
import PostalMime from "postal-mime";
import { compileTemplate } from "../../src/compose/composer.ts";
import { linkTarget } from "../../src/compose/escaping/link_target.ts";
import { inFolder } from "../support/folder.ts";
import { columnsOf, composerOf, FROM, inputErrorOf, mailOf, textOf } from "./support.ts";

async function withImages(use: (folder: string) => Promise<void>): Promise<void> {
  await inFolder({}, async (outer) => {
    const folder = `${outer}/campaign`;
    await Deno.mkdir(`${folder}/.git`, { recursive: true });
    await Deno.writeTextFile(`${folder}/logo.png`, "logo");
    await Deno.writeTextFile(`${folder}/same.png`, "logo");
    await Deno.writeTextFile(`${folder}/a & b.png`, "ab");
    await Deno.writeTextFile(`${folder}/100%.png`, "percent");
    await Deno.writeTextFile(`${folder}/notes.txt`, "x");
    await Deno.writeTextFile(`${folder}/.git/x.png`, "x");
    await Deno.writeTextFile(`${outer}/secret.png`, "secret");
    await Deno.symlink(`${outer}/secret.png`, `${folder}/out.png`);
    await use(folder);
  });
}

function compileIn(folder: string, body: string, file = "mail.html") {
  return compileTemplate({
    template: { file: `${folder}/${file}`, text: `${FROM}Subject: x\n\n${body}` },
    columns: columnsOf("Name", "Email"),
    campaign: "spring",
  });
}

Deno.test("Images in the template's folder become parts, each once; others are left alone", async () => {
  await withImages(async (folder) => {
    const body = `<img src="logo.png"><IMG alt="a > b" SRC='./logo.png'><img src=same.png>` +
      `<img src="a &amp; b.png"><img src="a%20&%20b.png"><img src="100%.png">` +
      `<img src="https://x.example/{{ Name }}.png"><img src="//x.example/y.png"><img src="cid:z"><img src="data:image/png;base64,AA==">` +
      `<img src="{{ Name }}"><!--[if mso]><img src="logo.png"><![endif]-->`;
    const composer = await compileIn(folder, body);
    const mail = mailOf(composer, ["7", "ann@example.com"]);
    const read = await PostalMime.parse(mail.bytes);
    assert.deepEqual(read.attachments.map(({ filename }) => filename), [
      "logo.png",
      "a & b.png",
      "100%.png",
    ]);
    const [logo, ab, percent] = read.attachments.map(({ contentId }) =>
      `cid:${contentId!.slice(1, -1)}`
    );
    assert.deepEqual(
      Array.from(read.html!.matchAll(/src=(["'])(.*?)\1/gi), ([, , source]) => source),
      [
        ...[logo, logo, logo, ab, ab, percent],
        "https://x.example/7.png",
        "//x.example/y.png",
        "cid:z",
        "data:image/png;base64,AA==",
        "7",
        logo,
      ],
    );
    const again = mailOf(await compileIn(folder, body), ["7", "ann@example.com"]);
    assert.equal(textOf(again).match(/Content-ID.*/)![0], textOf(mail).match(/Content-ID.*/)![0]);
  });
});

Deno.test("An image that cannot be shown is an error of the template, with its place", async () => {
  await withImages(async (folder) => {
    const refused: [body: string, said: RegExp][] = [
      ["x\n<img src='none.png'>", /:5:11: Image not found in the template's folder: 'none\.png'$/],
      ["![x](none%20a.png)", /:4:6: Image not found in the template's folder: 'none a\.png'$/],
      ["![](../secret.png)", /:4:5: Image is outside the template's folder/],
      ["![](out.png)", /:4:5: Image is outside the template's folder/],
      ["![](/etc/passwd)", /:4:5: Image is outside the template's folder/],
      ["![](/dev/zero)", /:4:5: Image is outside the template's folder/],
      ["<img src='file:///etc/passwd'>", /:4:11: An image is a file of the template's folder or/],
      ["![](notes.txt)", /:4:5: Not an image: 'notes\.txt'/],
      ["![](.git/x.png)", /:4:5: Image is one of the campaign's own files, which are never sent/],
      ["![](.)", /Image is (outside|not a regular file)/],
      [
        "![](charts/{{ Name }}.png)",
        /:4:5: An image's file cannot depend on the row: found 'charts\/\{\{ Name \}\}\.png'/,
      ],
      [`{% include "part.md" %}`, /part\.md:2:5: Image not found in the template's folder/],
    ];
    await Deno.writeTextFile(`${folder}/part.md`, "\n![](none.png)");
    for (const [body, said] of refused) {
      assert.match(await inputErrorOf(() => compileIn(folder, body, "mail.md")), said);
    }
    await Deno.truncate(`${folder}/logo.png`, 18_000_001);
    assert.match(
      await inputErrorOf(() => compileIn(folder, "![](logo.png)", "mail.md")),
      /:4:5: Images are larger than 18 MB in total: 'logo\.png'/,
    );
  });
});

Deno.test("linkTarget() allows what a mail can link to, and nothing that runs code or reads files", () => {
  const harmless = [
    "",
    "https://x.example/?a=javascript:1",
    "HTTP://x.example",
    "mailto:a@b.de",
    "tel:+49",
    "sms:1",
    "cid:a@b",
    "//x.example/a:b",
    "page.html#a:b",
    "/a:b",
    "?a:b",
    "#a:b",
    "Zoë",
  ];
  for (const value of harmless) assert.equal(linkTarget(value), value, value);
  const harmful = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "\x01java\nscript\t:alert(1)",
    "\u00A0javascript:alert(1)",
    "data:text/html,<script>",
    "vbscript:x",
    "file:///etc/passwd",
    "javascript&#58;alert(1)",
    "javascript&colon;alert(1)",
    ":x",
  ];
  for (const value of harmful) assert.equal(linkTarget(value), "#", value);
});

Deno.test("A value that begins a link's target cannot make it one that runs something", async () => {
  const evil = "javascript:alert(1)";
  const table: [file: string, body: string, html: RegExp][] = [
    ["mail.md", "[x]({{ url }})", /<a href="#">x<\/a>/],
    ["mail.md", "[x]( {{ url | strip }} )", /<a href="#">x<\/a>/],
    [
      "mail.md",
      "[x](https://x.example/{{ url }})",
      /href="https:\/\/x\.example\/javascript:alert\(1\)"/,
    ],
    ["mail.html", "<a href='{{ url | raw }}'>x</a>", /<a href='#'>x<\/a>/],
    ["mail.html", "<a href={{ url }}>x</a>", /<a href="#">x<\/a>/],
    ["mail.html", '<a HREF="{% if url %}{{ url }}{% endif %}">x</a>', /<a HREF="#">x<\/a>/],
    ["mail.html", '<a href="{% echo url %}">x</a>', /<a href="#">x<\/a>/],
    ["mail.html", '<a {% if url %}href="{{ url }}"{% endif %}>x</a>', /<a href="#">x<\/a>/],
    ["mail.html", '{% assign u = url %}<a href="{{ u }}">x</a>', /<a href="#">x<\/a>/],
    ["mail.html", '<img src="{{ url }}">', /<img src="#">/],
    ["mail.html", '<form action="{{ url }}">', /<form action="#">/],
    ["mail.html", "<p>{{ url }}</p>", /<p>javascript:alert\(1\)<\/p>/],
  ];
  for (const [file, body, html] of table) {
    const composer = await composerOf(`${FROM}Subject: x\n\n${body}\n`, ["url", "Email"], { file });
    assert.match(textOf(mailOf(composer, [evil, "ann@example.com"])), html, body);
  }
  const halves = await composerOf(`${FROM}Subject: x\n\n<a href="{{ a }}{{ b }}">x</a>\n`, [
    "a",
    "b",
    "Email",
  ], { file: "mail.html" });
  const joined = textOf(mailOf(halves, ["javascript", ":alert(1)", "ann@example.com"]));
  assert.match(joined, /<a href="javascript#">/);
  const good = await composerOf(`${FROM}Subject: x\n\n[x]({{ url }})\n`, ["url", "Email"], {
    file: "mail.md",
  });
  assert.match(
    textOf(mailOf(good, ["https://x.example/?a=1&b", "ann@example.com"])),
    /<a href="https:\/\/x\.example\/\?a=1&amp;b">/,
  );
});

Deno.test("A value without quotes around it cannot add an attribute", async () => {
  const composer = await composerOf(
    `${FROM}Subject: x\n\n<p title={{ Name }} class=a{{ Name }}b>x</p>\n`,
    ["Name", "Email"],
    { file: "mail.html" },
  );
  const html = textOf(mailOf(composer, ["x onclick=alert(1)", "ann@example.com"]));
  assert.match(html, /<p title="x onclick=alert\(1\)" class="ax onclick=alert\(1\)b">/);
});
