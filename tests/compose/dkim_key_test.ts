import assert from "node:assert/strict";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { readPrivateKeys, weaknessOf } from "../../src/compose/dkim/dkim_key.ts";
import { ed25519Pem, keyOf, refusalOf, rsaPem } from "./dkim_support.ts";

const RSA = rsaPem();
const PUBLIC = createPublicKey(RSA).export({ type: "spki", format: "pem" }).toString();

/** The message for a key that cannot be used; fails if the message contains any of the key. */
function refusal(pem: string): string {
  const text = refusalOf(() => readPrivateKeys(pem, "The key", { file: "dkim.pem" }));
  for (const secret of pem.match(/[A-Za-z0-9+/=]{20,}/g) ?? []) {
    assert.ok(!text.includes(secret.slice(0, 20)), `${text} holds ${secret}`);
  }
  return text;
}

Deno.test("readPrivateKeys() reads RSA keys in both forms and Ed25519 keys", () => {
  const pkcs1 = keyOf(RSA).key.export({ type: "pkcs1", format: "pem" }).toString();
  for (const pem of [RSA, pkcs1, RSA.replaceAll("\n", "\r\n"), `Made in May\n${PUBLIC}${RSA}`]) {
    const [key, ...others] = readPrivateKeys(pem, "The key");
    assert.deepEqual([key?.algorithm, key?.bits, others.length], ["rsa-sha256", 2048, 0]);
  }
  const both = readPrivateKeys(`${RSA}${ed25519Pem()}`, "The key");
  assert.deepEqual(both.map(({ algorithm }) => algorithm), ["rsa-sha256", "ed25519-sha256"]);
});

Deno.test("readPrivateKeys() refuses a key that cannot sign, and says why without showing any of it", () => {
  const body = RSA.replace(/-----.*-----/g, "").trim();
  const traditional = `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n` +
    `DEK-Info: AES-128-CBC,00\n\n${body}\n-----END RSA PRIVATE KEY-----\n`;
  const elliptic = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey
    .export({ type: "pkcs8", format: "pem" }).toString();
  const cases: [pem: string, reason: RegExp][] = [
    ["", /^dkim\.pem: The key is not in PEM format\n {2}.*openssl genrsa/],
    [body, /is not in PEM format/],
    [RSA.replace("-----END PRIVATE KEY-----", ""), /is not in PEM format/],
    [PUBLIC, /must be the private key: it contains the public key/],
    [
      `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----`,
      /private key: it contains no key/,
    ],
    [
      `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${body}\n-----END ENCRYPTED PRIVATE KEY-----`,
      /is encrypted/,
    ],
    [traditional, /is encrypted\n {2}Remove the passphrase with openssl pkey/],
    [
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----`,
      /is in OpenSSH format/,
    ],
    [RSA.replace(body, body.slice(0, 200)), /cannot be read: its PEM block is damaged/],
    [RSA.replace(body, "MIIE!"), /cannot be read/],
    [elliptic, /must be an RSA or Ed25519 key: found ec/],
    [rsaPem(512), /has 512 bits: receivers ignore RSA keys under 1024 \(RFC 8301, 3\.2\)/],
    [rsaPem(1023), /has 1023 bits/],
  ];
  for (const [pem, reason] of cases) assert.match(refusal(pem), reason);
});

Deno.test("weaknessOf() warns of RSA keys under 2048 bits, and of those that verifiers need not support", () => {
  const rsa = keyOf(RSA);
  assert.equal(weaknessOf(rsa), undefined);
  assert.equal(weaknessOf(keyOf(ed25519Pem())), undefined);
  assert.match(weaknessOf(keyOf(rsaPem(1024)))!, /has 1024 bits, .* at least 2048/);
  assert.match(weaknessOf({ ...rsa, bits: 2047 })!, /2047/);
  assert.equal(weaknessOf({ ...rsa, bits: 4096 }), undefined);
  assert.match(weaknessOf({ ...rsa, bits: 8192 })!, /need not verify more than 4096/);
});

Deno.test("A private key shows nothing of itself when it is printed or serialised", () => {
  const key = keyOf(RSA);
  const shown = `${Deno.inspect(key, { depth: 9, showHidden: true })}${
    JSON.stringify(key)
  }${key.key}`;
  for (const line of RSA.split("\n")) {
    if (!line.startsWith("---") && line !== "") assert.ok(!shown.includes(line.slice(0, 12)));
  }
});
