import assert from "node:assert/strict";
import {
  dkimSettings,
  misalignment,
  selectorName,
  signingDomain,
} from "../../src/compose/dkim/dkim_settings.ts";
import { ED25519, refusalOf, RSA } from "./dkim_support.ts";

Deno.test("signingDomain() gives a domain as A-labels in lower case, and refuses all else", () => {
  const cases: Record<string, string | undefined> = {
    "example.com": "example.com",
    "News.EXAMPLE.com": "news.example.com",
    "München.example": "xn--mnchen-3ya.example",
    "com": undefined,
    "": undefined,
    "example.com.": undefined,
    ".example.com": undefined,
    "a..com": undefined,
    "-a.com": undefined,
    "a_b.com": undefined,
    "127.0.0.1": undefined,
    "a@example.com": undefined,
    "https://example.com": undefined,
    "example.com; l=0": undefined,
    "example.com\r\nX: y": undefined,
    "exam\u00ADple.com": undefined,
    "example。com\u0000": undefined,
    [`${"a".repeat(64)}.com`]: undefined,
    [`${"a.".repeat(130)}com`]: undefined,
  };
  for (const [text, domain] of Object.entries(cases)) {
    assert.equal(signingDomain(text), domain, text);
  }
});

Deno.test("selectorName() accepts labels of letters, digits and hyphens (RFC 6376, 3.1)", () => {
  assert.equal(selectorName("Mail2026"), "mail2026");
  assert.equal(selectorName("2026.eu-west"), "2026.eu-west");
  for (const text of ["", ".", "a.", "a b", "a;", "a_b", "a\r\nb", "-a", "ü", "a:b"]) {
    assert.equal(selectorName(text), undefined, text);
  }
});

Deno.test("dkimSettings() accepts one key, or one of each algorithm, each with a selector", () => {
  const both = dkimSettings("a.example", ["one", "two"], [ED25519, RSA]);
  assert.deepEqual(both.keys.map(({ selector, algorithm }) => [selector, algorithm]), [
    ["one", "ed25519-sha256"],
    ["two", "rsa-sha256"],
  ]);
  const fault = (selectors: string[], ...keys: typeof RSA[]) =>
    refusalOf(() => dkimSettings("a.example", selectors, keys));
  assert.match(
    fault(["one"], RSA, ED25519),
    /needs its own selector: found 1 selector for 2 keys/,
  );
  assert.match(fault(["one", "one"], RSA, ED25519), /its own selector: found 'one' for 2 keys/);
  // Two distinct ones of three would sign with a selector that has no key.
  for (const names of [["a", "a", "b"], ["a", "b", "b"], ["a", "b", "c"]]) {
    assert.match(fault(names, RSA, ED25519), /found 3 selectors for 2 keys/);
  }
  assert.match(fault(["a", "a"], RSA), /found 2 selectors for 1 key/);
  assert.match(fault(["one", "two"], RSA), /found 2 selectors for 1 key/);
  assert.match(fault(["one", "two"], RSA, RSA), /one RSA and one Ed25519 key: found rsa, rsa/);
  assert.match(fault(["a", "b", "c"], RSA, ED25519, RSA), /found rsa, ed25519, rsa/);
  assert.match(fault([Array(60).fill("abcd").join(".")], RSA), /too long for the DNS/);
});

Deno.test("misalignment() reports when From's domain and the signing domain are not aligned", () => {
  const reason = (domain: string, from: string) => misalignment({ domain, keys: [] }, from);
  assert.equal(reason("example.com", "news@example.com"), undefined);
  assert.equal(reason("example.com", "news@Mail.Example.com"), undefined);
  assert.equal(reason("mail.example.com", "news@example.com"), undefined);
  assert.match(
    reason("example.com", "news@badexample.com")!,
    /^Mails from badexample\.com are signed for example\.com: DMARC/,
  );
  assert.notEqual(reason("mail.example.com", "news@news.example.com"), undefined);
});
