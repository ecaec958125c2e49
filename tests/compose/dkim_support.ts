import { Buffer } from "node:buffer";
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { dkimVerify } from "mailauth/lib/dkim/verify.js";
import { type PrivateKey, readPrivateKeys } from "../../src/compose/dkim/dkim_key.ts";
import type { DkimKey, DkimSettings } from "../../src/compose/dkim/dkim_settings.ts";
import type { Mail } from "../../src/model/mail.ts";
import { InputError } from "../../src/model/input_error.ts";
import { output } from "../support/process.ts";
import { latin1 } from "../support/latin1.ts";

/** A new private key in PEM. */
export function rsaPem(bits = 2048): string {
  return generateKeyPairSync("rsa", { modulusLength: bits }).privateKey
    .export({ type: "pkcs8", format: "pem" }).toString();
}

export function ed25519Pem(): string {
  return generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })
    .toString();
}

export function keyOf(pem: string): PrivateKey {
  return readPrivateKeys(pem, "The key")[0]!;
}

export const RSA: DkimKey = { ...keyOf(rsaPem()), selector: "rsa" };
export const ED25519: DkimKey = { ...keyOf(ed25519Pem()), selector: "ed" };
export const BOTH: DkimSettings = { domain: "acme.example", keys: [RSA, ED25519] };

/** Texts of a DNS, by name. */
export type Zone = Readonly<Record<string, string>>;

/** The records that publish the keys (RFC 6376, 3.6.1; RFC 8463, 4.2). */
export function zoneOf({ domain, keys }: DkimSettings): Zone {
  return Object.fromEntries(keys.map(({ selector, algorithm, key }) => {
    const der = createPublicKey(key).export({ type: "spki", format: "der" });
    const isRsa = algorithm === "rsa-sha256";
    const data = (isRsa ? der : der.subarray(-32)).toString("base64");
    return [
      `${selector}._domainkey.${domain}`,
      `v=DKIM1; k=${isRsa ? "rsa" : "ed25519"}; p=${data}`,
    ];
  }));
}

/** The result of a verifier for each signature of a mail, in order; "pass" if it is good. */
export type Verdicts = readonly string[];

/** Verifies with the npm package `mailauth`. */
export async function verifyWithMailauth(mail: Uint8Array, zone: Zone): Promise<Verdicts> {
  const { results } = await dkimVerify(Buffer.from(mail), {
    resolver: (name: string) => {
      const text = zone[name];
      if (text !== undefined) return Promise.resolve([[text]]);
      return Promise.reject(Object.assign(new Error("No such name"), { code: "ENOTFOUND" }));
    },
  });
  return results.map(({ status }) => String(status.result));
}

const PYTHON = `
import base64, json, sys
import dkim
zone = json.loads(sys.stdin.readline())
verdicts = []
def verdict(check):
    try:
        return "pass" if check() else "fail"
    except dkim.DKIMException as error:
        return "fail: " + str(error)
for line in sys.stdin:
    mail = base64.b64decode(line)
    count = sum(1 for name, _ in dkim.DKIM(mail).headers if name.lower() == b"dkim-signature")
    verdicts.append([
        verdict(lambda: dkim.DKIM(mail).verify(
            idx=index, dnsfunc=lambda name, timeout=5: zone[name.decode().rstrip(".")].encode()))
        for index in range(count)])
json.dump(verdicts, sys.stdout)
`;

/** Verifies with Debian's `python3-dkim`, all in one process. */
export async function verifyWithPython(
  mails: readonly Uint8Array[],
  zone: Zone,
): Promise<readonly Verdicts[]> {
  const lines = [JSON.stringify(zone), ...mails.map((mail) => mail.toBase64())];
  const stdin = lines.join("\n") + "\n";
  return JSON.parse(await output("/usr/bin/python3", ["-c", PYTHON], { stdin }));
}

/** A mail of these octets, one character each. */
export function mailOfOctets(octets: string): Mail {
  return {
    envelope: { sender: "news@acme.example", recipient: "ann@example.com", smtpUtf8: false },
    messageId: "<1@acme.example>",
    bytes: latin1(octets),
    eightBit: false,
  };
}

/** The message that the user sees if `action` throws an InputError. */
export function refusalOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof InputError) return error.describe();
    throw error;
  }
  throw new Error("Ended without an error");
}
