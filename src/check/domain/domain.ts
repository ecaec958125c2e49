import { domainOf } from "../../text/domain_of.ts";
import { checkDkim } from "./dkim.ts";
import type { Dns } from "../dns/dns_client.ts";
import { isAligned, organizationOf, policyFor, walkDmarc } from "./dmarc.ts";
import type { DmarcWalk, Policy } from "./dmarc.ts";
import type { Finding, Level } from "../finding.ts";
import { BULK, BULK_TEXT, foreignRelays, GMAIL, MICROSOFT, YAHOO } from "../provider_rules.ts";
import { checkReachable } from "./reachable.ts";
import { checkSpf, type SpfFacts } from "./spf/spf.ts";
import type { Senders } from "./senders.ts";

/** What the DNS says of the sending domain. */
export interface DomainFacts {
  readonly domain: string;
  readonly spf: SpfFacts;
  /** Selectors whose published key is ours. */
  readonly dkim: readonly string[];
  readonly dmarc: { readonly domain: string; readonly policy: Policy } | undefined;
}

type Add = (finding: Finding) => void;

/** Looks at SPF, DKIM and DMARC of the sending domain and at where answers and bounces go, all at once. */
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
  if (decided === undefined) missingDmarc(walk, senders, add);
  else {
    checkRecord(walk, decided, senders, add);
    await checkAlignment(dns, walk, senders, add);
  }
  return {
    domain: from,
    spf,
    dkim,
    dmarc: decided && { domain: decided.record.domain, policy: decided.policy },
  };
}

function missingDmarc(walk: DmarcWalk, { recipients = 0 }: Senders, add: Add): void {
  const where = { dns: `_dmarc.${walk.start}` };
  if (walk.failed !== undefined) {
    return add({
      level: "warning",
      check: "dmarc.unknown",
      what: `DMARC could not be looked up: ${walk.failed}`,
      why: "RFC 9989, 4.10: a receiver that cannot look it up may put the mail off",
      fix: "check again later; if it stays so, ask who runs the domain's DNS",
      where,
    });
  }
  if (walk.faults.length > 0) {
    for (const fault of walk.faults) add(brokenDmarc(fault, walk));
    return;
  }
  const bulk = recipients > BULK;
  add({
    level: bulk ? "warning" : "note",
    check: "dmarc.missing",
    what: `${walk.start} has no DMARC record`,
    why: bulk
      ? `${GMAIL}, ${YAHOO} and ${MICROSOFT} want one, p=none at the least, of who sends ${BULK_TEXT}`
      : `RFC 9989, 4.7; ${GMAIL} want one of who sends ${BULK_TEXT}`,
    fix: `publish a TXT record at _dmarc.${walk.start}, to begin with: v=DMARC1; p=none`,
    where,
  });
}

function brokenDmarc(fault: string, { start }: DmarcWalk): Finding {
  return {
    level: "warning",
    check: "dmarc.broken",
    what: fault,
    why: "RFC 9989, 4.10: receivers go on as if nothing stood there",
    fix: "publish one record that begins with v=DMARC1; p=",
    where: { dns: `_dmarc.${start}` },
  };
}

function checkRecord(
  walk: DmarcWalk,
  { record, policy }: NonNullable<ReturnType<typeof policyFor>>,
  { relays }: Senders,
  add: Add,
): void {
  const where = { dns: `_dmarc.${record.domain}` };
  for (const fault of walk.faults) add(brokenDmarc(fault, walk));
  for (const fault of record.faults) {
    add({
      level: "warning",
      check: "dmarc.tag",
      what: `The DMARC record of ${record.domain} has a tag that does not count: ${fault}`,
      why: "RFC 9989, 4.7: what breaks the syntax is passed over, and the default counts",
      fix: "correct the tag, or take it out",
      where,
    });
  }
  if (record.policy === undefined) {
    add({
      level: "warning",
      check: "dmarc.broken",
      what: `The DMARC record of ${record.domain} has no policy that is known (p=)`,
      why:
        "RFC 9989, 4.7: it counts as p=none at best, and receivers by RFC 7489 ignore the record",
      fix: "put p=none, p=quarantine or p=reject behind v=DMARC1",
      where,
    });
  }
  const foreign = foreignRelays(walk.start, relays);
  if (foreign.length === 0 || policy === "none") return;
  add({
    level: "warning",
    check: "from.mailbox-provider",
    what: `From is an address of ${walk.start}, and ${foreign.join(", ")} is not a relay of theirs`,
    why: `RFC 9989, 4.10.1: ${walk.start} publishes p=${policy}, so that receivers ${
      policy === "reject" ? "refuse" : "treat as spam"
    } what others send in its name`,
    fix: "send from an address of a domain of your own",
    where,
  });
}

/** SPF and DKIM count for DMARC only where their domain is From's. */
async function checkAlignment(
  dns: Dns,
  from: DmarcWalk,
  { dkim, envelope }: Senders,
  add: Add,
): Promise<void> {
  const { record, policy } = policyFor(from)!;
  const [sender, signer] = await Promise.all([
    walkDmarc(dns, domainOf(envelope)),
    dkim === undefined ? undefined : walkDmarc(dns, dkim.domain),
  ]);
  const bySpf = isAligned(from, sender, record.spfAlignment);
  const byDkim = signer !== undefined && isAligned(from, signer, record.dkimAlignment);
  // Without all the records nobody can tell whose organization a domain is of.
  if (sender.failed !== undefined || signer?.failed !== undefined) return;
  const report = (level: Level, check: string, what: string, fix: string) =>
    add({
      level,
      check,
      what,
      why: `RFC 9989, 4.4: DMARC of ${record.domain} (p=${policy}) counts only ${
        organizationOf(from)
      }${record.domain === from.start ? "" : " and what is below it"}`,
      fix,
      where: { dns: `_dmarc.${record.domain}` },
    });
  if (signer !== undefined && !byDkim) {
    report(
      "warning",
      "dmarc.dkim-alignment",
      `Mails from ${from.start} are signed for ${signer.start}, which does not count for DMARC`,
      `sign for ${from.start}: --dkim-domain ${from.start}`,
    );
  }
  if (!bySpf) {
    report(
      byDkim ? "note" : "warning",
      "dmarc.spf-alignment",
      `Bounces go to ${sender.start}, so that SPF does not count for DMARC of ${from.start}`,
      byDkim
        ? "nothing need be done: the signature counts"
        : `use an envelope sender of ${from.start}, or sign with DKIM`,
    );
  }
}
