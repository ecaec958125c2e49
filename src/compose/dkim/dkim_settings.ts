import { domainToASCII } from "node:url";
import { InputError } from "../../model/input_error.ts";
import { countOf } from "../../text/quantity.ts";
import { domainOf } from "../../text/domain_of.ts";
import type { PrivateKey } from "./dkim_key.ts";

/** A key and the selector under which its public half is published in the DNS (RFC 6376, 3.1). */
export interface DkimKey extends PrivateKey {
  /** ASCII, lower case. */
  readonly selector: string;
}

/** Who signs, and with what. */
export interface DkimSettings {
  /** The signing domain, `d=`: A-labels, lower case. */
  readonly domain: string;
  /** One key, or one per algorithm; each makes a separate signature. */
  readonly keys: readonly DkimKey[];
}

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** Octets of a name in the DNS as written, RFC 1035, 2.3.4. */
const LONGEST_NAME = 253;

/** Normalizes a domain to A-labels in lower case; returns undefined if it is not a domain, or a top-level one. */
export function signingDomain(text: string): string | undefined {
  // What UTS 46 maps or strips must not turn something else into a domain.
  if (/[\s\p{C}%@/:?#\\[\]]/u.test(text)) return undefined;
  const domain = toAscii(text);
  const labels = domain.split(".");
  // A number at the end makes it an IPv4 address.
  const isName = labels.length > 1 && labels.every((label) => LABEL.test(label)) &&
    !/^\d+$/.test(labels.at(-1)!);
  return isName && domain.length <= LONGEST_NAME ? domain : undefined;
}

/** Normalizes a selector to lower case; returns undefined unless it has labels of letters, digits and hyphens, joined by dots. */
export function selectorName(text: string): string | undefined {
  const selector = text.toLowerCase();
  return selector.split(".").every((label) => LABEL.test(label)) ? selector : undefined;
}

/**
 * Combines domain, selectors and keys; the first selector belongs to the first key.
 *
 * @param domain {@linkcode signingDomain}
 * @param selectors {@linkcode selectorName}
 * @throws {InputError} if they do not match each other.
 */
export function dkimSettings(
  domain: string,
  selectors: readonly string[],
  keys: readonly PrivateKey[],
): DkimSettings {
  if (keys.length > 2 || new Set(keys.map(({ algorithm }) => algorithm)).size < keys.length) {
    throw new InputError(
      `DKIM signs with one key, or with one RSA and one Ed25519 key: found ${
        keys.map(({ algorithm }) => algorithm.replace("-sha256", "")).join(", ")
      }`,
    );
  }
  if (selectors.length !== keys.length) {
    throw new InputError(
      `Each DKIM key needs its own selector: found ${countOf(selectors.length, "selector")} for ${
        countOf(keys.length, "key")
      }`,
      { hint: "Give as many selectors as keys, in the same order." },
    );
  }
  const twice = selectors.find((selector, index) => selectors.indexOf(selector) < index);
  if (twice !== undefined) {
    throw new InputError(
      `Each DKIM key needs its own selector: found '${twice}' for ${countOf(keys.length, "key")}`,
      { hint: "Two keys under one name are undefined (RFC 6376, 3.6.2.2)." },
    );
  }
  for (const selector of selectors) {
    if (`${selector}._domainkey.${domain}`.length > LONGEST_NAME) {
      throw new InputError(`The name ${selector}._domainkey.${domain} is too long for the DNS`);
    }
  }
  return { domain, keys: keys.map((key, index) => ({ ...key, selector: selectors[index]! })) };
}

/**
 * Returns why the signature may not count for DMARC (RFC 7489, 3.1.1): the signing domain is neither that of From nor
 * a parent or subdomain of it. Returns undefined if it counts, unless the domain's policy requires the same domain.
 *
 * @param address From's address, its domain as A-labels.
 */
export function misalignment({ domain }: DkimSettings, address: string): string | undefined {
  const from = domainOf(address);
  if (from === domain || from.endsWith(`.${domain}`) || domain.endsWith(`.${from}`)) {
    return undefined;
  }
  return `Mails from ${from} are signed for ${domain}: DMARC accepts that only if both belong to one organization's domain`;
}

function toAscii(text: string): string {
  if (/^[\x21-\x7e]*$/.test(text)) return text.toLowerCase();
  try {
    return domainToASCII(text).toLowerCase();
  } catch {
    // Older runtimes throw, newer ones return "".
    return "";
  }
}
