import assert from "node:assert/strict";
import {
  composerOf,
  EIGHT_BIT,
  FROM,
  headersOf,
  inputErrorOf,
  mailOf,
  reasonOf,
  recipientOf,
} from "./support.ts";

const NAMES = ["Name", "Rep", "Email"];
const ROW = ["Ann Lee", "rep@example.org", "ann@example.com"];

async function replyTo(text: string, row = ROW): Promise<string> {
  const composer = await composerOf(`${FROM}Reply-To: ${text}\nSubject: x\n\nx\n`, NAMES);
  const mail = mailOf(composer, row);
  return headersOf(mail).find((line) => line.startsWith("Reply-To: "))?.slice(10) ?? "";
}

const KEPT: [written: string, header: string][] = [
  ["{{ Rep }}, Support <s@example.net>", "rep@example.org, Support <s@example.net>"],
  ["Support <s@example.net>, {{ Rep }}", "Support <s@example.net>, rep@example.org"],
  ["Acme News (EU) <a@x.example>", `"Acme News (EU)" <a@x.example>`],
  ["{{ Name }} (via Acme) <a@x.example>", `"Ann Lee (via Acme)" <a@x.example>`],
  ["Acme: News <a@x.example>", `"Acme: News" <a@x.example>`],
  ["Acme (EU, UK (and IE)) <a@x.example>", `"Acme (EU, UK (and IE))" <a@x.example>`],
  [
    `"Acme, \\"best\\" {{ Name }} \\\\ co" <a@x.example>`,
    `"Acme, \\"best\\" Ann Lee \\\\ co" <a@x.example>`,
  ],
  [`"Acme" News <a@x.example>`, "Acme News <a@x.example>"],
  [`"a@b.example" <a@x.example>`, `"a@b.example" <a@x.example>`],
  ["a@x.example (Ann Lee)", "Ann Lee <a@x.example>"],
  ["<a@x.example> ({{ Name }})", "Ann Lee <a@x.example>"],
  ["{{ Rep }} (Rep)", "Rep <rep@example.org>"],
  ["(Ann) <a@x.example>", "Ann <a@x.example>"],
  [`"" <a@x.example>`, "a@x.example"],
  ["{{ Name }} of {{ Name }} <{{ Rep }}>", "Ann Lee of Ann Lee <rep@example.org>"],
  ["{{ Name }}<{{ Rep }}>", "Ann Lee <rep@example.org>"],
  ["{{ Name | downcase | split: ' ' | first }}@x.example", "ann@x.example"],
  ["a@x.example; b@y.example", "a@x.example, b@y.example"],
  ["a@x.example,, b@y.example,", "a@x.example, b@y.example"],
  ["Friends: a@x.example, Bob <b@y.example>;", "Friends: a@x.example, Bob <b@y.example>;"],
  ["undisclosed-recipients:;", "undisclosed-recipients:;"],
  ["A, B: <a@x.example>;".slice(3), "B: a@x.example;"],
  [
    "Freunde à: {{ Rep }};, c@z.example",
    "=?utf-8?Q?Freunde_=C3=A0?= : rep@example.org;, c@z.example",
  ],
  ["{{ Name }}{% if Rep %}, Berlin{% endif %} <a@x.example>", `"Ann Lee, Berlin" <a@x.example>`],
  [
    "{% if Rep %}{{ Rep }}{% else %}s@x.example{% endif %}, b@y.example",
    "rep@example.org, b@y.example",
  ],
  ["Müller GmbH <a@MÜLLER.example>", "=?utf-8?Q?M=C3=BCller_GmbH?= <a@xn--mller-kva.example>"],
  ["Acme\n  News <a@x.example>,\n\tb@y.example", "Acme News <a@x.example>, b@y.example"],
  ["Acme {{- Name -}} ! <a@x.example>", "AcmeAnn Lee! <a@x.example>"],
  ["{% comment %}<x>, y{% endcomment %}Acme <a@x.example>", "Acme <a@x.example>"],
  ["{% assign who = Rep %}{{ who }}", "rep@example.org"],
  // As the hints suggest.
  [
    "{% if Rep %}{{ Name }}{% else %}Support{% endif %} <{{ Rep | default: 's@example.com' }}>",
    "Ann Lee <rep@example.org>",
  ],
  [`{{ Rep | default: "s@x.example" }}`, "rep@example.org"],
  [`{{ "s@x.example" }}`, "s@x.example"],
  [`{{ Name | default: "<none>" }} <{{ Rep | default: "" }}>`, "Ann Lee <rep@example.org>"],
  [`Support <{{ "S" | downcase }}@x.example>`, "Support <s@x.example>"],
  ["[EXT] Acme <a@x.example>", `"[EXT] Acme" <a@x.example>`],
];

Deno.test("An address header keeps all that its author wrote: names, comments, quotes, groups, slots", async () => {
  for (const [written, header] of KEPT) assert.equal(await replyTo(written), header, written);
});

