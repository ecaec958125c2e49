import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { KeyedHash } from "../../src/compose/unsubscribe/keyed_hash.ts";

const octets = (text: string) => new TextEncoder().encode(text);

Deno.test("KeyedHash.of() gives the values of RFC 4231", () => {
  const table: [key: Uint8Array, text: Uint8Array, digest: string][] = [
    [
      new Uint8Array(20).fill(0x0b),
      octets("Hi There"),
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    ],
    [
      octets("Jefe"),
      octets("what do ya want for nothing?"),
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    ],
    [
      new Uint8Array(20).fill(0xaa),
      new Uint8Array(50).fill(0xdd),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    ],
    [
      new Uint8Array(131).fill(0xaa),
      octets("Test Using Larger Than Block-Size Key - Hash Key First"),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    ],
  ];
  for (const [key, text, digest] of table) assert.equal(new KeyedHash(key).of(text), digest);
});

Deno.test("KeyedHash.of() agrees with createHmac for any key and any texts after each other", () => {
  const bytes = fc.uint8Array({ maxLength: 600 });
  fc.assert(
    fc.property(bytes, fc.array(bytes, { maxLength: 4 }), (key, texts) => {
      const keyed = new KeyedHash(key);
      for (const text of texts) {
        assert.equal(keyed.of(text), createHmac("sha256", key).update(text).digest("hex"));
      }
    }),
  );
});
