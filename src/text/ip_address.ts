import { isIPv4, isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

/** An IP address. */
export type Ip = ipaddr.IPv4 | ipaddr.IPv6;

/** Parses an address without a zone; an IPv4-mapped IPv6 address stays IPv6. */
export function parseAddress(text: string): Ip | undefined {
  // ipaddr.js also accepts 1.2 and 010.0.0.1.
  return isIPv4(text) || (isIPv6(text) && !text.includes("%")) ? ipaddr.parse(text) : undefined;
}

/**
 * Parses the address of a host, with or without a zone; an IPv4-mapped address (`::ffff:192.0.2.1`) becomes IPv4 (RFC
 * 7208, 5).
 */
export function parseIp(text: string): Ip | undefined {
  const ip = parseAddress(text.replace(/%.*$/, ""));
  return ip instanceof ipaddr.IPv6 && ip.isIPv4MappedAddress() ? ip.toIPv4Address() : ip;
}
