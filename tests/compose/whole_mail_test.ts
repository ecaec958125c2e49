import assert from "node:assert/strict";
import PostalMime from "postal-mime";
import { compileTemplate } from "../../src/compose/composer.ts";
import { columnsOf, EIGHT_BIT, FROM, mailOf, recipientOf, structureOf } from "./support.ts";

const PNG = Uint8Array.from({ length: 5000 }, (_, index) => index * 7);
const JPEG = Uint8Array.from({ length: 777 }, (_, index) => index * 3);
const TERMS = Uint8Array.from({ length: 12_345 }, (_, index) => index);

/** A campaign with all that a mail can hold. */
const TEMPLATE = `${FROM}Subject: Счёт для {{ Name }}
Preheader: До пятницы, {{ Name }}
Attachment: Условия договора.pdf
Attachment: счета/{{ Id }}.pdf

<style>h1 { color: #036 } @media (max-width: 600px) { h1 { font-size: 20px !important } }</style>

# Привет, {{ Name }}!

![Наш логотип](Логотип.png) ![](<my photo.jpg>) ![](Логотип.png)

| Счёт | Сумма |
|------|-------|
| {{ Id }} | 100 |
`;

async function withCampaign(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/счета`);
    await Deno.writeFile(`${folder}/Логотип.png`, PNG);
    await Deno.writeFile(`${folder}/my photo.jpg`, JPEG);
    await Deno.writeFile(`${folder}/Условия договора.pdf`, TERMS);
    await Deno.writeTextFile(`${folder}/счета/7.pdf`, "seven");
    await Deno.writeTextFile(`${folder}/счета/8.pdf`, "number eight");
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function composerIn(folder: string) {
  return await compileTemplate({
    template: { file: `${folder}/mail.md`, text: TEMPLATE },
    columns: columnsOf("Name", "Id", "Email"),
    campaign: "spring",
  });
}

Deno.test("A mail with styles, two images, a static and a personal attachment is read correctly by postal-mime", async () => {
  await withCampaign(async (folder) => {
    const composer = await composerIn(folder);
    const mail = mailOf(composer, ["Аня <b>", "7", "ann@example.com"]);
    const read = await PostalMime.parse(mail.bytes);
    assert.equal(read.subject, "Счёт для Аня <b>");
    assert.deepEqual(
      read.attachments.map(({ filename, mimeType, disposition, content }) => [
        filename,
        mimeType,
        disposition,
        new Uint8Array(content as ArrayBuffer).length,
      ]),
      [
        ["Логотип.png", "image/png", "inline", PNG.length],
        ["my photo.jpg", "image/jpeg", "inline", JPEG.length],
        ["Условия договора.pdf", "application/pdf", "attachment", TERMS.length],
        ["7.pdf", "application/pdf", "attachment", 5],
      ],
    );
    const [logo, photo] = read.attachments;
    assert.deepEqual(new Uint8Array(logo!.content as ArrayBuffer), PNG);
    const shown = Array.from(read.html!.matchAll(/src="cid:([^"]*)"/g), ([, id]) => `<${id}>`);
    assert.deepEqual(shown, [logo!.contentId, photo!.contentId, logo!.contentId]);
    assert.match(logo!.contentId!, /^<[0-9a-f]{32}@acme\.example>$/);
    assert.match(read.html!, /<h1 style="color:#036">Привет, Аня &lt;b&gt;!<\/h1>/);
    assert.match(read.html!, /@media \(max-width: 600px\)/);
    assert.match(read.html!, /<body[^>]*>\n<div [^>]*display:none[^>]*>До пятницы, Аня &lt;b&gt;/);
    assert.doesNotMatch(read.text!, /До пятницы|cid:|color/);
    assert.match(read.text!, /^Привет, Аня <b>!\n/);
  });
});

Deno.test("A mail with styles, two images, a static and a personal attachment is read correctly by Python's email", async () => {
  await withCampaign(async (folder) => {
    const composer = await composerIn(folder);
    const mails = ["7", "8"].map((id) => mailOf(composer, ["Аня", id, "ann@example.com"]));
    const [first, second] = await structureOf(mails);
    assert.deepEqual(first, {
      defects: [],
      parts: [
        ["multipart/mixed", null, null],
        ["multipart/related", null, null],
        ["multipart/alternative", null, null],
        ["text/plain", null, first!.parts[3]![2]],
        ["text/html", null, first!.parts[4]![2]],
        ["image/png", "Логотип.png", PNG.length],
        ["image/jpeg", "my photo.jpg", JPEG.length],
        ["application/pdf", "Условия договора.pdf", TERMS.length],
        ["application/pdf", "7.pdf", 5],
      ],
    });
    assert.deepEqual(second!.parts.at(-1), ["application/pdf", "8.pdf", 12]);
  });
});

Deno.test("A file that a row's attachment lacks makes that row unmailable, and no other", async () => {
  await withCampaign(async (folder) => {
    const composer = await composerIn(folder);
    assert.deepEqual(composer.compose(recipientOf(["Аня", "9", "ann@example.com"]), EIGHT_BIT), {
      kind: "unmailable",
      reason: "Attachment not found in the template's folder: 'счета/9.pdf'",
    });
    mailOf(composer, ["Аня", "8", "ann@example.com"]);
  });
});

Deno.test("A mail is not nested more deeply than its parts require", async () => {
  await withCampaign(async (folder) => {
    const table: [file: string, text: string, structure: string[]][] = [
      ["mail.txt", "x", ["text/plain"]],
      ["mail.md", "x", ["multipart/alternative", "text/plain", "text/html"]],
      ["mail.md", "![](https://x.example/a.png)", [
        "multipart/alternative",
        "text/plain",
        "text/html",
      ]],
      ["mail.md", "![](Логотип.png)", [
        "multipart/related",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "image/png",
      ]],
    ];
    const mails = [];
    for (const [file, body] of table) {
      const composer = await compileTemplate({
        template: { file: `${folder}/${file}`, text: `${FROM}Subject: x\n\n${body}\n` },
        columns: columnsOf("Email"),
        campaign: "spring",
      });
      mails.push(mailOf(composer, ["ann@example.com"]));
    }
    // An attachment whose name is empty leaves no multipart/mixed behind.
    const optional = await compileTemplate({
      template: {
        file: `${folder}/mail.txt`,
        text: `${FROM}Subject: x\nAttachment: {{ File | default: "" }}\n\nx\n`,
      },
      columns: columnsOf("File", "Email"),
      campaign: "spring",
    });
    mails.push(
      mailOf(optional, ["", "ann@example.com"]),
      mailOf(optional, ["счета/7.pdf", "a@b.de"]),
    );
    const found = await structureOf(mails);
    assert.deepEqual(found.map(({ parts }) => parts.map(([type]) => type)), [
      ...table.map(([, , structure]) => structure),
      ["text/plain"],
      ["multipart/mixed", "text/plain", "application/pdf"],
    ]);
  });
});
