import type { Dns, DnsAnswer, MailExchange } from "../../src/check/dns/dns_client.ts";
import type { Records, Zone } from "../support/dns_server.ts";

/** A DNS that knows `zone` and nothing else, without a network. */
export interface FakeDns extends Dns {
  readonly zone: Zone;
  with(more: Zone): FakeDns;
}

export function dnsOf(zone: Zone): FakeDns {
  const ask = <T>(
    name: string,
    read: (records: Records) => readonly T[],
  ): Promise<DnsAnswer<T>> => {
    const records = zone[name.toLowerCase()];
    if (records === undefined) return Promise.resolve({ kind: "none", exists: false });
    if (records.fails !== undefined) return Promise.resolve({ kind: "failed", reason: "failed" });
    const found = read(records);
    return Promise.resolve(
      found.length > 0 ? { kind: "found", records: found } : { kind: "none", exists: true },
    );
  };
  return {
    zone,
    with: (more) => dnsOf({ ...zone, ...more }),
    txt: (name) => ask(name, ({ TXT = [] }) => TXT),
    a: (name) => ask(name, ({ A = [] }) => A),
    addresses: (name) => ask(name, ({ A = [], AAAA = [] }) => [...A, ...AAAA]),
    mx: (name) =>
      ask(name, ({ MX = [] }) =>
        MX.map((text): MailExchange => {
          const [preference = "", host = ""] = text.split(" ");
          return { preference: Number(preference), host: host.replace(/\.$/, "") };
        })),
  };
}
