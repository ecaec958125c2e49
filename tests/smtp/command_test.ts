import assert from "node:assert/strict";
import fc from "fast-check";
import {
  auth,
  bdatLast,
  ehlo,
  helo,
  isHeloName,
  mail,
  rcpt,
  response,
} from "../../src/smtp/wire/command.ts";
import type { AuthMechanism } from "../../src/model/relay.ts";

Deno.test("ehlo() and helo() accept a domain or an address literal", () => {
  assert.equal(ehlo("client.example.com"), "EHLO client.example.com\r\n");
  assert.equal(helo("[192.0.2.1]"), "HELO [192.0.2.1]\r\n");
  assert.equal(ehlo("[IPv6:2001:db8::1]"), "EHLO [IPv6:2001:db8::1]\r\n");
});

Deno.test("mail() writes the sender and only the parameters given", () => {
  assert.equal(mail("a@b.test"), "MAIL FROM:<a@b.test>\r\n");
  assert.equal(mail(""), "MAIL FROM:<>\r\n");
  assert.equal(mail("", { size: 0 }), "MAIL FROM:<> SIZE=0\r\n");
  assert.equal(
    mail("a@b.test", { size: 42, eightBit: true }),
    "MAIL FROM:<a@b.test> SIZE=42 BODY=8BITMIME\r\n",
  );
  assert.equal(mail("ä@b.test", { smtpUtf8: true }), "MAIL FROM:<ä@b.test> SMTPUTF8\r\n");
});

Deno.test("rcpt() accepts every form of a mailbox that RFC 5321 allows", () => {
  for (
    const mailbox of [
      "a@b",
      "first.last+tag@example.com",
      "o'brien!#$%&*/=?^_`{|}~@x.test",
      '"a b"@x.test',
      '"a\\"b@c>"@x.test',
      '""@x.test',
      "a@[192.0.2.1]",
      "a@xn--mnchen-3ya.de",
    ]
  ) {
    assert.equal(rcpt(mailbox), `RCPT TO:<${mailbox}>\r\n`);
  }
  assert.equal(rcpt("李@例え.test", true), "RCPT TO:<李@例え.test>\r\n");
});

/** Characters that must never occur in a command, whatever surrounds them. */
const ATTACKS = [
  "a\r\nRCPT TO:<v@x.test>",
  "a\rb",
  "a\nb",
  "a\0b",
  "a\u0085b",
  "a\u2028b",
  "a\u2029b",
  "a\tb",
  "a\x7fb",
  "a\x1bb",
  "a\ud800b",
];

for (const attack of ATTACKS) {
  const shown = JSON.stringify(attack);
  Deno.test(`commands refuse ${shown} at every door`, () => {
    const doors: (() => string)[] = [
      () => ehlo(attack),
      () => helo(`${attack}.test`),
      () => mail(`${attack}@b.test`, { smtpUtf8: true }),
      () => mail(`a@${attack}.test`, { smtpUtf8: true }),
      () => rcpt(`${attack}@b.test`),
      () => rcpt(`${attack}@b.test`, true),
      () => rcpt(`"${attack}"@b.test`, true),
      () => rcpt(`a@${attack}`, true),
      () => rcpt(`a@[${attack}]`, true),
      () => auth(attack as AuthMechanism),
      () => auth("plain", attack),
      () => response(attack),
    ];
    for (const door of doors) assert.throws(door, TypeError);
  });
}

Deno.test("rcpt() refuses anything but exactly one mailbox", () => {
  for (
    const text of [
      "",
      "a",
      "@b.test",
      "a@",
      "a b@c.test",
      "<a@b.test>",
      "a@b.test> SIZE=1",
      "a@b.test,c@d.test",
      "a@b.test c@d.test",
      "a@b.test(c)@d.test",
      '"x@gmail.test y@internal.test',
      '"x" y@internal.test',
      '"x"y"@internal.test',
      'x"y@internal.test',
      "a@b..test",
      "a@-b.test",
      "a@b.test.",
      "a@b。test",
      "ä@b.test",
      "a@münchen.test",
      "a@[not an address]",
      `a@${"b".repeat(64)}.test`,
    ]
  ) {
    assert.throws(() => rcpt(text), TypeError, text);
  }
});

Deno.test("mail() refuses a size that is not a count of bytes", () => {
  for (const size of [-1, 1.5, NaN, Infinity, 2 ** 60]) {
    assert.throws(() => mail("a@b.test", { size }), TypeError);
    assert.throws(() => bdatLast(size), TypeError);
  }
});

Deno.test("isHeloName() refuses anything but a domain or a literal", () => {
  for (
    const name of ["", ".", "a b", "a..b", "[1.2.3]", "[evil]", "ä.test", `${"a.".repeat(200)}b`]
  ) {
    assert.equal(isHeloName(name), false, name);
  }
});

Deno.test("AUTH errors do not contain the refused value", () => {
  assert.throws(() => auth("plain", "geheim\r\n"), (error: Error) => !/geheim/.test(error.message));
  assert.throws(() => response("geheim\r\n"), (error: Error) => !/geheim/.test(error.message));
});

Deno.test("every command is one line, whatever its arguments", () => {
  const text = fc.oneof(
    fc.string({
      unit: fc.constantFrom("a", "@", ".", '"', "\\", "<", ">", " ", "\r", "\n", "\0", "ä", "["),
    }),
    fc.constantFrom("a@b.test", "ä@b.test", "[1.2.3.4]"),
    fc.string().map((local) => `"${local}"@b.test`),
  );
  fc.assert(fc.property(text, fc.boolean(), (value, utf8) => {
    for (
      const build of [
        () => mail(value, { smtpUtf8: utf8 }),
        () => rcpt(value, utf8),
        () => ehlo(value),
      ]
    ) {
      let line: string;
      try {
        line = build();
      } catch (error) {
        assert.ok(error instanceof TypeError);
        continue;
      }
      // deno-lint-ignore no-control-regex
      assert.match(line, /^[^\x00-\x1f\x7f]+\r\n$/);
    }
  }));
});

Deno.test("commands refuse hostile lengths in linear time", () => {
  const started = performance.now();
  for (
    const text of [
      '"'.repeat(50_000),
      "\\".repeat(50_000),
      "a.".repeat(50_000),
      "a@".repeat(50_000),
      "[".repeat(50_000),
    ]
  ) {
    for (const door of [text, `${text}@b.test`, `"${text}@b.test`, `a@${text}`]) {
      try {
        rcpt(door, true);
      } catch (error) {
        assert.ok(error instanceof TypeError);
      }
    }
  }
  assert.ok(performance.now() - started < 5_000);
});
