import { isIPv4, isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

/** An IP address. */
export type Ip = ipaddr.IPv4 | ipaddr.IPv6;

/** Reads an address as it is written in a network: without a zone, and an IPv4 one in IPv6's form stays IPv6. */
export function parseAddress(text: string): Ip | undefined {
  // ipaddr.js reads 1.2 and 010.0.0.1, too.
  return isIPv4(text) || (isIPv6(text) && !text.includes("%")) ? ipaddr.parse(text) : undefined;
}

/** Reads the address of a host, an IPv4 one in IPv6's form (`::ffff:192.0.2.1`) as what it is (RFC 7208, 5). */
export function parseIp(text: string): Ip | undefined {
  const ip = parseAddress(text.replace(/%.*$/, ""));
  return ip instanceof ipaddr.IPv6 && ip.isIPv4MappedAddress() ? ip.toIPv4Address() : ip;
}

/** How many bits such an address has. */
export function bitsOf(ip: Ip): 32 | 128 {
  return ip.kind() === "ipv4" ? 32 : 128;
}

/** Whether the first `prefix` bits of both are the same. */
export function sameNetwork(a: Ip, b: Ip, prefix: number): boolean {
  return a.kind() === b.kind() && a.match(b, prefix);
}

/** Networks that nobody outside sees a connection from (RFC 1918, 3927, 6598, 4193, 4291). */
const INSIDE: ReadonlySet<string> = new Set([
  "unspecified",
  "loopback",
  "private",
  "linkLocal",
  "carrierGradeNat",
  "uniqueLocal",
]);

/** Whether others can see a connection from this address. */
export function isPublic(ip: Ip): boolean {
  return !INSIDE.has(ip.range());
}

/** In nibbles or octets, with dots between them: what `%{i}` of an SPF macro stands for (RFC 7208, 7.3). */
export function dottedIp(ip: Ip): string {
  const octets = ip.toByteArray();
  if (ip.kind() === "ipv4") return octets.join(".");
  return octets.flatMap((octet) => [octet >> 4, octet & 15])
    .map((nibble) => nibble.toString(16)).join(".");
}
