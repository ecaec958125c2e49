import { domainToASCII } from "node:url";

/** Text of a dot-atom (RFC 5322, 3.2.3), with the letters of other scripts (RFC 6532). */
const LOCAL = /^[^\s"(),.:;<>@[\\\]\p{C}\p{Z}]+(\.[^\s"(),.:;<>@[\\\]\p{C}\p{Z}]+)*$/u;
const DOMAIN = /^[\p{L}\p{M}\p{N}-]+(\.[\p{L}\p{M}\p{N}-]+)*$/u;

/**
 * An address as a header shows it: local part as written, domain in lower case as A-labels. Undefined for anything but
 * exactly one address without quotes, comments or white space.
 */
export function addrSpec(text: string): string | undefined {
  const at = text.lastIndexOf("@");
  const local = text.slice(0, at);
  const domain = text.slice(at + 1);
  // RFC 5321, 4.5.3.1: 64 octets for the local part, 255 for the domain.
  if (at < 1 || text.length > 320 || !LOCAL.test(local) || !DOMAIN.test(domain)) return undefined;
  const ascii = domainToASCII(domain.toLowerCase());
  return ascii === "" ? undefined : `${local}@${ascii}`;
}
