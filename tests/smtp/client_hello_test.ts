import assert from "node:assert/strict";
import { clientHello, isTlsRecord } from "../../src/smtp/wire/client_hello.ts";

// Whether real TLS servers understand it is in port_watch_test.ts.

const text = (bytes: Uint8Array) => String.fromCharCode(...bytes);
/** Two bytes as one number. */
const pairAt = (bytes: Uint8Array, at: number) => bytes[at]! * 256 + bytes[at + 1]!;

Deno.test("clientHello() names a host by its name only (RFC 6066, 3: no addresses)", () => {
  for (const host of ["mx.test", "localhost", "1.example.test"]) {
    assert.ok(text(clientHello(host)).includes(host), host);
  }
  for (const host of ["127.0.0.1", "::1", "[::1]", "2001:db8::1"]) {
    assert.ok(!text(clientHello(host)).includes(host), host);
  }
});

Deno.test("clientHello() is one record whose lengths hold (RFC 5246, 6.2.1 and 7.4)", () => {
  for (const host of ["mx.test", "127.0.0.1", `${"a".repeat(60)}.test`]) {
    const hello = clientHello(host);
    assert.ok(isTlsRecord(hello));
    // Record: type, version, length. Handshake: type (client hello), length of three bytes.
    assert.equal(pairAt(hello, 3), hello.length - 5);
    assert.deepEqual([hello[5], hello[6]], [1, 0]);
    assert.equal(pairAt(hello, 7), hello.length - 9);
    // Version, 32 random bytes, an empty session, the cipher suites, one compression, the extensions.
    const suites = 9 + 2 + 32 + 1;
    const extensions = suites + 2 + pairAt(hello, suites) + 2;
    assert.equal(pairAt(hello, extensions), hello.length - extensions - 2);
  }
});

Deno.test("isTlsRecord() recognizes a handshake and an alert of any version", () => {
  for (const bytes of [[22, 3, 0], [22, 3, 3], [21, 3, 1]]) {
    assert.equal(isTlsRecord(Uint8Array.from(bytes)), true);
  }
  for (const bytes of [[20, 3, 3], [23, 3, 3], [22, 2, 3], [22, 4, 3], [22], []]) {
    assert.equal(isTlsRecord(Uint8Array.from(bytes)), false);
  }
});
