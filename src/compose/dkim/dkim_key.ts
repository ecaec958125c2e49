import { createPrivateKey, hash, type KeyObject, sign } from "node:crypto";
import { InputError, type SourcePlace } from "../../model/input_error.ts";

/** A signing algorithm (RFC 6376, 3.3.2; RFC 8463, 3). */
export type Algorithm = "rsa-sha256" | "ed25519-sha256";

/** A private key. Printing or serialising it reveals nothing. */
export interface PrivateKey {
  readonly algorithm: Algorithm;
  /** Length of an RSA key's modulus; undefined for other keys. */
  readonly bits: number | undefined;
  readonly key: KeyObject;
}

/** RFC 8301, 3.2: the minimum and the recommended length of RSA keys, and the longest that verifiers must accept. */
const LEAST_BITS = 1024;
const ADVISED_BITS = 2048;
const MOST_BITS = 4096;

const BLOCK = /-----BEGIN ([A-Z0-9 ]{1,40})-----([^]*?)-----END \1-----/g;

const HOW_TO_MAKE = "Make an RSA key with openssl genrsa -out dkim.pem 2048, " +
  "or an Ed25519 key with openssl genpkey -algorithm ed25519 -out dkim-ed25519.pem.";

/**
 * Reads the private keys in a PEM text, in order; public keys and certificates are skipped.
 *
 * @param name Name of the text in errors.
 * @throws {InputError} if there is none, or one cannot sign. No message contains any of the text.
 */
export function readPrivateKeys(
  text: string,
  name: string,
  place?: SourcePlace,
): readonly PrivateKey[] {
  const refuse = (reason: string, hint?: string): InputError =>
    new InputError(`${name} ${reason}`, { place, hint, kind: "secret" });
  const blocks = [...text.matchAll(BLOCK)].map(([pem, label = "", body = ""]) => ({
    pem,
    label,
    encrypted: label.startsWith("ENCRYPTED") || /^\s*Proc-Type:.*ENCRYPTED/i.test(body),
  }));
  if (blocks.length === 0) {
    throw refuse(
      "is not in PEM format",
      `It has no line '-----BEGIN PRIVATE KEY-----'. ${HOW_TO_MAKE}`,
    );
  }
  const keys = blocks.filter(({ label }) => label.endsWith("PRIVATE KEY"));
  if (keys.length === 0) {
    const holds = blocks.some(({ label }) => label.endsWith("PUBLIC KEY"))
      ? "the public key, which belongs in the DNS"
      : "no key";
    throw refuse(`must be the private key: it contains ${holds}`, HOW_TO_MAKE);
  }
  return keys.map(({ pem, label, encrypted }) => {
    if (encrypted) {
      throw refuse(
        "is encrypted",
        "Remove the passphrase with openssl pkey -in KEY -out PLAIN, and run chmod 600 PLAIN.",
      );
    }
    if (label.startsWith("OPENSSH")) {
      throw refuse("is in OpenSSH format, which mail does not use", HOW_TO_MAKE);
    }
    return usable(pem, refuse);
  });
}

/** Signs `data` (RFC 6376, 3.3.2; RFC 8463, 3: Ed25519 signs the SHA-256 of it). */
export function signatureOf({ algorithm, key }: PrivateKey, data: Uint8Array): Uint8Array {
  return algorithm === "rsa-sha256"
    ? sign("sha256", data, key)
    : sign(null, hash("sha256", data, "buffer"), key);
}

/** Returns a warning about a weak or unusual key, or undefined. */
export function weaknessOf({ bits }: PrivateKey): string | undefined {
  if (bits === undefined) return undefined;
  if (bits < ADVISED_BITS) {
    return `has ${bits} bits, and RSA keys should have at least ${ADVISED_BITS} (RFC 8301, 3.2)`;
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
      `has ${bits} bits: receivers ignore RSA keys under ${LEAST_BITS} (RFC 8301, 3.2)`,
      HOW_TO_MAKE,
    );
  }
  return { algorithm: "rsa-sha256", bits, key };
}

/** The parser's error is dropped, as it may quote the key. */
function parse(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
