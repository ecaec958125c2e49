import type { Dns } from "./dns.ts";
import { isSpf, type Mechanism, parseSpf, type Qualifier, type SpfRecord } from "./spf_record.ts";

/** Terms that cost a lookup, in all, and lookups without a result (RFC 7208, 4.6.4). */
export const MOST_LOOKUPS = 10;
export const MOST_VOID_LOOKUPS = 2;
/** Addresses of one `mx` (RFC 7208, 4.6.4). */
export const MOST_EXCHANGES = 10;

/** Terms after which a record is not followed further: it is far beyond the limit already. */
const GIVEN_UP = 50;

/** All that a record, and the ones it draws in, can be reproached with; found without regard to any address. */
export interface SpfAudit {
  /** SPF records of the domain itself; one is right. */
  readonly records: readonly string[];
  /** Why the domain's own records could not be looked up. */
  readonly failed: string | undefined;
  /** Terms that cost a lookup, where nothing matches before the end. */
  readonly lookups: number;
  /** Names that were looked up for nothing. */
  readonly voids: readonly string[];
  /** Each makes the result `permerror`: "spf.example.com has no SPF record". */
  readonly faults: readonly string[];
  /** Lookups that failed, so that nobody knows. */
  readonly unknown: readonly string[];
  /** How the last record ends: the qualifier of its `all`; undefined: without, which is neutral. */
  readonly end: Qualifier | undefined;
  /** Domains whose record uses `ptr`. */
  readonly withPtr: readonly string[];
}

/** Follows a domain's SPF record through every include, redirect and name, as for an address that nothing matches. */
export async function auditSpf(dns: Dns, domain: string): Promise<SpfAudit> {
  const answer = await dns.txt(domain);
  const failed = answer.kind === "failed" ? answer.reason : undefined;
  const records = answer.kind === "found" ? answer.records.filter(isSpf) : [];
  const audit = new Audit(dns);
  if (records.length === 1) await audit.follow(domain, parseSpf(records[0]!), [domain]);
  const { lookups, voids, faults, unknown, end, withPtr } = audit;
  return { records, failed, lookups, voids: [...voids], faults, unknown, end, withPtr };
}

class Audit {
  lookups = 0;
  readonly voids = new Set<string>();
  readonly faults: string[] = [];
  readonly unknown: string[] = [];
  readonly withPtr: string[] = [];
  end: Qualifier | undefined;
  readonly #dns: Dns;

  constructor(dns: Dns) {
    this.#dns = dns;
  }

  /**
   * @param path The domains that led here, this one included.
   * @param isLast The record is the domain's own, or what it was redirected to: its end is the end.
   */
  async follow(
    domain: string,
    record: SpfRecord,
    path: readonly string[],
    isLast = true,
  ): Promise<void> {
    this.faults.push(...record.faults.map((fault) => `${domain}: ${fault}`));
    for (const mechanism of record.mechanisms) {
      if (mechanism.name === "all") {
        if (isLast) this.end = mechanism.qualifier;
        return;
      }
      if (mechanism.name === "ip") continue;
      if (++this.lookups > GIVEN_UP) return;
      await this.#look(domain, mechanism, path);
    }
    if (record.redirect === undefined || ++this.lookups > GIVEN_UP) return;
    await this.#follow(record.redirect, path, isLast);
  }

  async #look(domain: string, mechanism: Mechanism, path: readonly string[]): Promise<void> {
    switch (mechanism.name) {
      case "include":
        return await this.#follow(mechanism.domain, path, false);
      case "exists":
        return await this.#addresses(mechanism.domain);
      case "a":
        return await this.#addresses(mechanism.domain ?? domain);
      case "mx":
        return await this.#exchanges(mechanism.domain ?? domain);
      case "ptr":
        this.withPtr.push(domain);
    }
  }

  /** A record that another one names. */
  async #follow(name: string, path: readonly string[], isLast: boolean): Promise<void> {
    // What a macro stands for is known only when a mail comes in.
    if (name.includes("%")) return;
    const target = name.toLowerCase();
    const record = await this.#recordOf(target, [...path, target]);
    if (record !== undefined) await this.follow(target, record, [...path, target], isLast);
  }

  async #recordOf(target: string, path: readonly string[]): Promise<SpfRecord | undefined> {
    if (path.indexOf(target) < path.length - 1) {
      this.faults.push(`records go round in a circle: ${path.join(" > ")}`);
      return undefined;
    }
    const answer = await this.#dns.txt(target);
    if (answer.kind === "failed") {
      this.unknown.push(`${target}: ${answer.reason}`);
      return undefined;
    }
    const records = answer.kind === "found" ? answer.records.filter(isSpf) : [];
    if (records.length === 1) return parseSpf(records[0]!);
    this.faults.push(
      records.length === 0
        ? `${path.at(-2)} refers to ${target}, which has no SPF record`
        : `${target} has ${records.length} SPF records`,
    );
    return undefined;
  }

  async #addresses(name: string): Promise<void> {
    if (name.includes("%")) return;
    const answer = await this.#dns.addresses(name);
    if (answer.kind === "none") this.voids.add(name);
    if (answer.kind === "failed") this.unknown.push(`${name}: ${answer.reason}`);
  }

  async #exchanges(name: string): Promise<void> {
    if (name.includes("%")) return;
    const answer = await this.#dns.mx(name);
    if (answer.kind === "none") this.voids.add(name);
    if (answer.kind === "failed") this.unknown.push(`${name}: ${answer.reason}`);
    if (answer.kind !== "found") return;
    if (answer.records.length > MOST_EXCHANGES) {
      this.faults.push(`mx of ${name} names ${answer.records.length} hosts`);
    }
    for (const { host } of answer.records.slice(0, MOST_EXCHANGES)) {
      if (host !== "") await this.#addresses(host);
    }
  }
}
