import { parseIp } from "../text/ip_address.ts";

/** Groups of an IPv6 address that identify a network: within it, a client can use any number of addresses. */
const NETWORK_GROUPS = 4;

/**
 * Identifies a client for the rate limit: an IPv4 address, or the /64 network of an IPv6 one.
 *
 * @param remote The address that the connection comes from.
 * @param forwarded X-Forwarded-For: each proxy appends the address that it was connected from; entries further left are the client's claims.
 * @param proxies How many proxies of our own are in front; 0: none, and the header is ignored.
 */
export function clientOf(remote: string, forwarded: string | null, proxies: number): string {
  const entries = proxies === 0 ? [] : forwarded?.split(",") ?? [];
  const named = withoutPort(entries.at(-proxies)?.trim() ?? "");
  return networkOf(named) ?? networkOf(remote) ?? remote;
}

/** Some proxies write the port too: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(text: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1];
  return bracketed ?? text.replace(/^(\d+(?:\.\d+){3}):\d+$/, "$1");
}

/** Returns undefined where the text is no address. */
function networkOf(text: string): string | undefined {
  const ip = parseIp(text);
  if (ip === undefined || ip.kind() === "ipv4") return ip?.toString();
  const octets = ip.toByteArray().slice(0, 2 * NETWORK_GROUPS);
  const groups = Array.from(
    { length: NETWORK_GROUPS },
    (_, at) => (octets[2 * at]! << 8 | octets[2 * at + 1]!).toString(16),
  );
  return `${groups.join(":")}::/64`;
}
