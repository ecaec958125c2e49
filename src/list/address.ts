import { domainToASCII, domainToUnicode } from "node:url";
import { quote, unseenIn } from "../text/quote.ts";

/** An address that can be mailed. */
export interface Mailbox {
  readonly kind: "mailbox";
  /** Identifies the recipient: the whole address in lower case, local part in NFC, domain as A-labels. */
  readonly key: string;
  /** The address as it goes to the wire: local part as written, domain in lower case as A-labels. */
  readonly address: string;
  /** The local part holds non-ASCII, which only SMTPUTF8 carries (RFC 6531, 3.3). */
  readonly smtpUtf8: boolean;
}

/** A text that is not a single bare mailbox, and why. */
export interface NotAMailbox {
  readonly kind: "not-a-mailbox";
  /** With the value found: "Address has no domain: 'a@'". */
  readonly reason: string;
}

/** Octets of a local part, RFC 5321, 4.5.3.1.1. */
const LOCAL_LIMIT = 64;
/** Octets of an address: the path of RFC 5321, 4.5.3.1.3, is 256 with its angle brackets. */
const ADDRESS_LIMIT = 254;
/** Octets of a label, RFC 1035, 2.3.4. */
const LABEL_LIMIT = 63;

/**
 * The common case in one step: an ASCII dot-atom, and a domain of two labels or more, the last of which begins with a
 * letter. The next character alone decides between adjacent repetitions, so matching takes linear time. "xn--" and the
 * lengths are checked separately.
 */
