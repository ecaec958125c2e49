import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import {
  makeToken,
  readToken,
  TokenSecret,
} from "../../src/compose/unsubscribe/unsubscribe_token.ts";
import { InputError } from "../../src/model/input_error.ts";

const secret = new TokenSecret("a secret of thirty-two bytes or more", "UNSUBSCRIBE_SECRET");
const other = new TokenSecret("b secret of thirty-two bytes or more", "UNSUBSCRIBE_SECRET");

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const campaigns = fc.stringMatching(/^[\p{L}\p{N}._-]{1,40}$/u);
const keys = fc.tuple(fc.stringMatching(/^[^@\0\s]{1,40}$/u), fc.domain())
  .map(([local, domain]) => `${local}@${domain}`);
const leavings = fc.record({ campaign: campaigns, key: keys });

Deno.test("readToken() reads what makeToken() made", () => {
  fc.assert(
    fc.property(leavings, (leaving) => {
      assert.deepEqual(readToken(secret, makeToken(secret, leaving)), {
        campaign: leaving.campaign.toWellFormed(),
        key: leaving.key.toWellFormed(),
      });
    }),
  );
});

Deno.test("makeToken() makes the same token each time: URL-safe, not ending in punctuation, 1.4 characters per octet", () => {
  fc.assert(
    fc.property(leavings, (leaving) => {
      const token = makeToken(secret, leaving);
      assert.equal(makeToken(secret, leaving), token);
      assert.match(token, /^[A-Za-z0-9_-]+1$/);
      const octets = Buffer.byteLength(`${leaving.campaign}\0${leaving.key}`);
      assert.equal(token.length, Math.ceil((octets + 16) * 4 / 3) + 1);
    }),
  );
});

Deno.test("readToken() refuses a token with any one character changed, removed or added", () => {
  for (const key of ["ann@example.com", "li@example.com", "bo@example.com"]) {
    const token = makeToken(secret, { campaign: "2026-11", key });
    for (let at = 0; at < token.length; at++) {
      for (const letter of ALPHABET) {
        if (letter === token[at]) continue;
        assert.equal(
          readToken(secret, token.slice(0, at) + letter + token.slice(at + 1)),
          undefined,
        );
        assert.equal(readToken(secret, token.slice(0, at) + letter + token.slice(at)), undefined);
      }
      assert.equal(readToken(secret, token.slice(0, at) + token.slice(at + 1)), undefined);
    }
  }
});

Deno.test("readToken() refuses every single flipped bit, including those of the decoded bytes", () => {
  const token = makeToken(secret, { campaign: "c", key: "ann@example.com" });
  const octets = Buffer.from(token.slice(0, -1), "base64url");
  for (let bit = 0; bit < octets.length * 8; bit++) {
    const changed = Buffer.from(octets);
    changed[bit >> 3]! ^= 1 << (bit & 7);
    assert.equal(readToken(secret, `${changed.toString("base64url")}1`), undefined);
  }
  for (let at = 0; at < token.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const flipped = String.fromCharCode(token.charCodeAt(at) ^ (1 << bit));
      assert.equal(
        readToken(secret, token.slice(0, at) + flipped + token.slice(at + 1)),
        undefined,
      );
    }
  }
});

Deno.test("readToken() refuses the tag of one token with the address of another, as of another campaign or secret", () => {
  fc.assert(
    fc.property(leavings, leavings, (one, two) => {
      fc.pre(`${one.campaign}\0${one.key}` !== `${two.campaign}\0${two.key}`);
      const [a, b] = [one, two].map((leaving) =>
        Buffer.from(makeToken(secret, leaving).slice(0, -1), "base64url")
      );
      const mixed = Buffer.concat([a!.subarray(0, 16), b!.subarray(16)]);
      assert.equal(readToken(secret, `${mixed.toString("base64url")}1`), undefined);
      assert.equal(readToken(other, makeToken(secret, one)), undefined);
    }),
  );
});

Deno.test("readToken() refuses any text that is not a token, however long, in base64 of any kind", () => {
  const token = makeToken(secret, { campaign: "c", key: "ann@example.com" });
  const table = ["", "1", "11", token.slice(0, -1), `${token}1`, ` ${token}`, `${token} `, "\0"];
  for (const text of [...table, `${token.slice(0, -1)}=1`, token.toLowerCase(), "A".repeat(1e6)]) {
    assert.equal(readToken(secret, text), undefined, text.slice(0, 100));
  }
  fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => {
    assert.equal(readToken(secret, text), undefined);
  }));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
    assert.equal(readToken(secret, `${Buffer.from(octets).toString("base64url")}1`), undefined);
  }));
});

