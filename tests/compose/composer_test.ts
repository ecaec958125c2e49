import assert from "node:assert/strict";
import PostalMime from "postal-mime";
import {
  composerOf,
  EIGHT_BIT,
  FROM,
  headersOf,
  mailOf,
  octetsOf,
  readWithPython,
  reasonOf,
  recipientOf,
  SEVEN_BIT,
  textOf,
} from "./support.ts";

Deno.test("compileTemplate() makes the mail of the old program's template", async () => {
  const composer = await composerOf(
    "To: {{.Email}}\nSubject: Hello, {{.Name}}\n\nDear {{ .Name }},\nbye.\n",
    ["Name", "Email"],
    {
      file: "email.tmpl",
      from: "Acme <news@acme.example>",
      now: () => Date.UTC(2026, 10, 24, 9, 5, 7),
    },
  );
  const mail = mailOf(composer, ["Ann", "ann@example.com"]);
  const [date, ...rest] = textOf(mail).split("\r\n");
  assert.match(date!, /^Date: (Mon|Tue|Wed), 2[345] Nov 2026 \d\d:\d\d:07 [+-]\d{4}$/);
  assert.deepEqual(rest, [
    "From: Acme <news@acme.example>",
    "To: ann@example.com",
    "Subject: Hello, Ann",
    `Message-ID: ${mail.messageId}`,
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=utf-8",
    "Content-Transfer-Encoding: 7bit",
    "",
    "Dear Ann,",
    "bye.",
    "",
  ]);
  assert.deepEqual(mail.envelope, {
    sender: "news@acme.example",
    recipient: "ann@example.com",
    smtpUtf8: false,
  });
});

Deno.test("compileTemplate() returns what the plan shows", async () => {
  const composer = await composerOf(
    `${FROM}Subject: Hi {{ Name }}\n\n{{ Note | default: "-" }}\n`,
    [
      "Name",
      "Note",
      "Email",
    ],
  );
  assert.equal(composer.subject, "Hi {{ Name }}");
  assert.equal(composer.from, "Acme <news@acme.example>");
  assert.equal(composer.sender, "news@acme.example");
  assert.deepEqual(composer.required, [0]);
});

Deno.test("compose() derives Message-ID from campaign and recipient", async () => {
  const text = `${FROM}Subject: x\n\nx\n`;
  const id = async (campaign: string, address: string): Promise<string> =>
    mailOf(await composerOf(text, ["Email"], { campaign }), [address], { address }).messageId;
  assert.equal(await id("a", "ann@example.com"), await id("a", "ann@example.com"));
  assert.notEqual(await id("a", "ann@example.com"), await id("b", "ann@example.com"));
  assert.notEqual(await id("a", "ann@example.com"), await id("a", "bob@example.com"));
  assert.match(await id("a", "ann@example.com"), /^<[0-9a-f]{32}@acme\.example>$/);
});

Deno.test("compose() makes multipart/alternative of Markdown and escapes values in the HTML only", async () => {
  const composer = await composerOf(
    `${FROM}To: {{ Name }} <{{ Email }}>\nSubject: For {{ Name }}\n\n# Hello {{ Name }}\n\n*[x]({{ Name }})*\n`,
    ["Name", "Email"],
    { file: "mail.md" },
  );
  const name = `<img src=x onerror=1>"'& *a* [b](javascript:c) {{ 7 | times: 7 }}`;
  const mail = await PostalMime.parse(mailOf(composer, [name, "ann@example.com"]).bytes);
  assert.equal(mail.subject, `For ${name}`);
  assert.deepEqual(mail.to, [{ name, address: "ann@example.com" }]);
  assert.match(
    mail.text!,
    /^Hello <img src=x onerror=1>"'& \*a\* \[b\]\(javascript:c\) \{\{ 7 \| times: 7 \}\}\n/,
  );
  assert.ok(
    mail.html!.includes(
      "<h1>Hello &lt;img src=x onerror=1&gt;&#34;&#39;&amp; *a* [b](javascript:c) {{ 7 | times: 7 }}</h1>",
    ),
  );
  assert.ok(!mail.html!.includes("<img"));
});

