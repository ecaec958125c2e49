import { domainOf } from "../../text/domain_of.ts";
import type { Dns } from "../dns/dns_client.ts";
import type { Finding } from "../finding.ts";
import { checkAlignment } from "./alignment.ts";
import { checkDkim } from "./dkim.ts";
import { type Policy, policyFor, walkDmarc } from "./dmarc.ts";
import { dmarcFindings, missingDmarc } from "./dmarc_findings.ts";
import { checkReachable } from "./reachable.ts";
import type { Senders } from "./senders.ts";
import { checkSpf, type SpfFacts } from "./spf/spf.ts";

/** What the DNS says about the sending domain. */
export interface DomainFacts {
  readonly domain: string;
  readonly spf: SpfFacts;
  /** Selectors whose published key is ours. */
  readonly dkim: readonly string[];
  readonly dmarc: { readonly domain: string; readonly policy: Policy } | undefined;
}

type Add = (finding: Finding) => void;

/** Checks SPF, DKIM and DMARC of the sending domain, and where replies and bounces go, all at once. */
export async function checkDomain(dns: Dns, senders: Senders, add: Add): Promise<DomainFacts> {
  const from = domainOf(senders.from);
  const envelope = domainOf(senders.envelope);
  const replies = senders.replyTo === undefined ? from : domainOf(senders.replyTo);
  const [spf, dkim, walk] = await Promise.all([
    checkSpf(dns, senders, add),
    checkDkim(dns, senders, add),
    walkDmarc(dns, from),
    checkReachable(dns, { from, envelope, replies }, add),
  ]);
  const decided = walk.failed === undefined ? policyFor(walk) : undefined;
  if (decided === undefined) {
    for (const finding of missingDmarc(walk, senders)) add(finding);
  } else {
    for (const finding of dmarcFindings(walk, decided, senders)) add(finding);
    await checkAlignment(dns, walk, senders, add);
  }
  return {
    domain: from,
    spf,
    dkim,
    dmarc: decided && { domain: decided.record.domain, policy: decided.policy },
  };
}
