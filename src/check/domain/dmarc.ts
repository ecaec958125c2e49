import type { Dns } from "../dns/dns_client.ts";
import {
  type Alignment,
  type DmarcRecord,
  isDmarc,
  parseDmarc,
  type Policy,
} from "./dmarc_record.ts";
import { recordFlaw } from "./record_flaw.ts";

export type { Policy };

/** The records of a domain and of those above it. */
export interface DmarcWalk {
  readonly start: string;
  /** Valid records, that of the lowest domain first. */
  readonly records: readonly DmarcRecord[];
  /** Texts that were meant as records but are invalid: "_dmarc.example.com has 2 DMARC records". */
  readonly faults: readonly string[];
  /** Why a lookup failed: then there may be more records. */
  readonly failed: string | undefined;
}

/** From a name with more labels, the walk skips to one fewer than this (RFC 9989, 4.10). */
const MOST_LABELS = 8;

/** Looks up records from the domain upwards (RFC 9989, 4.10: "DNS Tree Walk"). */
export async function walkDmarc(dns: Dns, start: string): Promise<DmarcWalk> {
  const records: DmarcRecord[] = [];
  const faults: string[] = [];
  let failed: string | undefined;
  for (const domain of domainsAbove(start)) {
    const name = `_dmarc.${domain}`;
    const answer = await dns.txt(name);
    if (answer.kind === "failed") failed ??= `${name}: ${answer.reason}`;
    if (answer.kind !== "found") continue;
    const texts = answer.records.filter(isDmarc);
    if (texts.length > 1) {
      faults.push(`${name} has ${texts.length} DMARC records, so none counts`);
      continue;
    }
    if (texts[0] === undefined) {
      const meant = answer.records.find((text) => /^[^a-z0-9]*v\s*=\s*dmarc/i.test(text));
      if (meant !== undefined) {
        const flaw = recordFlaw(meant, "v=DMARC1", "a semicolon");
        faults.push(`${name} is not a DMARC record: '${meant}': ${flaw}`);
      }
      continue;
    }
    const record = parseDmarc(domain, texts[0]);
    records.push(record);
    if (record.publicSuffix !== undefined) break;
  }
  return { start, records, faults, failed };
}

/** The domain, then those above it. */
function* domainsAbove(start: string): Generator<string> {
  yield start;
  const labels = start.split(".");
  const skipped = labels.length > MOST_LABELS ? labels.length - MOST_LABELS + 1 : 1;
  for (let at = skipped; at < labels.length; at++) yield labels.slice(at).join(".");
}

/** The organizational domain (RFC 9989, 4.10.2); without any record the domain itself. */
export function organizationOf({ start, records }: DmarcWalk): string {
  const own = records.find(({ publicSuffix }) => publicSuffix === false);
  if (own !== undefined) return own.domain;
  const suffix = records.find(({ publicSuffix, domain }) =>
    publicSuffix === true && domain !== start
  );
  if (suffix !== undefined) {
    const above = suffix.domain.split(".").length;
    return start.split(".").slice(-above - 1).join(".");
  }
  return records.at(-1)?.domain ?? start;
}

/** The record that decides about mails from the domain, and its policy for them (RFC 9989, 4.10.1). */
export function policyFor(
  walk: DmarcWalk,
): { readonly record: DmarcRecord; readonly policy: Policy } | undefined {
  const organization = organizationOf(walk);
  const record = walk.records.find(({ domain }) => domain === walk.start) ??
    walk.records.find(({ domain }) => domain === organization) ?? walk.records.at(-1);
  if (record === undefined) return undefined;
  const below = record.domain !== walk.start;
  return { record, policy: (below ? record.subdomains : undefined) ?? record.policy ?? "none" };
}

/** Returns whether an authenticated domain counts for From's (RFC 9989, 4.4). */
export function isAligned(from: DmarcWalk, other: DmarcWalk, alignment: Alignment): boolean {
  return from.start === other.start ||
    (alignment === "relaxed" && organizationOf(from) === organizationOf(other));
}
