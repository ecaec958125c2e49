import type { Senders } from "../senders.ts";
import type { Finding, Level } from "../../finding.ts";
import { BULK, BULK_TEXT, GMAIL, MICROSOFT, YAHOO } from "../../provider_rules.ts";
import { MOST_LOOKUPS, MOST_VOID_LOOKUPS, type SpfAudit } from "./spf_audit.ts";

type Make = (level: Level, check: string, what: string, why: string, fix: string) => Finding;

/** What there is to say of a domain's SPF record. */
export function* spfFindings(
  domain: string,
  audit: SpfAudit,
  senders: Senders,
): Generator<Finding> {
  const finding: Make = (level, check, what, why, fix) => ({
    level,
    check,
    what,
    why,
    fix,
    where: { dns: domain },
  });
  const { records, failed, unknown } = audit;
  if (failed !== undefined || unknown.length > 0) {
    yield finding(
      "warning",
      "spf.unknown",
      `SPF could not be looked up: ${
        [...(failed === undefined ? [] : [failed]), ...unknown].join("; ")
      }`,
      "RFC 7208, 2.6.6: to a receiver this is temperror, and it may put the mail off",
      "check again later; if it stays so, ask who runs the DNS",
    );
    if (failed !== undefined) return;
  }
  for (const flaw of audit.flaws) {
    yield finding(
      "warning",
      "spf.broken",
      `${domain} has no SPF record that counts: ${flaw}`,
      "RFC 7208, 4.5: a record begins with v=spf1, followed by a space or nothing; others are passed over",
      "publish it as it is read, without quotes and blanks around it",
    );
  }
  if (audit.flaws.length > 0) return;
  if (records.length === 0) return yield missing(domain, senders);
  if (records.length > 1) {
    return yield finding(
      "warning",
      "spf.several",
      `${domain} has ${records.length} SPF records`,
      "RFC 7208, 4.5: with more than one the result is permerror, as if there were none",
      "put them together in one record",
    );
  }
  yield* chainFindings(domain, audit, finding);
  yield* endFindings(domain, audit, finding);
}

/** What is wrong with the record or what it draws in. */
function* chainFindings(domain: string, audit: SpfAudit, finding: Make): Generator<Finding> {
  for (const fault of audit.faults) {
    yield finding(
      "warning",
      "spf.broken",
      `SPF of ${domain} is broken: ${fault}`,
      "RFC 7208, 4.6 and 5.2: the result is permerror, as if there were no record",
      "correct the record",
    );
  }
  for (const term of audit.ignored) {
    yield finding(
      "warning",
      "spf.ignored",
      `SPF of ${domain} has a term without effect: ${term}`,
      "RFC 7208, 5.1 and 6: nothing behind all counts, nor redirect beside it, nor a modifier that is not known",
      "put it before all, or take it out",
    );
  }
  if (audit.lookups > MOST_LOOKUPS) {
    yield finding(
      "warning",
      "spf.lookups",
      `SPF of ${domain} takes ${audit.lookups} lookups where nothing matches before`,
      `RFC 7208, 4.6.4: more than ${MOST_LOOKUPS} are permerror, as if there were no record`,
      "leave out includes that are not used, or name addresses with ip4: and ip6:",
    );
  }
  if (audit.voids.length > MOST_VOID_LOOKUPS) {
    yield finding(
      "warning",
      "spf.void-lookups",
      `SPF of ${domain} looks up ${audit.voids.length} names that have no address: ${
        audit.voids.join(", ")
      }`,
      `RFC 7208, 4.6.4: more than ${MOST_VOID_LOOKUPS} may be permerror`,
      "leave out the names that are gone",
    );
  }
  if (audit.withPtr.length > 0) {
    yield finding(
      "note",
      "spf.ptr",
      `SPF uses ptr: ${audit.withPtr.join(", ")}`,
      "RFC 7208, 5.5: ptr is slow and unreliable, and should not be used",
      "name the addresses with ip4:, ip6: or a:",
    );
  }
}

/** What it says of those who are not listed. */
function* endFindings(
  domain: string,
  { end, open }: SpfAudit,
  finding: Make,
): Generator<Finding> {
  for (const { domain: owner, term, everybody } of open) {
    yield finding(
      "warning",
      "spf.open",
      `SPF of ${domain} allows ${
        everybody ? "everybody" : "a large part of the Internet"
      }: ${term}${owner === domain ? "" : ` of ${owner}`}`,
      "RFC 7208, 5.1: whoever sends in the domain's name passes, which makes the record worthless",
      "name the addresses that send, and end it in ~all or -all",
    );
  }
  if (end === "-" || end === "~" || end === "+") return;
  yield finding(
    "note",
    "spf.neutral",
    end === "?" ? `SPF of ${domain} ends in ?all` : `SPF of ${domain} ends without all`,
    "RFC 7208, 4.7 and 2.6.2: for addresses that are not listed it says nothing",
    "end it in ~all or -all",
  );
}

function missing(domain: string, { dkim, recipients = 0 }: Senders): Finding {
  const bulk = recipients > BULK;
  return {
    level: bulk || dkim === undefined ? "warning" : "note",
    check: "spf.missing",
    what: `${domain} has no SPF record`,
    why: bulk
      ? `${GMAIL}, ${YAHOO} and ${MICROSOFT} want SPF and DKIM of who sends ${BULK_TEXT}`
      : `${GMAIL} want SPF or DKIM of everybody`,
    fix:
      `publish a TXT record at ${domain} as the relay's provider says, such as v=spf1 include:spf.provider.example ~all`,
    where: { dns: domain },
  };
}