Deno.test("compose() takes the text part from a separate file", async () => {
  const composer = await composerOf(`${FROM}Subject: x\n\n<p>{{ Name }}</p>\n`, ["Name", "Email"], {
    file: "mail.html",
    text: { file: "mail.txt", text: "Only for {{ Name }}\n" },
  });
  const mail = await PostalMime.parse(mailOf(composer, ["<Ann>", "ann@example.com"]).bytes);
  assert.equal(mail.text, "Only for <Ann>\n");
});

Deno.test("compose() chooses the encoding by the content and by what the server accepts", async () => {
  const long = "x".repeat(999);
  const table: [name: string, text: string, eightBit: boolean, encoding: string][] = [
    ["ASCII", "Hello", true, "7bit"],
    ["ASCII", "Hello", false, "7bit"],
    ["a value outside ASCII, 8BITMIME", "Zoë", true, "8bit"],
    ["a value outside ASCII, none", "Zoë", false, "quoted-printable"],
    ["a line of 998", long.slice(1), true, "7bit"],
    ["a line of 999", long, true, "quoted-printable"],
    ["a line of 998 octets in fewer characters", "é".repeat(499), true, "8bit"],
    ["a line of 1000 octets in fewer characters", "é".repeat(500), true, "quoted-printable"],
  ];
  const composer = await composerOf(`${FROM}Subject: x\n\n{{ Name }}\n`);
  for (const [name, text, eightBit, encoding] of table) {
    const mail = mailOf(composer, [text, "ann@example.com"], { transport: { eightBit } });
    assert.ok(headersOf(mail).includes(`Content-Transfer-Encoding: ${encoding}`), name);
    assert.equal(mail.eightBit, encoding === "8bit", name);
  }
});

Deno.test("compose() wants SMTPUTF8 for an address with a local part outside ASCII, which stays readable", async () => {
  const composer = await composerOf(`${FROM}To: {{ Name }} <{{ Email }}>\nSubject: x\n\nx\n`);
  const mail = mailOf(composer, ["Юля", " юля@пример.example "], {
    address: "юля@xn--e1afmkfd.example",
  });
  assert.equal(mail.envelope.smtpUtf8, true);
  assert.ok(headersOf(mail).includes("To: =?utf-8?B?0K7Qu9GP?= <юля@xn--e1afmkfd.example>"));
});

const NAMES = [
  "Zoë Ünal",
  "李雷",
  `Иван "Ваня" Петров`,
  "=?utf-8?q?x?=",
  "x".repeat(300),
  "wörd ".repeat(60).trim(),
  "plain words ".repeat(25).trim(),
  "李".repeat(300),
  "👩‍👩‍👧‍👦 family 🎉",
  "a,b;c:d<e>f@g(h)[i]\\j.k",
  'O\'Neill, "The" \\ (x)',
  "two  spaces",
  "under_score = equals ? mark",
  "a\u0085b\u2028c\u00A0d",
  "=?utf-8?b?",
  "trailing =",
  "<b>&amp;</b>",
  "{{ Email }} {% raw %}",
];

Deno.test("compose() writes any name and subject so that postal-mime reads them back", async () => {
  for (const transport of [EIGHT_BIT, SEVEN_BIT]) {
    const composer = await composerOf(
      `${FROM}To: {{ Name }} <{{ Email }}>\nSubject: 🎁 for {{ Name }}\n\nDear {{ Name }},\n`,
    );
    for (const name of NAMES) {
      const mail = mailOf(composer, [name, "ann@example.com"], { transport });
      const read = await PostalMime.parse(mail.bytes);
      assert.equal(read.subject, `🎁 for ${name}`);
      assert.deepEqual(read.to, [{ name, address: "ann@example.com" }]);
      assert.equal(read.text, `Dear ${name},\n`);
    }
  }
});