const REFUSED: [written: string, column: number, what: RegExp][] = [
  ["<a@x.example> extra", 25, /'extra' follows an address; is a comma missing\?/],
  ["Ann <a@x.example> (office)", 29, /'\(office\)' follows an address/],
  ["{{ Rep }} <{{ Rep }}> {{ Name }}", 33, /'{{ Name }}' follows an address/],
  ["Ann ann@x.example", 11, /'Ann ann@x.example' has no address in angle brackets/],
  ["{{ Name }} {{ Rep }}", 11, /has no address in angle brackets/],
  ["Rep: {{ Rep }}", 11, /'Rep: {{ Rep }}' has no address in angle brackets/],
  ["a@x.example Bob <b@y.example>", 11, /'a@x.example' comes before another address/],
  ['b@y.example, "Ann <a@x.example>', 24, /the quote is not closed/],
  ["Ann (a <a@x.example>", 15, /the parenthesis is not closed/],
  ["Ann <a@x.example, b@y.example", 15, /'<' is not closed/],
  ["Ann <a@x.example <b@y.example>", 15, /'<' is not closed/],
  ["Ann a@x.example>", 26, /'>' has no '<' before it/],
  ["Ann <>", 15, /'<>' is not an e-mail address/],
  ["Ann <{{ Rep }} x>", 15, /is not an e-mail address/],
  ["Acme, News <a@x.example>", 11, /'Acme' is not an e-mail address/],
  ["(Ann)", 11, /'\(Ann\)' has no address/],
  [",", 11, /it contains no address/],
  [
    "{% if Name %}Boss <b@x.example>, {% endif %}Team <t@x.example>",
    29,
    /'<' is inside a Liquid tag/,
  ],
  ["{% if Name %}a@x.example, b@y.example{% endif %}", 35, /',' is inside a Liquid tag/],
  ["{{ Name }} {% if Rep %}<a@x.example>{% endif %}", 34, /'<' is inside a Liquid tag/],
  ["{% if Rep %}Ann @ Acme{% endif %} <a@x.example>", 27, /'@' is inside a Liquid tag/],
  ["{{ Name }} <a@x.example>,\n  Bob <b>", 0, /'<b>' is not an e-mail address/],
  ['{% if Name %}"{{ Name }}" {% endif %}<{{ Rep }}>', 24, /'"' is inside a Liquid tag/],
  ['{% if Rep %}"Ann"{% endif %} <a@x.example>', 23, /'"' is inside a Liquid tag/],
  [
    '{{ Rep | default: "Support <s@x.example>" }}',
    29,
    /'Support <s@x\.example>' is used as an address but is not one/,
  ],
  ['{{- "Support <s@x.example>" -}}', 15, /'Support <s@x\.example>' is used as an address/],
  ["Ann <{{ 'Support' }}>", 19, /'Support' is used as an address/],
  ["{{ 'a b' }}@x.example", 14, /'a b' is used as an address/],
  [
    '{% if Rep %}{{ Rep }}{% else %}{{ "S <s@x.example>" }}{% endif %}',
    45,
    /'S <s@x\.example>' is used as an address/,
  ],
];

Deno.test("An address header that would lose a piece is refused with the place of that piece", async () => {
  for (const [written, column, what] of REFUSED) {
    const said = await inputErrorOf(() => replyTo(written));
    const place = column === 0 ? "mail.txt:3:7" : `mail.txt:2:${column}`;
    assert.ok(
      said.startsWith(`${place}: Reply-To is not a list of e-mail addresses: `),
      `${written}\n${said}`,
    );
    assert.match(said, what, written);
    const hint = /Liquid tag/.test(said)
      ? /\n {2}(?:Use one tag for the name and another for the address|Omit the quotes)/
      : /is used as an address/.test(said)
      ? /\n {2}Write only the address there/
      : /\n {2}Write Reply-To: Name <name@example\.com>/;
    assert.match(said, hint);
  }
});

Deno.test("A group is read as a name in headers that cannot contain groups", async () => {
  const composer = await composerOf(`From: Acme: News <a@x.example>;\nSubject: x\n\nx\n`, NAMES);
  assert.ok(headersOf(mailOf(composer, ROW)).includes(`From: "Acme: News" <a@x.example>`));
});

Deno.test("A group's members may come and go with the row", async () => {
  const text = "{{ Name }}: {{ Rep | default: '' }};, z@x.example";
  assert.equal(await replyTo(text), "Ann Lee: rep@example.org;, z@x.example");
  assert.equal(await replyTo(text, ["Ann", "", "a@b.de"]), "Ann:;, z@x.example");
  const optional = "{{ Name | default: '' }}: {{ Rep | default: '' }};, z@x.example";
  assert.equal(await replyTo(optional, ["", "r@x.example", "a@b.de"]), "r@x.example, z@x.example");
  assert.equal(await replyTo(optional, ["", "", "a@b.de"]), "z@x.example");
});

Deno.test("Headers that mail programs answer or report to are headers of addresses", async () => {
  const headers = [
    "Disposition-Notification-To",
    "Return-Receipt-To",
    "Errors-To",
    "Mail-Reply-To",
    "Mail-Followup-To",
  ];
  for (const header of headers) {
    const compile = (value: string) => () =>
      composerOf(`${FROM}Subject: x\n${header}: ${value}\n\nx\n`, NAMES);
    const mail = mailOf(await compile(`"Ops, {{ Name }}" <{{ Rep }}>`)(), ROW);
    assert.ok(headersOf(mail).includes(`${header}: "Ops, Ann Lee" <rep@example.org>`));
    assert.match(
      await inputErrorOf(compile("Ops")),
      new RegExp(`^mail\\.txt:3:${header.length + 3}: ${header} is not a list`),
    );
    const bad = (await compile("{{ Name }}")()).compose(recipientOf(ROW), EIGHT_BIT);
    assert.equal(
      reasonOf(bad),
      `${header} is not one e-mail address: 'Ann Lee'; is it the right column?`,
    );
  }
});
