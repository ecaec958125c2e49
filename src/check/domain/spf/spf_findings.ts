import { type Finding, findingsAt, type MakeFinding } from "../../finding.ts";
import { BULK, BULK_TEXT, GMAIL, MICROSOFT, YAHOO } from "../../provider_rules.ts";
import type { Senders } from "../senders.ts";
import { MOST_LOOKUPS, MOST_VOID_LOOKUPS, type SpfAudit } from "./spf_audit.ts";

/** Findings about a domain's SPF record. */
export function* spfFindings(
  domain: string,
  audit: SpfAudit,
  senders: Senders,
): Generator<Finding> {
  const finding = findingsAt({ dns: domain });
  const failed = audit.failed === undefined ? audit.unknown : [audit.failed, ...audit.unknown];
  if (failed.length > 0) yield lookupFinding(failed, finding);
  if (audit.failed !== undefined) return;
  if (audit.flaws.length > 0) return yield* flawFindings(domain, audit.flaws, finding);
  if (audit.records.length === 0) return yield missing(domain, senders);
  if (audit.records.length > 1) {
    return yield finding(
      "warning",
      "spf.several",
      `${domain} has ${audit.records.length} SPF records`,
      "RFC 7208, 4.5: with more than one, the result is permerror, as if there were none",
      "Merge them into one record",
    );
  }
  yield* termFindings(domain, audit, finding);
  yield* limitFindings(domain, audit, finding);
  yield* openFindings(domain, audit, finding);
  yield* endFindings(domain, audit, finding);
}

function lookupFinding(reasons: readonly string[], finding: MakeFinding): Finding {
  return finding(
    "warning",
    "spf.unknown",
    `SPF could not be looked up: ${reasons.join("; ")}`,
    "RFC 7208, 2.6.6: to a receiver this is temperror, and it may defer the mail",
    "Check again later; if it persists, ask the operator of the DNS",
  );
}

/** Texts that were meant as SPF records. */
function* flawFindings(
  domain: string,
  flaws: readonly string[],
  finding: MakeFinding,
): Generator<Finding> {
  for (const flaw of flaws) {
    yield finding(
      "warning",
      "spf.broken",
      `${domain} has no valid SPF record: ${flaw}`,
      "RFC 7208, 4.5: a record begins with v=spf1, followed by a space or nothing; others are ignored",
      "Publish it without quotes or blanks around it",
    );
  }
}

function missing(domain: string, { dkim, recipients = 0 }: Senders): Finding {
  const isBulk = recipients > BULK;
  return {
    level: isBulk || dkim === undefined ? "warning" : "note",
    check: "spf.missing",
    what: `${domain} has no SPF record`,
    why: isBulk
      ? `${GMAIL}, ${YAHOO} and ${MICROSOFT} require SPF and DKIM from anybody who sends ${BULK_TEXT}`
      : `${GMAIL} require SPF or DKIM from everybody`,
    fix:
      `Publish a TXT record at ${domain} as the relay's provider says, such as v=spf1 include:spf.provider.example ~all`,
    where: { dns: domain },
  };
}

/** Terms of the record, or of those it refers to, that are broken, without effect or discouraged. */
function* termFindings(domain: string, audit: SpfAudit, finding: MakeFinding): Generator<Finding> {
  for (const fault of audit.faults) {
    yield finding(
      "warning",
      "spf.broken",
      `SPF of ${domain} is broken: ${fault}`,
      "RFC 7208, 4.6 and 5.2: the result is permerror, as if there were no record",
      "Correct the record",
    );
  }
  for (const term of audit.ignored) {
    yield finding(
      "warning",
      "spf.ignored",
      `SPF of ${domain} has a term without effect: ${term}`,
      "RFC 7208, 5.1 and 6: receivers ignore what follows all, redirect beside all, and unknown modifiers",
      "Put it before all, or remove it",
    );
  }
  if (audit.withPtr.length > 0) {
    yield finding(
      "note",
      "spf.ptr",
      `SPF uses ptr: ${audit.withPtr.join(", ")}`,
      "RFC 7208, 5.5: ptr is slow and unreliable, and should not be used",
      "Name the addresses with ip4:, ip6: or a:",
    );
  }
}

function* limitFindings(
  domain: string,
  { lookups, voids }: SpfAudit,
  finding: MakeFinding,
): Generator<Finding> {
  if (lookups > MOST_LOOKUPS) {
    yield finding(
      "warning",
      "spf.lookups",
      `SPF of ${domain} needs ${lookups} lookups if nothing matches earlier`,
      `RFC 7208, 4.6.4: more than ${MOST_LOOKUPS} are permerror, as if there were no record`,
      "Remove unused includes, or name addresses with ip4: and ip6:",
    );
  }
  if (voids.length > MOST_VOID_LOOKUPS) {
    yield finding(
      "warning",
      "spf.void-lookups",
      `SPF of ${domain} looks up ${voids.length} names that have no address: ${voids.join(", ")}`,
      `RFC 7208, 4.6.4: more than ${MOST_VOID_LOOKUPS} may be permerror`,
      "Remove the names that no longer exist",
    );
  }
}

/** Terms that let nearly everybody pass. */
function* openFindings(
  domain: string,
  { open }: SpfAudit,
  finding: MakeFinding,
): Generator<Finding> {
  for (const { domain: owner, term, everybody } of open) {
    yield finding(
      "warning",
      "spf.open",
      `SPF of ${domain} allows ${
        everybody ? "everybody" : "a large part of the Internet"
      }: ${term}${owner === domain ? "" : ` of ${owner}`}`,
      "RFC 7208, 5.1: anybody who sends in the domain's name passes, which makes the record worthless",
      "Name the addresses that send, and end it in ~all or -all",
    );
  }
}

/** What the record says about addresses that it does not list. */
function* endFindings(domain: string, { end }: SpfAudit, finding: MakeFinding): Generator<Finding> {
  if (end === "-" || end === "~" || end === "+") return;
  yield finding(
    "note",
    "spf.neutral",
    end === "?" ? `SPF of ${domain} ends in ?all` : `SPF of ${domain} ends without all`,
    "RFC 7208, 4.7 and 2.6.2: it says nothing about addresses that are not listed",
    "End it in ~all or -all",
  );
}
