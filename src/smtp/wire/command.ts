/**
 * The commands of RFC 5321, 4.1.1 and its extensions, each as the line that goes to the wire, including CRLF.
 *
 * This is the last check before the socket. A value that does not fit its place (CR, LF, NUL, a bracket that would end the
 * path early, an invalid name) is refused with a TypeError. It should have been caught where it came in, as a bad row or
 * a wrong option; here it is a bug, and nothing is sent.
 *
 * @module
 */

import type { AuthMechanism } from "../../model/relay.ts";

export const DATA = "DATA\r\n";
export const RSET = "RSET\r\n";
export const QUIT = "QUIT\r\n";
export const STARTTLS = "STARTTLS\r\n";

/** Ends a DATA body (4.1.1.4); the CRLF before it belongs to the body. */
export const FINAL_DOT = ".\r\n";

/** Cancels an AUTH exchange (RFC 4954, 4). */
export const CANCEL = "*\r\n";

/** A domain: letters, digits and hyphens between dots, labels of at most 63 characters (RFC 5321, 4.1.2; underscores are tolerated). */
const DOMAIN =
  /^(?=.{1,255}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?)*$/i;

/** An address literal (RFC 5321, 4.1.3): [192.0.2.1] or [IPv6:2001:db8::1]. */
const LITERAL = /^\[(?:\d{1,3}(?:\.\d{1,3}){3}|IPv6:[0-9a-f:.]{2,45})\]$/i;

// Each repeats one class of characters, so that neither can backtrack, however long the input.
/** dot-string: atext and dots. What is not ASCII is checked separately, as it needs SMTPUTF8 (RFC 6531, 3.3). */
// deno-lint-ignore no-control-regex
const DOT_STRING = /^[^\x00-\x20"(),:;<>@[\\\]\x7f-\x9f\u2028\u2029]+$/;
/** quoted-string: escaped characters, or any printable character except quote and backslash. */
// deno-lint-ignore no-control-regex
const QUOTED_STRING = /^"(?:[^\x00-\x1f"\\\x7f-\x9f\u2028\u2029]|\\[\x20-\x7e])*"$/;

const ASCII = /^[\x20-\x7e]*$/;

/** Base64 with padding; an empty answer to a challenge is an empty line (RFC 4954, 4). */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** Returns whether EHLO can carry the name: a domain or an address literal. */
export function isHeloName(name: string): boolean {
  return DOMAIN.test(name) || LITERAL.test(name);
}

/** EHLO (4.1.1.1). */
export function ehlo(name: string): string {
  return `EHLO ${heloName(name)}\r\n`;
}

/** HELO (4.1.1.1), for a server without EHLO. */
export function helo(name: string): string {
  return `HELO ${heloName(name)}\r\n`;
}

/** Parameters of MAIL; each is omitted unless the server offers its extension. */
export interface MailParameters {
  /** Size in bytes (RFC 1870, 6). */
  readonly size?: number | undefined;
  /** BODY=8BITMIME (RFC 6152). */
  readonly eightBit?: boolean;
  /** SMTPUTF8 (RFC 6531, 3.4); without it, addresses must be ASCII. */
  readonly smtpUtf8?: boolean;
}

/** MAIL (4.1.1.2); the empty sender is the null reverse-path. */
export function mail(sender: string, parameters: MailParameters = {}): string {
  const { size, eightBit = false, smtpUtf8 = false } = parameters;
  if (sender !== "") checkMailbox("sender", sender, smtpUtf8);
  if (size !== undefined && (!Number.isSafeInteger(size) || size < 0)) {
    throw new TypeError(`Cannot build MAIL because SIZE is not a count of bytes: ${size}`);
  }
  return `MAIL FROM:<${sender}>` + (size === undefined ? "" : ` SIZE=${size}`) +
    (eightBit ? " BODY=8BITMIME" : "") + (smtpUtf8 ? " SMTPUTF8\r\n" : "\r\n");
}

/** RCPT (4.1.1.3) for one mailbox. */
export function rcpt(recipient: string, smtpUtf8 = false): string {
  checkMailbox("recipient", recipient, smtpUtf8);
  return `RCPT TO:<${recipient}>\r\n`;
}

/** BDAT for the last chunk of a message, here the only one (RFC 3030, 2). */
export function bdatLast(length: number): string {
  if (!Number.isSafeInteger(length) || length < 0) {
    throw new TypeError(`Cannot build BDAT because its length is not a count of bytes: ${length}`);
  }
  return `BDAT ${length} LAST\r\n`;
}

/** AUTH (RFC 4954, 4), with an initial response in base64 where the mechanism has one. */
export function auth(mechanism: AuthMechanism, initial?: string): string {
  const name = mechanism.toUpperCase();
  if (!/^[A-Z0-9-]+$/.test(name)) {
    throw new TypeError("Cannot build AUTH because its mechanism is not a SASL name");
  }
  return initial === undefined ? `AUTH ${name}\r\n` : `AUTH ${name} ${response(initial)}`;
}

/** One line of an AUTH exchange; the text is already base64. */
export function response(base64: string): string {
  // The message omits the text: it may be a password.
  if (!BASE64.test(base64)) {
    throw new TypeError("Cannot build an AUTH response because it is not base64");
  }
  return `${base64}\r\n`;
}

function heloName(name: string): string {
  if (!isHeloName(name)) {
    throw new TypeError(
      `Cannot build EHLO because its name is neither a domain nor an address literal: ${
        excerpt(name)
      }`,
    );
  }
  return name;
}

function checkMailbox(what: string, mailbox: string, smtpUtf8: boolean): void {
  const at = mailbox.lastIndexOf("@");
  const local = mailbox.slice(0, at);
  const domain = mailbox.slice(at + 1);
  const sound = at > 0 && (DOT_STRING.test(local) || QUOTED_STRING.test(local)) &&
    isMailDomain(domain, smtpUtf8);
  if (!sound) {
    throw new TypeError(
      `Cannot build a command because its ${what} is not a mailbox: ${excerpt(mailbox)}`,
    );
  }
  if (smtpUtf8 ? !mailbox.isWellFormed() : !ASCII.test(mailbox)) {
    throw new TypeError(
      `Cannot build a command because its ${what} is not ${smtpUtf8 ? "Unicode" : "ASCII"}: ${
        excerpt(mailbox)
      }`,
    );
  }
}

/** With SMTPUTF8, a domain may have U-labels (RFC 6531, 3.3). */
function isMailDomain(domain: string, smtpUtf8: boolean): boolean {
  return isHeloName(domain) || (smtpUtf8 && !ASCII.test(domain) && DOT_STRING.test(domain));
}

function excerpt(value: string): string {
  return JSON.stringify(value.length > 100 ? `${value.slice(0, 100)}...` : value);
}

const encoder = new TextEncoder();

/** Returns the bytes of a command. */
export function encode(command: string): Uint8Array {
  return encoder.encode(command);
}
