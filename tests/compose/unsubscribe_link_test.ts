import assert from "node:assert/strict";
import {
  parseBaseUrl,
  unsubscribeHeaders,
  unsubscribeMailto,
  unsubscribeUrl,
} from "../../src/compose/unsubscribe/unsubscribe_link.ts";
import { readToken, TokenSecret } from "../../src/compose/unsubscribe/unsubscribe_token.ts";
import { InputError } from "../../src/model/input_error.ts";

const secret = new TokenSecret("a secret of thirty-two bytes or more", "UNSUBSCRIBE_SECRET");

Deno.test("parseBaseUrl() accepts https, and http on this machine, and drops a trailing slash", () => {
  const table = [
    ["https://news.example.com", "https://news.example.com"],
    ["https://news.example.com/", "https://news.example.com"],
    ["https://News.Example.com:8443/mail//", "https://news.example.com:8443/mail"],
    ["http://localhost:8080", "http://localhost:8080"],
    ["http://127.0.0.1:8080/", "http://127.0.0.1:8080"],
    ["http://[::1]:8080", "http://[::1]:8080"],
  ] as const;
  for (const [given, expected] of table) assert.equal(parseBaseUrl(given, "--base-url"), expected);
});

Deno.test("parseBaseUrl() refuses a URL from which no link can be made, without repeating it", () => {
  const table = [
    "",
    "news.example.com",
    "http://news.example.com",
    "http://127.0.0.1.example.com",
    "ftp://news.example.com",
    "https://ann:geheim@news.example.com",
    "https://news.example.com/?a=geheim",
    "https://news.example.com/#geheim",
    "https://news.example.com/?",
    "https://",
  ];
  for (const given of table) {
    assert.throws(() => parseBaseUrl(given, "--base-url"), (error) => {
      assert(error instanceof InputError, given);
      assert.match(error.message, /^--base-url must be an https URL/);
      assert.doesNotMatch(error.describe(), /geheim/);
      return true;
    });
  }
});

Deno.test("unsubscribeUrl() returns a URL that contains only the token", () => {
  const url = new URL(unsubscribeUrl("https://x.test/mail", secret, "spring", "ann@example.com"));
  assert.equal(url.search + url.hash, "");
  const [, token] = /^\/mail\/u\/([^/]+)$/.exec(url.pathname)!;
  assert.deepEqual(readToken(secret, token!), { campaign: "spring", key: "ann@example.com" });
});

Deno.test("unsubscribeMailto() carries the link's token in its subject", () => {
  const url = "https://x.test/u/abc1";
  const table: [address: string, url: string | undefined, expected: string][] = [
    ["leave@example.com", url, "mailto:leave@example.com?subject=unsubscribe%20abc1"],
    ["leave@example.com", undefined, "mailto:leave@example.com?subject=unsubscribe"],
    ["a+b?c&d@example.com", undefined, "mailto:a%2Bb%3Fc%26d@example.com?subject=unsubscribe"],
  ];
  for (const [address, link, expected] of table) {
    assert.equal(unsubscribeMailto(address, link), expected);
  }
});

Deno.test("leavingHeaders() has one-click only with an https link, and the link before the mail address", () => {
  const [url, mailto] = ["https://x.test/u/abc1", "mailto:leave@example.com?subject=unsubscribe"];
  const post = { name: "List-Unsubscribe-Post", parts: ["List-Unsubscribe=One-Click"] };
  assert.deepEqual(unsubscribeHeaders({ url, mailto }), [
    { name: "List-Unsubscribe", parts: [`<${url}>,`, `<${mailto}>`] },
    post,
  ]);
  assert.deepEqual(unsubscribeHeaders({ url, mailto: undefined }), [
    { name: "List-Unsubscribe", parts: [`<${url}>`] },
    post,
  ]);
  assert.deepEqual(unsubscribeHeaders({ url: undefined, mailto }), [
    { name: "List-Unsubscribe", parts: [`<${mailto}>`] },
  ]);
  assert.deepEqual(unsubscribeHeaders({ url: undefined, mailto: undefined }), []);
});
