import { generateKeyPairSync } from "node:crypto";
import { recordFor } from "../../src/check/domain/dkim_record.ts";
import type { Senders } from "../../src/check/domain/senders.ts";
import { readPrivateKeys } from "../../src/compose/dkim/dkim_key.ts";
import type { DkimKey } from "../../src/compose/dkim/dkim_settings.ts";
import type { Zone } from "../support/dns_server.ts";

/** A new key for `selector`. */
function keyOf(selector: string, type: "rsa" | "ed25519"): DkimKey {
  const privateKeyEncoding = { type: "pkcs8", format: "pem" } as const;
  const publicKeyEncoding = { type: "spki", format: "pem" } as const;
  const { privateKey } = type === "rsa"
    ? generateKeyPairSync("rsa", { modulusLength: 2048, privateKeyEncoding, publicKeyEncoding })
    : generateKeyPairSync("ed25519", { privateKeyEncoding, publicKeyEncoding });
  return { ...readPrivateKeys(privateKey, "The test key")[0]!, selector };
}

export const rsa = keyOf("s1", "rsa");
export const ed25519 = keyOf("s2", "ed25519");
/** A key other than the one that signs. */
export const other = keyOf("s1", "rsa");

/** A domain without faults. */
export const GOOD: Zone = {
  "acme.test": {
    A: ["203.0.113.80"],
    MX: ["10 mx.acme.test"],
    TXT: ["v=spf1 include:_spf.relay.test -all", "some=verification"],
  },
  "mx.acme.test": { A: ["203.0.113.25"] },
  "_dmarc.acme.test": { TXT: ["v=DMARC1; p=reject; rua=mailto:d@acme.test"] },
  "s1._domainkey.acme.test": { TXT: [recordFor(rsa)] },
  "s2._domainkey.acme.test": { TXT: [recordFor(ed25519)] },
  "_spf.relay.test": { TXT: ["v=spf1 ip4:198.51.100.0/24 ~all"] },
  "smtp.relay.test": { A: ["198.51.100.7"] },
};

/** The senders at this domain. */
export const SENDERS: Senders = {
  from: "news@acme.test",
  envelope: "news@acme.test",
  replyTo: undefined,
  dkim: { domain: "acme.test", keys: [rsa, ed25519] },
  relays: ["smtp.relay.test"],
  recipients: 20_000,
};
