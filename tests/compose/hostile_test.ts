import assert from "node:assert/strict";
import fc from "fast-check";
import PostalMime from "postal-mime";
import { InputError } from "../../src/model/input_error.ts";
import { LinearTime } from "../support/linear_time.ts";
import {
  assertWellFormed,
  composerOf,
  EIGHT_BIT,
  FROM,
  headersOf,
  mailOf,
  octetsOf,
  recipientOf,
  SEVEN_BIT,
  SMUGGLING,
} from "./support.ts";

const EVERYWHERE =
  `${FROM}To: {{ Name }} <{{ Email }}>\nSubject: {{ Name }}\nX-Note: {{ Name }}\n\n{{ Name }}\n{{ Name | upcase }}\n`;

const MARKUP = `<img src=x onerror=1>"'&`;

Deno.test("compose() escapes a value in the HTML part, and writes it as it is in text and subject", async () => {
  for (const file of ["mail.md", "mail.html"]) {
    const composer = await composerOf(
      `${FROM}Subject: {{ Name }}\n\n<p title="{{ Name }}">{{ Name }}</p>\n`,
      ["Name", "Email"],
      { file },
    );
    const read = await PostalMime.parse(mailOf(composer, [MARKUP, "ann@example.com"]).bytes);
    const escaped = "&lt;img src=x onerror=1&gt;&#34;&#39;&amp;";
    assert.ok(read.html!.includes(`<p title="${escaped}">${escaped}</p>`));
    assert.equal(read.subject, MARKUP);
    assert.equal(read.text, `${MARKUP}\n`);
  }
});

Deno.test("compose() reads no Markdown, Liquid or HTML in a cell", async () => {
  const composer = await composerOf(`${FROM}Subject: x\n\nHi {{ Name }}\n`, ["Name", "Email"], {
    file: "mail.md",
  });
  const cells = [
    "[a](javascript:alert(1))",
    "![](/etc/passwd)",
    "**b** # c",
    "{{ 7 | times: 7 }}{% include 'x' %}",
    "<script>alert(1)</script>",
    "<!-- -->",
    "xlq0z",
  ];
  for (const cell of cells) {
    const read = await PostalMime.parse(mailOf(composer, [cell, "ann@example.com"]).bytes);
    assert.equal(read.text, `Hi ${cell}\n`);
    assert.match(read.html!, /<p>Hi [^<]*<\/p>/);
    assert.equal(read.attachments.length, 0);
  }
});

/** Ways to bring a second header in. */
const INJECTIONS = [
  "a\r\nBcc: v@x.de",
  "a\nBcc: v@x.de",
  "a\rBcc: v@x.de",
  "a\r\n\r\nbody",
  "a\tb",
  "a\x7Fb",
  "a\0b",
  "a\u0085Bcc: v@x.de",
  "a\u2028Bcc: v@x.de",
  "a\ud800b",
  "=?utf-8?q?a=0D=0ABcc:_v@x.de?=",
  "=?utf-8?b?DQpCY2M6IHZAeC5kZQ==?=",
  `"a" <v@x.de>, b`,
  `a>, <v@x.de`,
  "a <v@x.de>;",
  "é\r\nBcc: v@x.de",
  "\u00A0\u200Ba",
];

Deno.test("compose() lets no value add a header, a mailbox or a recipient", async () => {
  const composer = await composerOf(EVERYWHERE);
  const names = [
    "Date",
    "From",
    "To",
    "Subject",
    "X-Note",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "Content-Transfer-Encoding",
  ];
  for (const attack of INJECTIONS) {
    const mail = mailOf(composer, [attack, "ann@example.com"]);
    assert.deepEqual(headersOf(mail).map((line) => line.split(":")[0]), names, attack);
    const read = await PostalMime.parse(mail.bytes);
    assert.deepEqual(read.to?.map(({ address }) => address), ["ann@example.com"], attack);
    assert.equal(read.bcc, undefined);
    assert.equal(mail.envelope.recipient, "ann@example.com");
  }
});

