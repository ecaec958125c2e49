import type { Dns } from "./dns.ts";
import type { Senders } from "./domain.ts";
import type { Finding, Level } from "./finding.ts";
import { isPublic, parseIp } from "./ip.ts";
import { BULK, BULK_TEXT, GMAIL, MICROSOFT, YAHOO } from "./provider_rules.ts";
import { auditSpf, MOST_LOOKUPS, MOST_VOID_LOOKUPS, type SpfAudit } from "./spf_audit.ts";
import { evaluateSpf } from "./spf_evaluate.ts";
import type { SpfResult } from "./spf_evaluate.ts";

/** What SPF says of the sender. */
export interface SpfFacts {
  /** The domain of the envelope sender. */
  readonly domain: string;
  readonly record: string | undefined;
  readonly lookups: number;
  /** The relays' addresses that others can see, and what a receiver makes of a mail from there. */
  readonly relays: readonly { readonly address: string; readonly result: SpfResult }[];
}

type Add = (finding: Finding) => void;

/** Looks at the SPF record of the envelope sender's domain (RFC 7208), and whether the relays pass it. */
export async function checkSpf(dns: Dns, senders: Senders, add: Add): Promise<SpfFacts> {
  const { envelope } = senders;
  const domain = envelope.slice(envelope.lastIndexOf("@") + 1).toLowerCase();
  const audit = await auditSpf(dns, domain);
  for (const finding of findingsOf(domain, audit, senders)) add(finding);
  const sound = audit.records.length === 1 && audit.failed === undefined;
  const relays = sound ? await relayResults(dns, domain, senders, add) : [];
  return { domain, record: audit.records[0], lookups: audit.lookups, relays };
}

function* findingsOf(domain: string, audit: SpfAudit, senders: Senders): Generator<Finding> {
  const finding = (level: Level, check: string, what: string, why: string, mend: string) => ({
    level,
    check,
    what,
    why,
    mend,
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
  for (const fault of audit.faults) {
    yield finding(
      "warning",
      "spf.broken",
      `SPF of ${domain} is broken: ${fault}`,
      "RFC 7208, 4.6 and 5.2: the result is permerror, as if there were no record",
      "correct the record",
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
  yield* endOf(domain, audit, finding);
}

function* endOf(
  domain: string,
  { end }: SpfAudit,
  finding: (level: Level, check: string, what: string, why: string, mend: string) => Finding,
): Generator<Finding> {
  if (end === "-" || end === "~") return;
  if (end === "+") {
    yield finding(
      "warning",
      "spf.open",
      `SPF of ${domain} ends in +all: it allows everybody`,
      "RFC 7208, 5.1: whoever sends in the domain's name passes, which makes the record worthless",
      "end it in ~all or -all",
    );
    return;
  }
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
    mend:
      `publish a TXT record at ${domain} as the relay's provider says, such as v=spf1 include:spf.provider.example ~all`,
    where: { dns: domain },
  };
}

async function relayResults(
  dns: Dns,
  domain: string,
  { relays, envelope }: Senders,
  add: Add,
): Promise<SpfFacts["relays"]> {
  const results: { address: string; result: SpfResult }[] = [];
  for (const host of new Set(relays)) {
    for (const address of await addressesOf(dns, host)) {
      const ip = parseIp(address);
      if (ip === undefined || !isPublic(ip)) continue;
      const result = await evaluateSpf(dns, ip, envelope);
      results.push({ address, result });
      if (!["fail", "softfail", "neutral"].includes(result)) continue;
      const isOwn = parseIp(host.replace(/^\[|\]$/g, "")) !== undefined ||
        host.toLowerCase().endsWith(`.${domain}`) ||
        host.toLowerCase() === domain;
      add({
        // A provider's servers hardly ever send from the addresses at which they take mail.
        level: isOwn ? "warning" : "note",
        check: "spf.relay",
        what: `SPF of ${domain} does not allow ${address} of ${host}: ${result}`,
        why: "RFC 7208, 2.6: a mail that leaves from this address does not pass SPF",
        mend:
          "where the relay sends from this address, add it to the record; a provider's may send from others",
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
