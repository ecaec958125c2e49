import { domainOf } from "../../text/domain_of.ts";
import type { Dns } from "../dns/dns_client.ts";
import type { Finding, Level } from "../finding.ts";
import { type DmarcWalk, isAligned, organizationOf, policyFor, walkDmarc } from "./dmarc.ts";
import type { Senders } from "./senders.ts";

/** SPF and DKIM count for DMARC only where their domains match From's (RFC 9989, 4.4). */
export async function checkAlignment(
  dns: Dns,
  from: DmarcWalk,
  { dkim, envelope }: Senders,
  add: (finding: Finding) => void,
): Promise<void> {
  const [sender, signer] = await Promise.all([
    walkDmarc(dns, domainOf(envelope)),
    dkim === undefined ? undefined : walkDmarc(dns, dkim.domain),
  ]);
  // Without all the records, it is unknown which organization a domain belongs to.
  if (sender.failed !== undefined || signer?.failed !== undefined) return;
  for (const finding of alignmentFindings(from, sender, signer)) add(finding);
}

function* alignmentFindings(
  from: DmarcWalk,
  sender: DmarcWalk,
  signer: DmarcWalk | undefined,
): Generator<Finding> {
  const { record, policy } = policyFor(from)!;
  const bySpf = isAligned(from, sender, record.spfAlignment);
  const byDkim = signer !== undefined && isAligned(from, signer, record.dkimAlignment);
  const finding = (level: Level, check: string, what: string, fix: string): Finding => ({
    level,
    check,
    what,
    why: `RFC 9989, 4.4: DMARC of ${record.domain} (p=${policy}) accepts only ${
      organizationOf(from)
    }${record.domain === from.start ? "" : " and its subdomains"}`,
    fix,
    where: { dns: `_dmarc.${record.domain}` },
  });
  if (signer !== undefined && !byDkim) {
    yield finding(
      "warning",
      "dmarc.dkim-alignment",
      `Mails from ${from.start} are signed for ${signer.start}, which does not count for DMARC`,
      `Sign for ${from.start}: --dkim-domain ${from.start}`,
    );
  }
  if (!bySpf) {
    yield finding(
      byDkim ? "note" : "warning",
      "dmarc.spf-alignment",
      `Bounces go to ${sender.start}, so SPF does not count for DMARC of ${from.start}`,
      byDkim
        ? "Nothing needs to be done: the signature counts"
        : `Use an envelope sender at ${from.start}, or sign with DKIM`,
    );
  }
}
