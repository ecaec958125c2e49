import { domainOf } from "../../../text/domain_of.ts";
import type { Dns } from "../../dns/dns_client.ts";
import type { Senders } from "../senders.ts";
import type { Finding } from "../../finding.ts";
import { isPublic, parseIp } from "../ip.ts";
import { auditSpf } from "./spf_audit.ts";
import { evaluateSpf, type SpfResult } from "./spf_evaluate.ts";
import { spfFindings } from "./spf_findings.ts";

/** What SPF says about the sender. */
export interface SpfFacts {
  /** The domain of the envelope sender. */
  readonly domain: string;
  readonly record: string | undefined;
  readonly lookups: number;
  /** The relays' public addresses, and the result that a receiver gets for a mail from there. */
  readonly relays: readonly { readonly address: string; readonly result: SpfResult }[];
}

/** How many addresses of one relay are checked. */
const MAX_ADDRESSES = 16;

type Add = (finding: Finding) => void;

/** Checks the SPF record of the envelope sender's domain, and whether the relays pass it (RFC 7208). */
export async function checkSpf(dns: Dns, senders: Senders, add: Add): Promise<SpfFacts> {
  const { envelope } = senders;
  const domain = domainOf(envelope);
  const audit = await auditSpf(dns, domain);
  for (const finding of spfFindings(domain, audit, senders)) add(finding);
  const sound = audit.records.length === 1 && audit.failed === undefined;
  const relays = sound ? await relayResults(dns, domain, senders, add) : [];
  return { domain, record: audit.records[0], lookups: audit.lookups, relays };
}

async function relayResults(
  dns: Dns,
  domain: string,
  { relays, envelope }: Senders,
  add: Add,
): Promise<SpfFacts["relays"]> {
  const results: { address: string; result: SpfResult }[] = [];
  for (const host of new Set(relays)) {
    for (const address of (await addressesOf(dns, host)).slice(0, MAX_ADDRESSES)) {
      const ip = parseIp(address);
      if (ip === undefined || !isPublic(ip)) continue;
      const result = await evaluateSpf(dns, ip, envelope);
      results.push({ address, result });
      if (!["fail", "softfail", "neutral"].includes(result)) continue;
      const isOwn = parseIp(host.replace(/^\[|\]$/g, "")) !== undefined ||
        host.toLowerCase().endsWith(`.${domain}`) ||
        host.toLowerCase() === domain;
      add({
        // A provider's servers rarely send from the addresses at which they accept mail.
        level: isOwn ? "warning" : "note",
        check: "spf.relay",
        what: `SPF of ${domain} does not allow ${address} of ${host}: ${result}`,
        why: "RFC 7208, 2.6: a mail that leaves from this address does not pass SPF",
        fix:
          "If the relay sends from this address, add it to the record; a provider's relay may send from others",
        where: { dns: domain },
      });
    }
  }
  return results;
}

async function addressesOf(dns: Dns, host: string): Promise<readonly string[]> {
  const bare = host.replace(/^\[|\]$/g, "");
  if (parseIp(bare) !== undefined) return [bare];
  if (!bare.includes(".")) return [];
  const answer = await dns.addresses(bare);
  return answer.kind === "found" ? answer.records : [];
}
