import assert from "node:assert/strict";
import fc from "fast-check";
import {
  composerOf,
  FROM,
  headersOf,
  inputErrorOf,
  mailOf,
  reasonOf,
  recipientOf,
  SEVEN_BIT,
  textOf,
} from "./support.ts";

const NAMES = ["Name", "lang", "Email"];
const BY_ROW = `${FROM}Content-Language: {{ lang }}\nSubject: x\n\n<p>x</p>\n`;

const row = (lang: string): string[] => ["Ann", lang, "ann@example.com"];

Deno.test("Content-Language comes from the row, is left out for an empty cell, and a wrong tag makes the row invalid", async () => {
  const composer = await composerOf(BY_ROW, NAMES, { file: "mail.html" });
  assert.deepEqual(composer.required, []);
  const table: readonly (readonly [cell: string, line: string | undefined])[] = [
    ["de", "Content-Language: de"],
    [" pt-BR ", "Content-Language: pt-BR"],
    ["zh-Hant-TW", "Content-Language: zh-Hant-TW"],
    ["x-klingon", "Content-Language: x-klingon"],
    ["", undefined],
    [" \u00a0", undefined],
  ];
  for (const [cell, line] of table) {
    const headers = headersOf(mailOf(composer, row(cell)));
    assert.equal(headers.find((one) => one.startsWith("Content-Language")), line, cell);
  }
  for (
    const cell of [
      "de_AT",
      "de, en",
      "d",
      "deutschsprachig",
      "12",
      "de-",
      "Grüezi",
      "de\r\nBcc: a@b.de",
    ]
  ) {
    const reason = reasonOf(composer.compose(recipientOf(row(cell)), SEVEN_BIT));
    assert.match(reason!, /^Content-Language must be a tag such as 'de' or 'pt-BR': found '/, cell);
  }
});

Deno.test("A Content-Language that depends on the row does not touch the HTML, and a constant one does", async () => {
  const byRow = textOf(mailOf(await composerOf(BY_ROW, NAMES, { file: "mail.html" }), row("de")));
  assert.match(byRow, /<html>/);
  const constant = BY_ROW.replace("{{ lang }}", "de-AT");
  assert.match(
    textOf(mailOf(await composerOf(constant, NAMES, { file: "mail.html" }), row("fr"))),
    /<html lang="de-AT">/,
  );
});

Deno.test("A constant Content-Language that is no tag is refused, with the right form", async () => {
  const said = await inputErrorOf(() => composerOf(BY_ROW.replace("{{ lang }}", "de_AT"), NAMES));
  assert.equal(
    said,
    "mail.txt:2:1: Content-Language must be a tag such as 'de' or 'pt-BR': found 'de_AT'\n  Write de-AT.",
  );
});

Deno.test("Whatever is in the cell, the mail has at most one Content-Language, of letters, digits and dashes", async () => {
  const composer = await composerOf(BY_ROW, NAMES);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (cell) => {
    const mail = composer.compose(recipientOf(row(cell)), SEVEN_BIT);
    if ("kind" in mail) return;
    const lines = headersOf(mail).filter((line) => /^content-language/i.test(line));
    assert.ok(lines.length <= 1);
    for (const line of lines) assert.match(line, /^Content-Language: [A-Za-z0-9-]+$/);
  }));
});

Deno.test("One template serves two languages, in its subject, body and language", async () => {
  const text = [
    FROM.trim(),
    "Content-Language: {{ lang }}",
    'Subject: {% if lang == "de" %}Hallo {{ Name }}{% else %}Hello {{ Name }}{% endif %}',
    "",
    '{% if lang == "de" %}Guten Tag{% else %}Good morning{% endif %}, {{ Name }}!',
  ].join("\n");
  const composer = await composerOf(text, NAMES);
  const [german, english] = ["de", "en"].map((lang) => textOf(mailOf(composer, row(lang))));
  assert.match(german!, /^Content-Language: de\r\n/m);
  assert.match(german!, /^Subject: Hallo Ann\r\n[^]*Guten Tag, Ann!/m);
  assert.match(english!, /^Content-Language: en\r\n/m);
  assert.match(english!, /^Subject: Hello Ann\r\n[^]*Good morning, Ann!/m);
});

Deno.test("A header of mailmerge that the program writes is refused with what to do instead", async () => {
  const table: readonly (readonly [header: string, hint: RegExp])[] = [
    [
      "CONTENT-TYPE: text/markdown",
      /Rename it to end in \.md, such as email\.md, and name it with --template\.$/,
    ],
    ["Content-Type: text/html; charset=utf-8", /Rename it to end in \.html, /],
    [
      "CONTENT-TYPE: multipart/mixed",
      /A template is Markdown \(\.md\), HTML \(\.html\) or plain text/,
    ],
    ["DATE: Thu, 26 Nov 2026 10:00:00 +0000", /it is the time at which the mail is sent\.$/],
    ["MESSAGE-ID: <1@example.com>", /it is made from campaign and recipient/],
  ];
  for (const [header, hint] of table) {
    const said = await inputErrorOf(() => composerOf(`${FROM}Subject: x\n${header}\n\nx`, NAMES));
    const [name] = header.split(":");
    assert.ok(
      said.startsWith(`mail.txt:3:1: A template cannot set the header '${name}'\n  Leave it out: `),
      said,
    );
    assert.match(said, hint);
  }
});
