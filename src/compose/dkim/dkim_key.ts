import { createPrivateKey, hash, type KeyObject, sign } from "node:crypto";
import { InputError, type SourcePlace } from "../../model/input_error.ts";

/** A signing algorithm (RFC 6376, 3.3.2; RFC 8463, 3). */
export type Algorithm = "rsa-sha256" | "ed25519-sha256";

/** A private key. It prints and serialises as nothing of what it holds. */
export interface PrivateKey {
  readonly algorithm: Algorithm;
  /** Length of the modulus of an RSA key, else undefined. */
  readonly bits: number | undefined;
  readonly key: KeyObject;
}

/** RFC 8301, 3.2: shorter RSA keys are not to be used, these should not be, and longer ones no verifier need take. */
const LEAST_BITS = 1024;
const ADVISED_BITS = 2048;
const MOST_BITS = 4096;

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----([^]*?)-----END \1-----/g;

const HOW_TO_MAKE = "openssl genrsa -out dkim.pem 2048 makes an RSA key, " +
  "openssl genpkey -algorithm ed25519 -out dkim-ed25519.pem an Ed25519 key";

/**
 * The private keys in a PEM text, in their order; public keys and certificates beside them are left out.
 *
 * @param name What to call the text in an error.
 * @throws {InputError} where there is none, or one that cannot sign. No message holds any of the text.
 */
export function readPrivateKeys(
  text: string,
  name: string,
  place?: SourcePlace,
): readonly PrivateKey[] {
  const refuse = (reason: string, hint?: string): InputError =>
    new InputError(`${name} ${reason}`, { place, hint });
  const blocks = [...text.matchAll(BLOCK)].map(([pem, label = "", body = ""]) => ({
    pem,
    label,
    encrypted: label.startsWith("ENCRYPTED") || /^\s*Proc-Type:.*ENCRYPTED/i.test(body),
  }));
  if (blocks.length === 0) {
    throw refuse("is not in PEM format", `it has no '-----BEGIN PRIVATE KEY-----'; ${HOW_TO_MAKE}`);
  }
  const keys = blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
  if (keys.length === 0) {
    const holds = blocks.some(({ label }) => label.endsWith("PUBLIC KEY"))
      ? "the public key; that one belongs in the DNS"
      : "no key";
    throw refuse(`must be the private key: it holds ${holds}`, HOW_TO_MAKE);
  }
  return keys.map(({ pem, label, encrypted }) => {
    if (encrypted) {
      throw refuse(
        "is encrypted",
        "openssl pkey -in KEY -out PLAIN takes the passphrase off; chmod 600 PLAIN",
      );
    }
    if (label.startsWith("OPENSSH")) {
      throw refuse("is in the format of OpenSSH, which mail does not use", HOW_TO_MAKE);
    }
    return usable(pem, refuse);
  });
}

/** The signature of `data` (RFC 6376, 3.3.2; RFC 8463, 3: Ed25519 signs the SHA-256 of it). */
export function signatureOf({ algorithm, key }: PrivateKey, data: Uint8Array): Uint8Array {
  return algorithm === "rsa-sha256"
    ? sign("sha256", data, key)
    : sign(null, hash("sha256", data, "buffer"), key);
}

/** What a key is worth a warning for; undefined: nothing. */
export function weaknessOf({ bits }: PrivateKey): string | undefined {
  if (bits === undefined) return undefined;
  if (bits < ADVISED_BITS) {
    return `has ${bits} bits, and RSA keys should have ${ADVISED_BITS} at the least (RFC 8301, 3.2)`;
  }
  if (bits > MOST_BITS) {
    return `has ${bits} bits, and receivers need not verify more than ${MOST_BITS} (RFC 8301, 3.2)`;
  }
  return undefined;
}

function usable(pem: string, refuse: (reason: string, hint?: string) => InputError): PrivateKey {
  const key = parse(pem);
  if (key === undefined) throw refuse("cannot be read: its PEM block is damaged", HOW_TO_MAKE);
  if (key.asymmetricKeyType === "ed25519") {
    return { algorithm: "ed25519-sha256", bits: undefined, key };
  }
  const bits = key.asymmetricKeyDetails?.modulusLength;
  if (key.asymmetricKeyType !== "rsa" || bits === undefined) {
    throw refuse(`must be an RSA or Ed25519 key: found ${key.asymmetricKeyType}`, HOW_TO_MAKE);
  }
  if (bits < LEAST_BITS) {
    throw refuse(
      `has ${bits} bits; RSA keys under ${LEAST_BITS} do not count (RFC 8301, 3.2)`,
      HOW_TO_MAKE,
    );
  }
  return { algorithm: "rsa-sha256", bits, key };
}

/** The error of the parser is dropped, so that nothing it may quote gets out. */
function parse(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
