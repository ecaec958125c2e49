import assert from "node:assert/strict";
import fc from "fast-check";
import PostalMime from "postal-mime";
import { TokenSecret } from "../../src/compose/unsubscribe/unsubscribe_token.ts";
import { parseVerp } from "../../src/compose/unsubscribe/verp.ts";
import { asTest, withTokensOf } from "../../src/preview/test_mail.ts";
import { composerOf, EIGHT_BIT, FROM, octetsOf, recipientOf } from "../compose/support.ts";

const INBOX = { key: "me@home.test", address: "Me@home.test" };
const OWN = { unsubscribeUrl: "https://x.test/?e={{ Email }}" };
const MAILBOX = { unsubscribeMailto: "leave@x.test" };

async function testOf(template: string, fields = ["Ann", "ann@example.com"], list = {}) {
  const composer = await composerOf(template, ["Name", "Email"], { mailingList: list });
  const mail = composer.compose(withTokensOf(INBOX, recipientOf(fields)), EIGHT_BIT);
  assert(!("kind" in mail));
  const test = asTest(mail, INBOX, 7, list);
  const email = await PostalMime.parse(test.bytes);
  const valuesOf = (name: string) =>
    email.headers.filter(({ key }) => key === name.toLowerCase()).map(({ value }) => value);
  return { mail, test, email, valuesOf };
}

const TEMPLATE =
  `${FROM}To: {{ Name }} <{{ Email }}>\nCc: Boss <boss@example.com>\nSubject: Hi {{ Name }}\n\nDear {{ Name }} at {{ Email }}\n`;

Deno.test("asTest() goes to the inbox, says that it is a test, and reads as the row's mail", async () => {
  const { test, mail, email, valuesOf } = await testOf(TEMPLATE);
  assert.deepEqual(test.envelope, {
    sender: "news@acme.example",
    recipient: "Me@home.test",
    smtpUtf8: false,
  });
  assert.equal(email.subject, "[Test] Hi Ann");
  assert.deepEqual(valuesOf("To"), ["Me@home.test"]);
  assert.deepEqual(valuesOf("X-Test-Original-To"), ["Ann <ann@example.com>"]);
  assert.deepEqual(valuesOf("Cc"), []);
  assert.deepEqual(valuesOf("X-Test-Original-Cc"), ["Boss <boss@example.com>"]);
  assert.deepEqual(valuesOf("X-Test-Mail"), ["line 7 of the list"]);
  assert.equal(email.text?.trim(), "Dear Ann at ann@example.com");
  assert.notEqual(email.messageId, mail.messageId);
  assert.equal(email.messageId, test.messageId);
});

Deno.test("asTest() gives each test a Message-ID of its own", async () => {
  const [one, two] = [await testOf(TEMPLATE), await testOf(TEMPLATE)];
  assert.notEqual(one.test.messageId, two.test.messageId);
});

Deno.test("asTest() keeps the unsubscribe link of the inbox's own token", async () => {
  const list = {
    unsubscribeUrl: "https://leave.test",
    unsubscribeSecret: new TokenSecret("0123456789abcdef0123456789abcdef", "secret"),
  };
  const template = `${FROM}Subject: x\n\n{{ unsubscribe_url }}\n`;
  const { email, valuesOf } = await testOf(template, undefined, list);
  assert.deepEqual(valuesOf("List-Unsubscribe-Post"), ["List-Unsubscribe=One-Click"]);
  assert.deepEqual(valuesOf("List-Unsubscribe"), [`<${email.text?.trim()}>`]);
  const other = await testOf(template, ["Bob", "bob@example.com"], list);
  assert.equal(other.email.text, email.text, "whatever the row");
});

for (
  const [what, list, header] of [
    ["a service of the user's own", OWN, ""],
    ["the template", {}, "List-Unsubscribe: <https://x.test/?e={{ Email }}>\n"],
  ] as const
) {
  Deno.test(`asTest() removes the unsubscribe button if its link is made by ${what}`, async () => {
    const { valuesOf } = await testOf(`${FROM}${header}Subject: x\n\nHi\n`, undefined, list);
    assert.deepEqual(valuesOf("List-Unsubscribe"), []);
    assert.deepEqual(valuesOf("List-Unsubscribe-Post"), []);
    assert.match(valuesOf("X-Test-Original-List-Unsubscribe")[0] ?? "", /https:\/\/x\.test\/\?e=/);
  });
}

Deno.test("asTest() keeps the mailbox for unsubscribe requests, which shows who is writing", async () => {
  const { valuesOf } = await testOf(`${FROM}Subject: x\n\nHi\n`, undefined, MAILBOX);
  assert.match(valuesOf("List-Unsubscribe")[0] ?? "", /^<mailto:leave@x\.test/);
});

Deno.test("withTokensOf() gives a test an envelope sender that belongs to nobody in the list", async () => {
  const composer = await composerOf(TEMPLATE, undefined, { verp: parseVerp("b@x.test") });
  const row = recipientOf(["Ann", "ann@example.com"]);
  const [real, test] = [row, withTokensOf(INBOX, row)].map((one) => {
    const mail = composer.compose(one, EIGHT_BIT);
    assert(!("kind" in mail));
    return mail.envelope.sender;
  });
  assert.notEqual(real, test);
});

Deno.test("asTest() follows the rules for headers and reads back equal, whatever the name and subject", async () => {
  const text = fc.string({ unit: "binary", maxLength: 200 }).filter((name) => /\S/.test(name));
  await fc.assert(
    fc.asyncProperty(text, async (name) => {
      const { mail, test, email } = await testOf(TEMPLATE, [name, "ann@example.com"]);
      const before = await PostalMime.parse(mail.bytes);
      assert.equal(email.subject, `[Test] ${before.subject}`);
      assert.equal(email.headers.length, before.headers.length + 2);
      assert.equal(email.text, before.text);
      for (const line of octetsOf(test).split("\r\n")) assert(line.length <= 998);
      assert(!/(^|[^\r])\n|\r(?!\n)/.test(octetsOf(test)), "CRLF line ends only");
    }),
    { numRuns: 60 },
  );
});

Deno.test("asTest() says whether an address needs SMTPUTF8", async () => {
  const composer = await composerOf(TEMPLATE);
  const mail = composer.compose(recipientOf(["Ann", "ann@example.com"]), EIGHT_BIT);
  assert(!("kind" in mail));
  const inbox = { key: "zoë@x.test", address: "zoë@x.test" };
  const test = asTest(mail, inbox, 2, {});
  assert.equal(test.envelope.smtpUtf8, true);
  const email = await PostalMime.parse(test.bytes);
  assert.equal(email.to?.[0]?.address, "zoë@x.test");
});
