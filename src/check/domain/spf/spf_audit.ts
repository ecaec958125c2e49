import type { Dns, DnsAnswer } from "../../dns/dns_client.ts";
import { expand } from "./spf_macro.ts";
import {
  isSpf,
  type Mechanism,
  parseSpf,
  type Qualifier,
  spfFlaw,
  type SpfRecord,
} from "./spf_record.ts";

/** The most terms that cost a lookup, and the most lookups without a result (RFC 7208, 4.6.4). */
export const MOST_LOOKUPS = 10;
export const MOST_VOID_LOOKUPS = 2;
/** The most hosts of one `mx` (RFC 7208, 4.6.4). */
export const MOST_EXCHANGES = 10;

/** The record is not followed beyond so many terms: it is far over the limit already. */
const MAX_FOLLOWED = 50;

/** Everything wrong with a record and those it refers to, whatever address a mail comes from. */
export interface SpfAudit {
  /** SPF records of the domain itself; there should be one. */
  readonly records: readonly string[];
  /** Where there is none: what is wrong with texts that were meant as one. */
  readonly flaws: readonly string[];
  /** Why the domain's own records could not be looked up. */
  readonly failed: string | undefined;
  /** Terms that cost a lookup, if none matches. */
  readonly lookups: number;
  /** Names that have no such records. */
  readonly voids: readonly string[];
  /** Each makes the result `permerror`: "spf.example.com has no SPF record". */
  readonly faults: readonly string[];
  /** Lookups that failed. */
  readonly unknown: readonly string[];
  /** The qualifier of the last record's `all`; undefined: it has none, which means neutral. */
  readonly end: Qualifier | undefined;
  /** Domains whose record uses `ptr`. */
  readonly withPtr: readonly string[];
  /** Terms without effect: "acme.test: include:b.test follows all". */
  readonly ignored: readonly string[];
  /** Terms that let everybody pass, or a large part of the Internet. */
  readonly open: readonly OpenTerm[];
}

/** A term that allows more addresses than anybody sends from. */
export interface OpenTerm {
  readonly domain: string;
  readonly term: string;
  /** All addresses of at least one version. */
  readonly everybody: boolean;
}

/** The largest networks that are assigned are /8 (IPv4) and /12 (IPv6). */
const WIDEST = { ipv4: 8, ipv6: 12 };

/** Follows a domain's SPF record through every include, redirect and name, as for an address that matches nothing. */
export async function auditSpf(dns: Dns, domain: string): Promise<SpfAudit> {
  const answer = await dns.txt(domain);
  const failed = answer.kind === "failed" ? answer.reason : undefined;
  const records = answer.kind === "found" ? answer.records.filter(isSpf) : [];
  const flaws = records.length > 0 ? [] : flawsIn(answer);
  const audit = new Audit(dns, domain);
  if (records.length === 1) {
    await audit.follow(domain, parseSpf(records[0]!), {
      path: [domain],
      isLast: true,
      passes: true,
    });
  }
  const { lookups, voids, faults, unknown, end, withPtr, ignored, open } = audit;
  const found = { lookups, voids: [...voids], faults, unknown, end, withPtr, ignored, open };
  return { records, flaws, failed, ...found };
}

function flawsIn(answer: DnsAnswer<string>): string[] {
  return answer.kind === "found" ? answer.records.flatMap((text) => spfFlaw(text) ?? []) : [];
}

/** How a record was reached. */
interface RecordPath {
  /** The domains that led here, this one included. */
  readonly path: readonly string[];
  /** The record is the domain's own, or the one it redirects to: its end decides. */
  readonly isLast: boolean;
  /** A mail that passes here passes the whole record. */
  readonly passes: boolean;
}

class Audit {
  lookups = 0;
  readonly voids = new Set<string>();
  readonly faults: string[] = [];
  readonly unknown: string[] = [];
  readonly withPtr: string[] = [];
  readonly ignored: string[] = [];
  readonly open: OpenTerm[] = [];
  end: Qualifier | undefined;
  readonly #dns: Dns;
  /** The domain of the sender. */
  readonly #origin: string;

  constructor(dns: Dns, origin: string) {
    this.#dns = dns;
    this.#origin = origin;
  }

