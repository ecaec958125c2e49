import { isIP } from "node:net";

/** Groups of an IPv6 address that tell networks apart: below them a single client has as many addresses as it likes. */
const NETWORK_GROUPS = 4;

/**
 * Who is asking, as far as the rate limit is concerned: an IPv4 address, or the /64 network of an IPv6 one.
 *
 * @param remote The address that the connection comes from.
 * @param forwarded X-Forwarded-For: each proxy adds at the right who asked it; what stands further left is the client's say.
 * @param proxies How many proxies of our own are in front; 0: none, and the header is not looked at.
 */
export function clientOf(remote: string, forwarded: string | null, proxies: number): string {
  const entries = proxies === 0 ? [] : forwarded?.split(",") ?? [];
  const named = withoutPort(entries.at(-proxies)?.trim() ?? "");
  return networkOf(isIP(named) === 0 ? remote : named);
}

/** Some proxies write the port too: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function withoutPort(text: string): string {
  const bracketed = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1];
  return bracketed ?? text.replace(/^(\d+(?:\.\d+){3}):\d+$/, "$1");
}

function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = "", tail] = address.toLowerCase().replace(/%.*$/, "").split("::");
  const groups = head === "" ? [] : head.split(":");
  const rest = tail === undefined || tail === "" ? [] : tail.split(":");
  // An IPv4 tail stands for two groups, and "::" for as many as are missing.
  const width = groups.length + rest.length + (address.includes(".") ? 1 : 0);
  const all = [...groups, ...Array<string>(Math.max(0, 8 - width)).fill("0"), ...rest];
  return `${
    all.slice(0, NETWORK_GROUPS).map((group) => group.replace(/^0+(?=.)/, "")).join(":")
  }::/64`;
}
