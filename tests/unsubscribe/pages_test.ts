import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { pagesOf } from "../../src/unsubscribe/pages.ts";

const { policy, ...pages } = pagesOf("Acme <b>News</b> & \"Co\" 'x'");

Deno.test("Pages load nothing and run nothing, and the policy allows only their own style", () => {
  for (const [name, html] of Object.entries(pages)) {
    assert.doesNotMatch(
      html,
      /<script|<link|<img|<iframe|https?:|url\(|@import| on\w+=| style=/i,
      name,
    );
    const style = /<style>([\s\S]*?)<\/style>/.exec(html)![1]!;
    const hash = createHash("sha256").update(style).digest("base64");
    assert(policy.includes(`style-src 'sha256-${hash}'`), name);
  }
  for (
    const rule of [
      "default-src 'none'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]
  ) assert(policy.includes(rule), rule);
});

Deno.test("Pages have a language, a title, one heading, a width that fits phones, and dark colours", () => {
  for (const [name, html] of Object.entries(pages)) {
    assert.match(html, /^<!doctype html>\n<html lang="en">/, name);
    assert.match(html, /<title>[^<]+<\/title>/, name);
    assert.match(
      html,
      /<meta name="viewport" content="width=device-width, initial-scale=1">/,
      name,
    );
    assert.match(html, /prefers-color-scheme: dark/, name);
    assert.equal(html.match(/<h1>/g)?.length, 1, name);
  }
});

Deno.test("Pages show the sender's name as text", () => {
  assert.match(pages.ask, /Acme &lt;b&gt;News&lt;\/b&gt; &amp; &#34;Co&#34; &#39;x&#39;\?/);
  assert.match(pagesOf(undefined).ask, /Unsubscribe from this sender\?/);
});

Deno.test("The page that asks has one form, which POSTs to its own URL, with one button", () => {
  assert.equal(pages.ask.match(/<form /g)?.length, 1);
  assert.match(pages.ask, /<form method="post"><button name="leave" value="yes">/);
});