  async follow(domain: string, record: SpfRecord, way: RecordPath): Promise<void> {
    this.faults.push(...record.faults.map((fault) => `${domain}: ${fault}`));
    this.ignored.push(...record.ignored.map((term) => `${domain}: ${term}`));
    for (const mechanism of record.mechanisms) {
      if (way.passes) this.#noteOpen(domain, mechanism);
      if (mechanism.name === "all") {
        if (way.isLast) this.end = mechanism.qualifier;
        return;
      }
      if (mechanism.name === "ip") continue;
      if (++this.lookups > MAX_FOLLOWED) return;
      await this.#look(domain, mechanism, way);
    }
    if (record.redirect === undefined || ++this.lookups > MAX_FOLLOWED) return;
    await this.#follow(domain, record.redirect, way);
  }

  #noteOpen(domain: string, mechanism: Mechanism): void {
    const { term, qualifier } = mechanism;
    if (qualifier !== "+" || !isWide(mechanism)) return;
    const everybody = mechanism.name === "all" || /\/0(?!\d)/.test(term);
    this.open.push({ domain, term, everybody });
  }

  async #look(domain: string, mechanism: Mechanism, way: RecordPath): Promise<void> {
    const spec = "domain" in mechanism ? mechanism.domain : undefined;
    const name = spec === undefined ? domain : this.#nameOf(spec, domain);
    if (mechanism.name === "ptr") this.withPtr.push(domain);
    // Some macros have a value only when a mail comes in.
    if (name === undefined) return;
    switch (mechanism.name) {
      case "include": {
        const passes = way.passes && mechanism.qualifier === "+";
        return await this.#follow(domain, mechanism.domain, { ...way, isLast: false, passes });
      }
      case "exists":
        return this.#note(name, await this.#dns.a(name));
      case "a":
        return await this.#addresses(name);
      case "mx":
        return await this.#exchanges(name);
    }
  }

  #nameOf(spec: string, domain: string): string | undefined {
    return expand(spec, { ip: undefined, sender: `@${this.#origin}`, domain });
  }

  /** Follows a record that another one names. */
  async #follow(domain: string, spec: string, way: RecordPath): Promise<void> {
    const target = this.#nameOf(spec, domain);
    if (target === undefined) return;
    const path = [...way.path, target];
    const record = await this.#recordOf(target, path);
    if (record !== undefined) await this.follow(target, record, { ...way, path });
  }

  async #recordOf(target: string, path: readonly string[]): Promise<SpfRecord | undefined> {
    if (path.indexOf(target) < path.length - 1) {
      this.faults.push(`records refer to each other in a circle: ${path.join(" > ")}`);
      return undefined;
    }
    const answer = await this.#dns.txt(target);
    if (answer.kind === "failed") {
      this.unknown.push(`${target}: ${answer.reason}`);
      return undefined;
    }
    const records = answer.kind === "found" ? answer.records.filter(isSpf) : [];
    if (records.length === 1) return parseSpf(records[0]!);
    const flaws = flawsIn(answer).map((flaw) => `; ${flaw}`).join("");
    this.faults.push(
      records.length === 0
        ? `${path.at(-2)} refers to ${target}, which has no SPF record${flaws}`
        : `${target} has ${records.length} SPF records`,
    );
    return undefined;
  }

  #note(name: string, answer: DnsAnswer<unknown>): void {
    if (answer.kind === "none") this.voids.add(name);
    if (answer.kind === "failed") this.unknown.push(`${name}: ${answer.reason}`);
  }

  async #addresses(name: string): Promise<void> {
    this.#note(name, await this.#dns.addresses(name));
  }

  async #exchanges(name: string): Promise<void> {
    const answer = await this.#dns.mx(name);
    this.#note(name, answer);
    if (answer.kind !== "found") return;
    if (answer.records.length > MOST_EXCHANGES) {
      this.faults.push(`mx of ${name} names ${answer.records.length} hosts`);
    }
    for (const { host } of answer.records.slice(0, MOST_EXCHANGES)) {
      if (host !== "") await this.#addresses(host);
    }
  }
}

function isWide(mechanism: Mechanism): boolean {
  switch (mechanism.name) {
    case "all":
      return true;
    case "ip":
      return mechanism.prefix < WIDEST[mechanism.ip.kind()];
    case "a":
    case "mx":
      return mechanism.prefix4 < WIDEST.ipv4 || mechanism.prefix6 < WIDEST.ipv6;
    default:
      return false;
  }
}