const PLAIN =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@(?:[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*\.)+[A-Za-z][A-Za-z0-9]*$/;
/** Not atext (RFC 5322, 3.2.3, with the UTF-8 of RFC 6531, 3.3); invisible characters have been refused before. */
const NOT_ATEXT = /[^A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\u{10ffff}-]/u;
/** RFC 5321, 4.1.2 (sub-domain), and U-labels. */
const NOT_IN_LABEL = /[^A-Za-z0-9\u0080-\u{10ffff}-]/u;
const BEYOND_ASCII = /[^\0-\x7f]/;

const octets = new TextEncoder();

/**
 * Parses a CSV cell as one bare mailbox (RFC 5321, 4.1.2: Dot-string "@" Domain; RFC 6531 for UTF-8).
 *
 * Surrounding spaces and tabs are dropped, but nothing else is repaired: anything ambiguous is refused, since the mail
 * could go to somebody else. Quoted local parts and address literals are refused too; they are legal, but hardly ever
 * meant, and servers interpret them differently.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * assert.deepEqual(parseMailbox(" Ann@Bücher.example "), {
 *   kind: "mailbox",
 *   key: "ann@xn--bcher-kva.example",
 *   address: "Ann@xn--bcher-kva.example",
 *   smtpUtf8: false,
 * });
 * ```
 */
export function parseMailbox(text: string): Mailbox | NotAMailbox {
  const trimmed = trimBlanks(text);
  if (trimmed.length <= ADDRESS_LIMIT && PLAIN.test(trimmed)) {
    const at = trimmed.indexOf("@");
    const key = trimmed.toLowerCase();
    if (
      at <= LOCAL_LIMIT && longestLabel(trimmed, at + 1) <= LABEL_LIMIT && !key.includes("xn--")
    ) {
      const address = key === trimmed ? key : trimmed.slice(0, at) + key.slice(at);
      return { kind: "mailbox", key, address, smtpUtf8: false };
    }
  }
  if (trimmed === "") return { kind: "not-a-mailbox", reason: "Address is empty" };
  const refusal = refuseCell(trimmed);
  return refusal === undefined ? parseParts(trimmed) : refused(refusal, trimmed);
}

function refused(rule: string, value: string): NotAMailbox {
  return { kind: "not-a-mailbox", reason: `${rule}: ${quote(value)}` };
}

function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpaceOrTab(text.charCodeAt(start))) start++;
  while (end > start && isSpaceOrTab(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

function isSpaceOrTab(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function longestLabel(text: string, from: number): number {
  let longest = 0;
  for (let start = from; start < text.length;) {
    const dot = text.indexOf(".", start);
    const end = dot < 0 ? text.length : dot;
    if (end - start > longest) longest = end - start;
    start = end + 1;
  }
  return longest;
}

/** Returns the rule that the cell as a whole breaks, or undefined. */
function refuseCell(text: string): string | undefined {
  // UTF-8 takes at least one octet per code unit, so a text this long is no address, and is not examined.
  if (text.length > 4 * ADDRESS_LIMIT) return `Address is longer than ${ADDRESS_LIMIT} octets`;
  const unseen = unseenIn(text);
  if (unseen !== undefined) return `Address contains ${unseen}`;
  const at = text.indexOf("@");
  if (at < 0) return "Address has no '@'";
  const severalAts = text.indexOf("@", at + 1) > 0;
  if (severalAts && /[,;]|:::|>.*<|[^\s"] +[^\s"<(]/u.test(text)) {
    return "Cell contains more than one address; keep one";
  }
  if (/[<>]/.test(text)) return "Address must be bare, without a name or angle brackets";
  if (text.includes('"')) return "Address has a quoted local part, which is not supported";
  if (text.includes(" ")) return "Address contains a space";
  if (severalAts) return "Address has more than one '@'";
  if (at === 0) return "Address has no local part";
  if (at === text.length - 1) return "Address has no domain";
  return undefined;
}

function parseParts(text: string): Mailbox | NotAMailbox {
  const at = text.indexOf("@");
  const local = text.slice(0, at);
  const written = text.slice(at + 1);
  const rule = refuseLocal(local) ?? refuseDomain(written);
  if (rule !== undefined) return refused(rule, text);
  const domain = toALabels(written);
  if (typeof domain !== "string") return refused(domain.rule, text);
  const address = `${local}@${domain}`;
  if (octets.encode(address).length > ADDRESS_LIMIT) {
    return refused(`Address is longer than ${ADDRESS_LIMIT} octets`, text);
  }
  return {
    kind: "mailbox",
    key: `${local.normalize("NFC").toLowerCase()}@${domain}`,
    address,
    smtpUtf8: BEYOND_ASCII.test(local),
  };
}

function refuseLocal(local: string): string | undefined {
  if (local.startsWith(".")) return "Local part begins with a dot";
  if (local.endsWith(".")) return "Local part ends with a dot";
  if (local.includes("..")) return "Local part has two dots in a row";
  const wrong = NOT_ATEXT.exec(local.replaceAll(".", ""));
  if (wrong) return `Local part contains '${wrong[0]}'`;
  if (octets.encode(local).length > LOCAL_LIMIT) {
    return `Local part is longer than ${LOCAL_LIMIT} octets`;
  }
  return undefined;
}

function refuseDomain(domain: string): string | undefined {
  if (domain.startsWith("[")) return "Domain is an address literal, which is not supported";
  if (domain.startsWith(".")) return "Domain begins with a dot";
  if (domain.endsWith(".")) return "Domain ends with a dot";
  const labels = domain.split(".");
  for (const label of labels) {
    if (label === "") return "Domain has two dots in a row";
    const wrong = NOT_IN_LABEL.exec(label);
    if (wrong) return `Domain contains '${wrong[0]}'`;
    if (label.startsWith("-") || label.endsWith("-")) {
      return "Domain has a part that begins or ends with a hyphen";
    }
  }
  // The URL standard would parse this as an IPv4 address, as in "0x7f.1"; no top-level domain looks like that.
  if (/^(?:[0-9]+|0x[0-9a-f]*)$/i.test(labels.at(-1) ?? "")) return "Domain ends in a number";
  return undefined;
}

/**
 * Converts the domain to lower case and A-labels (RFC 5891). The mapping of UTS 46 would also drop soft hyphens, and
 * take full-width letters for plain ones and "。" for a dot. The result might not be the domain that was meant, so a
 * domain is accepted only if it converts back to itself.
 */
function toALabels(domain: string): string | { readonly rule: string } {
  const ascii = isPlain(domain) ? domain.toLowerCase() : toAscii(domain);
  if (ascii === "") return { rule: "Domain is not a valid internationalized name" };
  const unicode = isPlain(domain) ? ascii : domainToUnicode(ascii);
  const meant = Array.from(domain, (char) => char.toLowerCase()).join("").normalize("NFC");
  if (ascii !== meant && unicode !== meant) {
    return {
      rule: `Domain becomes ${quote(unicode)} on the wire; write it that way if you mean that`,
    };
  }
  if (ascii.split(".").some((label) => label.length > LABEL_LIMIT)) {
    return { rule: `Domain has a part longer than ${LABEL_LIMIT} octets` };
  }
  return ascii;
}

function isPlain(domain: string): boolean {
  return !BEYOND_ASCII.test(domain) && !/(?:^|\.)xn--/i.test(domain);
}

function toAscii(domain: string): string {
  try {
    return domainToASCII(domain).toLowerCase();
  } catch {
    // Older runtimes throw where newer ones return "".
    return "";
  }
}