Deno.test("compose() keeps the number of headers for any value", async () => {
  const composer = await composerOf(EVERYWHERE);
  const value = fc.oneof(
    fc.string({ unit: "binary", maxLength: 120 }),
    fc.constantFrom(...INJECTIONS, ...SMUGGLING),
  );
  fc.assert(fc.property(value, value, (name, other) => {
    const mail = composer.compose(recipientOf([`x${name}${other}x`, "ann@example.com"]), SEVEN_BIT);
    assert.ok(!("kind" in mail));
    assert.equal(headersOf(mail).length, 9);
    assertWellFormed(mail);
  }));
});

Deno.test("compose() accepts one mailbox or none from a value in an address", async () => {
  const composer = await composerOf(`${FROM}Reply-To: {{ Name }}\nSubject: x\n\nx\n`);
  const refused = [
    `"x@gmail.com y"@internal.example`,
    "a@b.de(c)@d.de",
    "<a@x.de> <b@y.de>",
    "a@x.de,b@y.de",
    "a@x.de b@y.de",
    "Ann <a@x.de>",
    "a@b.de\r\nBcc: v@x.de",
    "a@b。de",
    "a@",
    "@b.de",
    "a@b..de",
    "a@b@c.de",
    "a\u0085b@c.de",
    `a@${"b".repeat(400)}.de`,
  ];
  for (const value of refused) {
    const mail = composer.compose(recipientOf([value, "ann@example.com"]), EIGHT_BIT);
    assert.ok("kind" in mail, value);
    assert.match(mail.reason, /^Reply-To is not one e-mail address: '/);
  }
  const mail = mailOf(composer, ["rep@Müller.example", "ann@example.com"]);
  assert.ok(headersOf(mail).includes("Reply-To: rep@xn--mller-kva.example"));
});

Deno.test("compose() writes no Bcc, and Cc adds no recipient", async () => {
  const composer = await composerOf(`${FROM}Cc: c@x.de\nBcc: v@x.de\nSubject: x\n\nx\n`);
  const mail = mailOf(composer, ["Ann", "ann@example.com"]);
  assert.ok(!octetsOf(mail).includes("v@x.de"));
  assert.equal(mail.envelope.recipient, "ann@example.com");
});

Deno.test("compose() does not let a cell forge the end of a part", async () => {
  const composer = await composerOf(`${FROM}Subject: x\n\n{{ Name }}\n`, ["Name", "Email"], {
    file: "mail.html",
  });
  const first = octetsOf(mailOf(composer, ["Ann", "ann@example.com"]));
  const boundary = /boundary="(.*)"/.exec(first)![1]!;
  const attack =
    `a\r\n--${boundary}\r\nContent-Type: text/html\r\n\r\nforged\r\n--${boundary}--\r\n`;
  const read = await PostalMime.parse(mailOf(composer, [attack, "ann@example.com"]).bytes);
  assert.equal(read.attachments.length, 0);
  assert.ok(read.html!.includes(`--${boundary}--`) && read.text!.includes(`--${boundary}--`));
});

Deno.test("Reading addresses and names of 100,000 characters designed to be slow takes no longer than reading fifty ordinary ones", async () => {
  const table = ["(", "a@", "=?", "g:", "<", `"\\`, ","].map((text) =>
    text.repeat(100_000 / text.length)
  );
  const composer = await composerOf(EVERYWHERE);
  const ordinary = "Ann Smith ".repeat(10_000);
  const asValue = new LinearTime((text) => {
    assertWellFormed(mailOf(composer, [`x${text}`, "ann@example.com"]));
  }, ordinary);
  const inTemplate = new LinearTime(async (text) => {
    try {
      await composerOf(`${FROM}Cc: ${text}\nSubject: x\n\nx`);
    } catch (error) {
      assert.ok(error instanceof InputError);
    }
  }, ordinary);
  for (const text of [...table, `\n${" ".repeat(100_000)}x\n`]) {
    await asValue.assert(text, `Value ${text.slice(0, 5)}`);
    await inTemplate.assert(text, `Cc: ${text.slice(0, 5)}`);
  }
});
