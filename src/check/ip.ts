import { isIPv4, isIPv6 } from "node:net";

/** An IP address as a number. */
export interface Ip {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** Reads an IPv4 or IPv6 address, an IPv4 one in IPv6's clothes (`::ffff:192.0.2.1`) as what it is. */
export function parseIp(text: string): Ip | undefined {
  if (isIPv4(text)) return { bits: 32, value: valueOf(text.split(".").map(Number), 8) };
  if (!isIPv6(text)) return undefined;
  const bare = text.replace(/%.*$/, "");
  const dotted = /^(.*:)(\d+(?:\.\d+){3})$/.exec(bare);
  const words = dotted === null ? bare : `${dotted[1]}${wordsOf(dotted[2]!)}`;
  const [left = "", right] = words.split("::");
  const [head, tail] = [groupsOf(left), groupsOf(right ?? "")];
  const gap = Array.from({ length: 8 - head.length - tail.length }, () => 0);
  const value = valueOf([...head, ...gap, ...tail], 16);
  return value >> 32n === 0xffffn
    ? { bits: 32, value: value & 0xffff_ffffn }
    : { bits: 128, value };
}

/** Whether the first `prefix` bits of both are the same. */
export function sameNetwork(a: Ip, b: Ip, prefix: number): boolean {
  if (a.bits !== b.bits) return false;
  const rest = BigInt(Math.max(0, a.bits - prefix));
  return a.value >> rest === b.value >> rest;
}

/** Networks that nobody outside sees a connection from (RFC 1918, 3927, 6598, 4193, 4291). */
const INSIDE = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "::/127",
  "fc00::/7",
  "fe80::/10",
].map((network) => {
  const [address = "", prefix = ""] = network.split("/");
  return { ip: parseIp(address)!, prefix: Number(prefix) };
});

/** Whether others can see a connection from this address. */
export function isPublic(ip: Ip): boolean {
  return !INSIDE.some((network) => sameNetwork(ip, network.ip, network.prefix));
}

/** In nibbles or octets, with dots between them: what `%{i}` of an SPF macro stands for (RFC 7208, 7.3). */
export function dottedIp({ bits, value }: Ip): string {
  const [size, radix] = bits === 32 ? [8n, 10] : [4n, 16];
  const count = bits / Number(size);
  return Array.from({ length: count }, (_, at) => {
    const shift = BigInt(count - 1 - at) * size;
    return (value >> shift & (1n << size) - 1n).toString(radix);
  }).join(".");
}

function valueOf(parts: readonly number[], bits: number): bigint {
  return parts.reduce((sum, part) => sum << BigInt(bits) | BigInt(part), 0n);
}

function groupsOf(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => parseInt(group, 16));
}

function wordsOf(ipv4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split(".").map(Number);
  return `${(a << 8 | b).toString(16)}:${(c << 8 | d).toString(16)}`;
}
