import assert from "node:assert/strict";
import { hintOf } from "../../src/policy/replies/known_codes.ts";
import { likenessOf } from "../../src/policy/health/likeness.ts";
import { LATER_HINT } from "../../src/policy/replies/reply_rules.ts";

function reply(code: number, enhanced: string | undefined, text = "no") {
  return { code, enhanced, text, lines: [text] };
}

Deno.test("What is known about a code has its number, its source and the next step", () => {
  const cases = [
    ["5.4.5", /^5\.4\.5: .*Gmail.* Run again when the quota is renewed/],
    ["5.1.8", /^5\.1\.8: RFC 3463.* Use a From address/],
    ["5.2.252", /^5\.2\.252: Microsoft/],
    ["5.7.1", /^5\.7\.1: RFC 3463, 3\.8/],
    ["5.3.4", /^5\.3\.4: RFC 3463.* larger .* Make it smaller/],
    [undefined, /^Check that this machine or account may send through the relay/],
    ["5.9.99", /^Check that this machine or account may send through the relay/],
  ] as const;
  for (const [code, hint] of cases) assert.match(hintOf(reply(550, code)), hint);
});

const SENDER = "From address";
const QUOTA = "quota is renewed";

for (
  const [enhanced, means, next] of [
    ["5.1.7", "RFC 3463, 3.2", SENDER],
    ["4.1.8", "account is blocked", SENDER],
    ["5.1.90", "Microsoft: the account has reached its daily limit of recipients", QUOTA],
    ["5.1.0", "RFC 3463, 3.2: something about an address", SENDER],
    ["5.2.0", "Microsoft: the account may not send as the From address, or", ", or run again"],
    ["5.2.2", "RFC 3463, 3.3: a mailbox is full", "sending account's mailbox and quota"],
    ["5.2.251", "Microsoft: the sender is throttled", "and wait"],
    ["5.2.255", "Microsoft: the sender is throttled", "and wait"],
    ["5.4.5", "RFC 3463, 3.5: congestion", QUOTA],
    ["5.4.1", "Microsoft: relay access denied", "may send through the relay"],
    ["5.7.64", "Microsoft: relay access denied", "may send through the relay"],
    ["5.4.6", "RFC 3463, 3.5: a routing loop", "relay's routes"],
    ["5.4.14", "RFC 3463, 3.5: a routing loop", "relay's routes"],
    ["5.5.3", "RFC 3463, 3.6: too many recipients", QUOTA],
    ...["20", "21", "25", "26", "27", "29", "30", "509", "515"].map((detail) =>
      [`5.7.${detail}`, "RFC 7372", "SPF, DKIM and DMARC"] as const
    ),
    ["5.7.28", "Gmail and Microsoft: too many mails", "--rate"],
    ["5.7.508", "Gmail and Microsoft: too many mails", "--rate"],
    ["5.7.232", "Microsoft: the tenant has reached", QUOTA],
    ["5.7.233", "Microsoft: the tenant has reached", QUOTA],
    ...["0", "1", "8", "9", "57", "60"].map((detail) =>
      [`5.7.${detail}`, "RFC 3463, 3.8", "allowed networks"] as const
    ),
    ...["501", "503", "511", "606", "705", "708", "750"].map((detail) =>
      [`5.7.${detail}`, "banned", "state of the account with the provider"] as const
    ),
    ["5.2.3", "larger than", "make it smaller"],
    ["5.3.4", "larger than", "make it smaller"],
    ["5.6.0", "RFC 3463, 3.7: the content", "Examine the message"],
    ["5.6.12", "RFC 3463, 3.7: the content", "Examine the message"],
  ] as const
) {
  Deno.test(`hintOf(): ${enhanced} means "${means}", and what can be done is "${next}"`, () => {
    const hint = hintOf(reply(enhanced.startsWith("4") ? 450 : 550, enhanced));
    assert.ok(hint.startsWith(`${enhanced}: `), hint);
    assert.ok(hint.includes(means), hint);
    assert.ok(hint.toLowerCase().includes(next.toLowerCase()), hint);
    assert.match(hint, /\. [A-Z][^.]*/, "the next step is a sentence");
  });
}

Deno.test("hintOf() does not explain codes that only begin or end like a known one", () => {
  const unknown = hintOf(reply(550, undefined));
  for (const code of ["5.4.50", "5.14.5", "5.7.10", "5.7.280", "5.7.24x", "5.1.9", "5.2.256"]) {
    assert.equal(hintOf(reply(550, code)), unknown, code);
  }
});

Deno.test("hintOf() treats codes that are permanent only with 5yz as temporary otherwise", () => {
  for (const code of ["4.1.0", "4.2.0", "4.7.0", "4.7.1"]) {
    assert.equal(hintOf(reply(499, code)), LATER_HINT, code);
  }
  assert.notEqual(hintOf(reply(500, "5.7.1")), hintOf(reply(500, undefined)));
  assert.notEqual(hintOf(reply(500, undefined)), LATER_HINT);
});

Deno.test("A 4yz without a known code is called temporary, and one with a known code is explained", () => {
  for (const enhanced of ["4.3.0", "4.2.0", "4.7.1", undefined]) {
    assert.equal(hintOf(reply(450, enhanced)), LATER_HINT);
  }
  assert.match(hintOf(reply(450, "4.7.28")), /^4\.7\.28: Gmail/);
});

Deno.test("Two refusals are alike despite details of the mail, but not if code or words differ", () => {
  const one = likenessOf(reply(550, "5.7.1", "<a@x.test>: not you (4XyZ1)"));
  assert.equal(likenessOf(reply(550, "5.7.1", "<b@y.test>:  NOT you (9AbC7)")), one);
  assert.notEqual(likenessOf(reply(550, "5.7.1", "<a@x.test>: not today (4XyZ1)")), one);
  assert.notEqual(likenessOf(reply(554, "5.7.1", "<a@x.test>: not you (4XyZ1)")), one);
  assert.notEqual(likenessOf(reply(550, "5.1.1", "<a@x.test>: not you (4XyZ1)")), one);
});

Deno.test("likenessOf() puts one mark for each word that names a mail, and one blank between words", () => {
  const text = '  <Ann@x.test>:\t(id 4XyZ1)  "b@y.test" [192.0.2.1] Not   YOU; at 12:30  ';
  assert.equal(
    likenessOf(reply(550, "5.7.1", text)),
    '550 5.7.1 <#>: (id #) "#" [#] not you; at #',
  );
  assert.equal(likenessOf(reply(550, undefined, "no")), "550  no");
});

Deno.test("likenessOf() compares the first two hundred characters", () => {
  const [begin, longer] = ["n".repeat(200), "n".repeat(199)];
  const of = (text: string) => likenessOf(reply(550, "5.7.1", text));
  assert.equal(of(`${begin}one`), of(`${begin}another`));
  assert.notEqual(of(`${longer}one`), of(`${longer}another`));
  assert.notEqual(of("Yes"), of("yet"));
  assert.notEqual(of("ab"), of("bb"), "from the first one on");
});