Deno.test("compose() writes any name and subject so that Python's email reads them back", async () => {
  const composer = await composerOf(
    `${FROM}To: {{ Name }} <{{ Email }}>\nSubject: {{ Name }}\nX-Note: re: {{ Name }}\n\n# {{ Name }}\n`,
    ["Name", "Email"],
    { file: "mail.md" },
  );
  const mails = NAMES.flatMap((name) =>
    [EIGHT_BIT, SEVEN_BIT].map((transport) =>
      mailOf(composer, [name, "ann@example.com"], { transport })
    )
  );
  const read = await readWithPython(mails);
  read.forEach((mail, index) => {
    const name = NAMES[Math.floor(index / 2)]!;
    const headers = new Map(mail.headers);
    assert.equal(headers.get("Subject"), name);
    assert.equal(headers.get("X-Note"), `re: ${name}`);
    assert.deepEqual(mail.to, [[name, "ann@example.com"]]);
    assert.deepEqual(mail.parts.map(({ type }) => type), ["text/plain", "text/html"]);
    assert.equal(mail.parts[0]!.text.trim().replace(/\s+/g, " "), name.replace(/\s+/g, " "));
    assert.deepEqual(mail.defects, []);
  });
});

Deno.test("compose() keeps header lines to 78 columns and all lines to 998 octets", async () => {
  const composer = await composerOf(
    `${FROM}To: {{ Name }} <{{ Email }}>\nSubject: 🎁 {{ Name }}\nX-A: {{ Name }}\n\n{{ Name }}\n`,
  );
  for (const name of NAMES) {
    const octets = octetsOf(mailOf(composer, [name, "ann@example.com"], { transport: SEVEN_BIT }));
    const [head = ""] = octets.split("\r\n\r\n");
    const longest = Math.max(...head.split("\r\n").map((line) => line.length));
    assert.ok(longest <= 78 || /^x+$/.test(name), `${longest} columns for ${name}`);
    assert.ok(octets.split("\r\n").every((line) => line.length <= 998));
  }
});

Deno.test("compose() gives a reason if the row makes no mail", async () => {
  const composer = await composerOf(
    `${FROM}Reply-To: {{ Name }}\nSubject: {{ Title | default: "" }}\n\nx\n`,
    ["Name", "Title", "Email"],
  );
  const compose = (fields: string[]) => composer.compose(recipientOf(fields), EIGHT_BIT);
  assert.deepEqual(compose(["ann", "x", "ann@example.com"]), {
    kind: "unmailable",
    reason: "Reply-To is not one e-mail address: 'ann'; is it the right column?",
  });
  assert.deepEqual(compose(["a@b.example", " ", "ann@example.com"]), {
    kind: "unmailable",
    reason: "Subject is empty",
  });
});

Deno.test("compose() ends a loop that a row makes endless, and the next mail is whole", async () => {
  const composer = await composerOf(
    `${FROM}Subject: x\n\n{% for i in (1..n) %}{{ i }}{% endfor %}\n`,
    ["n", "Email"],
  );
  const endless = composer.compose(recipientOf(["1000000000", "ann@example.com"]), EIGHT_BIT);
  assert.equal(
    reasonOf(endless),
    "Template cannot be rendered: it produces more than 10,000,000 characters",
  );
  const mail = textOf(mailOf(composer, ["3", "bob@example.com"], { address: "bob@example.com" }));
  assert.match(mail, /^Date: /);
  assert.ok(mail.endsWith("\r\n\r\n123\r\n") && mail.includes("To: bob@example.com\r\n"));
});

Deno.test("compose() returns mails that later ones do not change", async () => {
  const composer = await composerOf(`${FROM}Subject: x\n\n{{ Name }}\n`);
  const names = ["a".repeat(100_000), "b", "é".repeat(70_000), ...Array(300).fill("c".repeat(700))];
  const mails = names.map((name) => mailOf(composer, [name, "ann@example.com"]));
  mails.forEach((mail, index) => {
    const body = textOf(mail).split("\r\n\r\n")[1]!.replaceAll("=\r\n", "").trimEnd();
    assert.equal(body, index === 2 ? "=C3=A9".repeat(70_000) : names[index]);
  });
});
