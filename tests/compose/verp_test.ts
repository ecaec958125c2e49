import assert from "node:assert/strict";
import fc from "fast-check";
import {
  parseVerp,
  tokenOfMessageId,
  tokenOfReturnPath,
  VerpKey,
  verpSender,
} from "../../src/compose/unsubscribe/verp.ts";
import { composerOf, FROM, mailOf } from "./support.ts";
import { InputError } from "../../src/model/input_error.ts";

const token = fc.stringMatching(/^[0-9a-f]{32}$/);

Deno.test("verpSender() makes an address within the limits of RFC 5321 that brings its token back", () => {
  fc.assert(fc.property(token, fc.stringMatching(/^[a-z]{1,31}$/), (token, local) => {
    const address = verpSender(parseVerp(`${local}@example.com`), token);
    assert(address.lastIndexOf("@") <= 64 && address.length <= 254, address);
    assert.match(address, /^[\x21-\x7e]+$/);
    assert.equal(tokenOfReturnPath(address), token);
    assert.equal(tokenOfReturnPath(address.toUpperCase()), token);
  }));
});

Deno.test("tokenOfReturnPath() and tokenOfMessageId() recognize only our own", () => {
  const ours = "0123456789abcdef0123456789abcdef";
  assert.equal(tokenOfReturnPath(`bounces+x+${ours}@example.com`), ours);
  for (
    const other of [
      "",
      "bounces@example.com",
      "bounces+ann=example.org@example.com",
      `bounces+${ours}`,
      `bounces+${ours}0@example.com`,
      `${ours}@example.com`,
      `bounces+${ours}@a b`,
    ]
  ) {
    assert.equal(tokenOfReturnPath(other), undefined, other);
  }
  assert.equal(tokenOfMessageId(`<${ours.toUpperCase()}@example.com>`), ours);
  assert.equal(tokenOfMessageId(` ${ours}@example.com `), ours);
  for (const other of ["", `<${ours}>`, `<x${ours}@example.com>`, `<${ours}@a> <b@c>`]) {
    assert.equal(tokenOfMessageId(other), undefined, other);
  }
});

Deno.test("parseVerp() refuses an address that cannot hold a token", () => {
  for (
    const text of [
      "",
      "bounces",
      "Bounces <bounces@example.com>",
      "a@b@example.com",
      "zoë@example.com",
      `${"a".repeat(32)}@example.com`,
      `a@${"b.".repeat(120)}example.com`,
      "a\r\n@example.com",
    ]
  ) {
    assert.throws(() => parseVerp(text), InputError, text);
  }
  assert.deepEqual(parseVerp("bounces@bücher.example"), {
    local: "bounces",
    domain: "xn--bcher-kva.example",
  });
});

Deno.test("compose() puts a token into the envelope sender, and into nothing else", async () => {
  const template = `${FROM}Subject: Hello\n\nHello.\n`;
  const verp = parseVerp("bounces@example.com");
  const given = mailOf(await composerOf(template, undefined, { verp, now: () => 0 }), ["A", "a@x"]);
  const plain = mailOf(await composerOf(template, undefined, { now: () => 0 }), ["A", "a@x"]);
  assert.match(given.envelope.sender, /^bounces\+[0-9a-f]{32}@example\.com$/);
  assert.equal(plain.envelope.sender, "news@acme.example");
  assert.deepEqual(given.bytes, plain.bytes);
});

Deno.test("compose() makes return paths with the ledger's secret, which cannot be computed from the mail", async () => {
  const template = `${FROM}Subject: Hello\n\nHello.\n`;
  const verp = parseVerp("bounces@example.com");
  const pathBy = async (secret: string | undefined) => {
    const composer = await composerOf(template, undefined, { verp, now: () => 0 });
    if (secret !== undefined) composer.useVerpSecret(secret);
    const { envelope, messageId } = mailOf(composer, ["A", "a@x"]);
    return {
      token: tokenOfReturnPath(envelope.sender)!,
      messageToken: tokenOfMessageId(messageId)!,
    };
  };
  const one = await pathBy("one");
  assert.deepEqual(await pathBy("one"), one, "the same on every try");
  assert.equal(one.token, new VerpKey("one").tokenOf(one.messageToken));
  const others = [await pathBy("two"), await pathBy(undefined), await pathBy(undefined)];
  const tokens = new Set(
    [one, ...others].flatMap(({ token, messageToken }) => [token, messageToken]),
  );
  assert.equal(tokens.size, 5, "four return paths and one Message-ID");
});

Deno.test("VerpKey makes the token of RFC 2104's HMAC, of the length that a return path has", async () => {
  const secret = new TextEncoder().encode("email-dispatcher verp 1 s");
  const usage = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", secret, usage, false, ["sign"]);
  const text = "0123456789abcdef0123456789abcdef";
  const mac = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text));
  const expected = Array.from(new Uint8Array(mac), (octet) => octet.toString(16).padStart(2, "0"));
  assert.equal(new VerpKey("s").tokenOf(text), expected.slice(0, 16).join(""));
});

/**
 * Reports come back days after their mails, perhaps to a newer version of this program. Made without it, by OpenSSL:
 *
 *     id=$(printf 'spring\0ann@example.com' | openssl dgst -sha256 -r | head -c 32)
 *     printf %s "$id" | openssl dgst -sha256 -hmac 'email-dispatcher verp 1 s3cret' -r | head -c 32
 */
Deno.test("compose() keeps to the return paths and Message-IDs of mails already sent", async () => {
  const verp = parseVerp("bounces@reports.example");
  const composer = await composerOf(`${FROM}Subject: x\n\nx\n`, undefined, { verp });
  composer.useVerpSecret("s3cret");
  const { envelope, messageId } = mailOf(composer, ["Ann", "Ann@Example.com"], {
    address: "Ann@example.com",
  });
  assert.equal(messageId, "<4794f766318e3b62c7b30f33c1287bb2@acme.example>");
  assert.equal(envelope.sender, "bounces+dd1d0c9967c2ccfe35da55b3579201b4@reports.example");
});

Deno.test("parseVerp() keeps to the limits of RFC 5321, 4.5.3.1, token included", () => {
  // 64 octets of local part are 31 before "+" and 32 of the token.
  const domainOf = (length: number) => "d.".repeat(length).slice(0, length - 2) + "xx";
  const table: [local: number, domain: number, fits: boolean][] = [
    [31, 100, true],
    [32, 100, false],
    [1, 254 - 33 - "l@".length, true],
    [1, 255 - 33 - "l@".length, false],
  ];
  for (const [local, domain, fits] of table) {
    const address = `${"l".repeat(local)}@${domainOf(domain)}`;
    if (!fits) {
      assert.throws(() => parseVerp(address), InputError, address);
      continue;
    }
    const sender = verpSender(parseVerp(address), "0".repeat(32));
    assert(sender.lastIndexOf("@") <= 64 && sender.length <= 254, sender);
  }
});
