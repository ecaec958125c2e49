import { Buffer } from "node:buffer";
import { createPublicKey, type KeyObject } from "node:crypto";
import type { DkimKey } from "../../compose/dkim/dkim_settings.ts";
import { parseTags } from "./tag_list.ts";

const QUOTED = /^["'`\u2018-\u201f\u00ab\u00bb]/;

/** What is wrong with a published key; `fatal`: no receiver can verify signatures with it. */
export interface DkimFault {
  readonly fatal: boolean;
  readonly what: string;
  readonly why: string;
}

/**
 * Compares the texts at `selector._domainkey.domain` with our key.
 *
 * @returns undefined where receivers can verify our signatures with it.
 */
export function dkimFault(key: DkimKey, texts: readonly string[]): DkimFault | undefined {
  const [text = "", ...others] = texts;
  if (others.length > 0) {
    return fatal(
      `has ${texts.length} TXT records, but a key must be the only one`,
      "RFC 6376, 3.6.2.2: it is undefined which of them a receiver uses",
    );
  }
  const tags = parseTags(text);
  const published = tags?.get("p")?.replaceAll(/\s+/g, "");
  if (tags === undefined || published === undefined) {
    return fatal(
      `is not a DKIM key: '${text}'${QUOTED.test(text) ? " is in quotes" : ""}`,
      "RFC 6376, 3.6.1: a key record is a list of tags, with p=",
    );
  }
  const version = tags.get("v");
  if (version !== undefined && version !== "DKIM1") {
    return fatal(`is of version '${version}'`, "RFC 6376, 3.6.1: v= must be DKIM1");
  }
  if (published === "") {
    return fatal(
      "holds a revoked key (p= is empty)",
      "RFC 6376, 3.6.1: an empty p= revokes the key",
    );
  }
  return restrictionOf(tags) ?? differenceOf(key, tags.get("k") ?? "rsa", published) ??
    (listOf(tags.get("t")).includes("y") ? TESTING : undefined);
}

const TESTING: DkimFault = {
  fatal: false,
  what: "says that the domain is only testing DKIM (t=y)",
  why: "RFC 6376, 3.6.1: receivers may treat a mail as if it were not signed",
};

function restrictionOf(tags: ReadonlyMap<string, string>): DkimFault | undefined {
  const services = tags.has("s") ? listOf(tags.get("s")) : ["*"];
  if (!services.some((service) => service === "*" || service === "email")) {
    return fatal(
      `is not for mail (s=${tags.get("s")})`,
      "RFC 6376, 3.6.1: s= names other services",
    );
  }
  if (tags.has("h") && !listOf(tags.get("h")).includes("sha256")) {
    return fatal(
      `does not allow SHA-256 (h=${tags.get("h")})`,
      "RFC 6376, 3.6.1: h= names the hashes that are accepted; ours is sha256",
    );
  }
  return undefined;
}

function differenceOf(key: DkimKey, type: string, published: string): DkimFault | undefined {
  const ours = key.algorithm === "rsa-sha256" ? "rsa" : "ed25519";
  if (type.toLowerCase() !== ours) {
    return fatal(
      `holds a key of type ${type}, but ours is ${ours}`,
      "RFC 6376, 6.1.2: a key of another type cannot verify the signature",
    );
  }
  const mine = createPublicKey(key.key);
  const same = ours === "rsa" ? sameRsa(mine, published) : sameEd25519(mine, published);
  if (same === undefined) {
    return fatal(
      "holds a key that cannot be read",
      "RFC 6376, 3.6.1: p= is the public key in base64",
    );
  }
  if (same) return undefined;
  return fatal(
    "holds a different key from the one we sign with",
    "RFC 6376, 6.1.3: every signature would fail, and count for nothing",
  );
}

/** Returns undefined where what is published is not a key. */
function sameRsa(mine: KeyObject, published: string): boolean | undefined {
  const der = decodeBase64(published);
  if (der === undefined) return undefined;
  // SubjectPublicKeyInfo as everybody publishes it, or the bare RSAPublicKey that RFC 6376 itself describes.
  for (const type of ["spki", "pkcs1"] as const) {
    try {
      const theirs = createPublicKey({ key: der, format: "der", type }).export({ format: "jwk" });
      const { n, e } = mine.export({ format: "jwk" });
      return theirs.n === n && theirs.e === e;
    } catch {
      // The other form, then.
    }
  }
  return undefined;
}

/** The 32 octets of the key itself (RFC 8463, 4.2). */
function sameEd25519(mine: KeyObject, published: string): boolean | undefined {
  const raw = decodeBase64(published);
  if (raw?.length !== 32) return undefined;
  return mine.export({ format: "jwk" }).x === raw.toString("base64url");
}

/** `Buffer` skips invalid characters, or throws, depending on the runtime; this reports them. */
function decodeBase64(text: string): Buffer | undefined {
  try {
    return Buffer.from(atob(text), "latin1");
  } catch {
    return undefined;
  }
}

/** The record that publishes a key. */
export function recordFor({ algorithm, key }: DkimKey): string {
  const mine = createPublicKey(key);
  if (algorithm === "rsa-sha256") {
    const der = mine.export({ format: "der", type: "spki" });
    return `v=DKIM1; k=rsa; p=${Buffer.from(der).toString("base64")}`;
  }
  const raw = Buffer.from(mine.export({ format: "jwk" }).x ?? "", "base64url");
  return `v=DKIM1; k=ed25519; p=${raw.toString("base64")}`;
}

function listOf(value: string | undefined): readonly string[] {
  return (value ?? "").toLowerCase().split(":").map((part) => part.trim());
}

function fatal(what: string, why: string): DkimFault {
  return { fatal: true, what, why };
}