Deno.test("A token shows neither address nor campaign, and two that differ little have nothing in common", () => {
  const octetsOf = (key: string) =>
    Buffer.from(makeToken(secret, { campaign: "spring", key }).slice(0, -1), "base64url");
  const [one, two] = [octetsOf("ann@example.com"), octetsOf("anm@example.com")];
  for (const text of ["spring", "ann", "example"]) assert(!one.includes(text));
  const same = one.filter((octet, index) => octet === two[index]).length;
  assert(same < 8, `${same} of ${one.length} octets are the same`);
});

Deno.test("TokenSecret refuses a secret under 32 bytes without repeating it; octets count, not characters", () => {
  for (const short of ["", "geheim", "g".repeat(31), "ä".repeat(15)]) {
    assert.throws(() => new TokenSecret(short, "UNSUBSCRIBE_SECRET"), (error) => {
      assert(error instanceof InputError);
      const said = error.describe();
      assert.match(said, /^UNSUBSCRIBE_SECRET must be at least 32 bytes: found \d+\n/);
      assert(short === "" || !said.includes(short));
      return true;
    });
  }
  new TokenSecret("ä".repeat(16), "UNSUBSCRIBE_SECRET");
});

Deno.test("TokenSecret does not reveal itself", () => {
  const text = "a secret of thirty-two bytes or more";
  for (const shown of [Deno.inspect(secret), JSON.stringify(secret), String(secret)]) {
    assert(!shown.includes("secret of"), shown);
    assert(!shown.includes(Buffer.from(text).toString("hex").slice(0, 8)), shown);
  }
});

Deno.test("makeToken() refuses what a token could not distinguish or contain", () => {
  assert.throws(() => makeToken(secret, { campaign: "a\0b", key: "c@d.de" }), RangeError);
  for (const length of [1_017, 1_018, 1_019, 1_100, 5_000]) {
    assert.throws(() => makeToken(secret, { campaign: "c", key: "ü".repeat(length) }), RangeError);
    assert.throws(
      () => makeToken(secret, { campaign: "c", key: "k".repeat(length + 10) }),
      RangeError,
    );
  }
  // Slightly more than a thousand octets; longer texts are refused, never cut.
  const limit = { campaign: "c", key: "k".repeat(1_018) };
  assert.deepEqual(readToken(secret, makeToken(secret, limit)), limit);
  assert.throws(() => makeToken(secret, { ...limit, key: `${limit.key}k` }), RangeError);
  const longest = { campaign: "ü".repeat(60), key: `${"x".repeat(64)}@${"y".repeat(250)}` };
  assert.deepEqual(readToken(secret, makeToken(secret, longest)), longest);
});

/**
 * Links of mails that were sent years ago still have to work. Made without this program, by Python:
 *
 *     import base64, hashlib, hmac
 *     mac = lambda key, text: hmac.new(key, text, hashlib.sha256).digest()
 *     def token(secret, campaign, key):
 *         text = f"{campaign}\0{key}".encode()
 *         tag = mac(mac(secret, b"email-dispatcher unsubscribe 1 tag"), text)[:16]
 *         stream = mac(secret, b"email-dispatcher unsubscribe 1 stream")
 *         pad = b"".join(hashlib.sha512(stream + tag + bytes([n])).digest() for n in range(len(text) // 64 + 1))
 *         hidden = bytes(a ^ b for a, b in zip(text, pad))
 *         return base64.urlsafe_b64encode(tag + hidden).decode().rstrip("=") + "1"
 *     print(token(b"a secret of thirty-two bytes or more", "spring", "ann@example.com"))
 */
const SENT: readonly (readonly [campaign: string, key: string, token: string])[] = [
  ["spring", "ann@example.com", "0eR8uapz6wh2jhmdmCZgpMq2I__CplnckJy_qa41sHP2xFmkFW01"],
  [
    "2026-11",
    "li@xn--bcher-kva.example",
    "0C2nD-UbogD6yHTiGq_yzIq5DzE3OxLND4xxFTPFOZLzy0d_1qG7he2inaBsfula1",
  ],
  [ // More than one block of the key stream.
    "Frühling",
    "a.rather.long.local.part.that.fills.the.first.block@mail.department.example.com",
    "G9f1QqrJdZHGidLdWf1jZ1n_uGlyy3mKSkY9_DS3nCpOGnCoYdfIJ43FoFO_jECPceRo2rHPyfw5Bo_4EsdiWIapU5bYbMAPA1aRBZlAh7uuJCgqfqfRFLKv93pWNGbFwiS6TlnrcDqg1",
  ],
];

Deno.test("makeToken() and readToken() keep to the format of tokens in mails already sent", () => {
  for (const [campaign, key, token] of SENT) {
    assert.equal(makeToken(secret, { campaign, key }), token);
    assert.deepEqual(readToken(secret, token), { campaign, key });
  }
});
