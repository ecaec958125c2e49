import type { Finding } from "../finding.ts";
import { BULK, BULK_TEXT, foreignRelays, GMAIL, MICROSOFT, YAHOO } from "../provider_rules.ts";
import type { DmarcWalk, policyFor } from "./dmarc.ts";
import type { DmarcRecord } from "./dmarc_record.ts";
import type { Senders } from "./senders.ts";

/** Findings about a domain without a DMARC record for its mails. */
export function* missingDmarc(walk: DmarcWalk, { recipients = 0 }: Senders): Generator<Finding> {
  const where = { dns: `_dmarc.${walk.start}` };
  if (walk.failed !== undefined) {
    return yield {
      level: "warning",
      check: "dmarc.unknown",
      what: `DMARC could not be looked up: ${walk.failed}`,
      why: "RFC 9989, 4.10: a receiver that cannot look it up may defer the mail",
      fix: "Check again later; if it persists, ask the operator of the domain's DNS",
      where,
    };
  }
  if (walk.faults.length > 0) return yield* brokenDmarc(walk);
  const isBulk = recipients > BULK;
  yield {
    level: isBulk ? "warning" : "note",
    check: "dmarc.missing",
    what: `${walk.start} has no DMARC record`,
    why: isBulk
      ? `${GMAIL}, ${YAHOO} and ${MICROSOFT} require one, at least p=none, from anybody who sends ${BULK_TEXT}`
      : `RFC 9989, 4.7; ${GMAIL} require one from anybody who sends ${BULK_TEXT}`,
    fix: `Publish a TXT record at _dmarc.${walk.start}, to begin with: v=DMARC1; p=none`,
    where,
  };
}

/** Findings about the record that applies. */
export function* dmarcFindings(
  walk: DmarcWalk,
  { record, policy }: NonNullable<ReturnType<typeof policyFor>>,
  { relays }: Senders,
): Generator<Finding> {
  yield* brokenDmarc(walk);
  yield* recordFindings(record);
  const foreign = foreignRelays(walk.start, relays);
  if (foreign.length === 0 || policy === "none") return;
  yield {
    level: "warning",
    check: "from.mailbox-provider",
    what: `From is an address at ${walk.start}, and ${foreign.join(", ")} is not one of its relays`,
    why: `RFC 9989, 4.10.1: ${walk.start} publishes p=${policy}, so receivers ${
      policy === "reject" ? "refuse" : "treat as spam"
    } what others send in its name`,
    fix: "Send from an address at a domain of your own",
    where: { dns: `_dmarc.${record.domain}` },
  };
}

function* brokenDmarc({ start, faults }: DmarcWalk): Generator<Finding> {
  for (const what of faults) {
    yield {
      level: "warning",
      check: "dmarc.broken",
      what,
      why: "RFC 9989, 4.10: receivers continue as if there were no record",
      fix: "Publish one record that begins with v=DMARC1; p=",
      where: { dns: `_dmarc.${start}` },
    };
  }
}

function* recordFindings({ domain, policy, faults }: DmarcRecord): Generator<Finding> {
  const where = { dns: `_dmarc.${domain}` };
  for (const fault of faults) {
    yield {
      level: "warning",
      check: "dmarc.tag",
      what: `The DMARC record of ${domain} has an invalid tag: ${fault}`,
      why: "RFC 9989, 4.7: receivers ignore invalid tags and apply the default",
      fix: "Correct the tag, or remove it",
      where,
    };
  }
  if (policy !== undefined) return;
  yield {
    level: "warning",
    check: "dmarc.broken",
    what: `The DMARC record of ${domain} has no known policy (p=)`,
    why:
      "RFC 9989, 4.7: at best it counts as p=none; receivers that follow RFC 7489 ignore the record",
    fix: "Put p=none, p=quarantine or p=reject after v=DMARC1",
    where,
  };
}
