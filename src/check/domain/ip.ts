import type { Ip } from "../../text/ip_address.ts";

export { type Ip, parseAddress, parseIp } from "../../text/ip_address.ts";

/** How many bits such an address has. */
export function bitsOf(ip: Ip): 32 | 128 {
  return ip.kind() === "ipv4" ? 32 : 128;
}

/** Returns whether the first `prefix` bits of both are the same. */
export function sameNetwork(a: Ip, b: Ip, prefix: number): boolean {
  return a.kind() === b.kind() && a.match(b, prefix);
}

/** Ranges whose addresses nobody outside sees (RFC 1918, 3927, 6598, 4193, 4291). */
const INSIDE: ReadonlySet<string> = new Set([
  "unspecified",
  "loopback",
  "private",
  "linkLocal",
  "carrierGradeNat",
  "uniqueLocal",
]);

/** Returns whether others can see a connection from this address. */
export function isPublic(ip: Ip): boolean {
  return !INSIDE.has(ip.range());
}

/** In octets or nibbles with dots between them: the value of the SPF macro `%{i}` (RFC 7208, 7.3). */
export function dottedIp(ip: Ip): string {
  const octets = ip.toByteArray();
  if (ip.kind() === "ipv4") return octets.join(".");
  return octets.flatMap((octet) => [octet >> 4, octet & 15])
    .map((nibble) => nibble.toString(16)).join(".");
}
