import type { Dns } from "./dns.ts";
import { parseTags } from "./tag_list.ts";

export type Policy = "none" | "quarantine" | "reject";

/** A DMARC record (RFC 9989, 4.7). */
export interface DmarcRecord {
  /** The domain it stands for: that of `_dmarc.<domain>`. */
  readonly domain: string;
  /** undefined: missing, or none that is known. */
  readonly policy: Policy | undefined;
  /** For domains below this one; undefined: the same. */
  readonly subdomains: Policy | undefined;
  /** What counts as the same domain: the very same, or one of the same organization. */
  readonly dkimAlignment: Alignment;
  readonly spfAlignment: Alignment;
  /** Whether this domain is a public suffix, or says that it is none. */
  readonly publicSuffix: boolean | undefined;
}

export type Alignment = "strict" | "relaxed";

/** What stands at a domain and above it. */
export interface DmarcWalk {
  readonly start: string;
  /** Valid records, that of the lowest domain first. */
  readonly records: readonly DmarcRecord[];
  /** Texts that were meant as records and are none: "_dmarc.example.com has 2 DMARC records". */
  readonly faults: readonly string[];
  /** Why a lookup failed: then there may be more records. */
  readonly failed: string | undefined;
}

/** Labels of a name above which the walk skips to this many less one (RFC 9989, 4.10). */
const MOST_LABELS = 8;
/** It has to come first, and is the one tag whose value is compared with case (RFC 9989, 4.7). */
const VERSION = /^v\s*=\s*DMARC1\s*(?:;|$)/;

/** Looks for records from the domain upwards (RFC 9989, 4.10: "DNS Tree Walk"). */
export async function walkDmarc(dns: Dns, start: string): Promise<DmarcWalk> {
  const records: DmarcRecord[] = [];
  const faults: string[] = [];
  let failed: string | undefined;
  for (const domain of domainsAbove(start)) {
    const name = `_dmarc.${domain}`;
    const answer = await dns.txt(name);
    if (answer.kind === "failed") failed ??= `${name}: ${answer.reason}`;
    if (answer.kind !== "found") continue;
    const texts = answer.records.filter((text) => VERSION.test(text));
    if (texts.length > 1) {
      faults.push(`${name} has ${texts.length} DMARC records, so that none counts`);
      continue;
    }
    const record = texts[0] === undefined ? undefined : recordOf(domain, texts[0]);
    if (record === undefined) {
      const meant = answer.records.find((text) => /^\W*v\s*=\s*dmarc/i.test(text));
      if (meant !== undefined) faults.push(`${name} is no DMARC record: '${meant}'`);
      continue;
    }
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

function recordOf(domain: string, text: string): DmarcRecord | undefined {
  const tags = parseTags(text);
  if (tags === undefined) return undefined;
  const psd = tags.get("psd")?.toLowerCase();
  return {
    domain,
    policy: policyOf(tags.get("p")),
    subdomains: policyOf(tags.get("sp")),
    dkimAlignment: alignmentOf(tags.get("adkim")),
    spfAlignment: alignmentOf(tags.get("aspf")),
    publicSuffix: psd === "y" ? true : psd === "n" ? false : undefined,
  };
}

function policyOf(text: string | undefined): Policy | undefined {
  const policy = text?.toLowerCase();
  return policy === "none" || policy === "quarantine" || policy === "reject" ? policy : undefined;
}

function alignmentOf(text: string | undefined): Alignment {
  return text?.toLowerCase() === "s" ? "strict" : "relaxed";
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

/** The record that decides about mails from the domain (RFC 9989, 4.10.1), and what it says of them. */
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

/** Whether a domain that was authenticated counts for From's (RFC 9989, 4.4). */
export function isAligned(from: DmarcWalk, other: DmarcWalk, alignment: Alignment): boolean {
  return from.start === other.start ||
    (alignment === "relaxed" && organizationOf(from) === organizationOf(other));
}
