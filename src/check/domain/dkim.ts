import type { DkimKey, DkimSettings } from "../../compose/dkim/dkim_settings.ts";
import { dkimFault, recordFor } from "./dkim_record.ts";
import type { Dns } from "../dns/dns_client.ts";
import type { Finding } from "../finding.ts";
import { BULK, BULK_TEXT, GMAIL, MICROSOFT, YAHOO } from "../provider_rules.ts";

/** The key is there and is ours, and the domain says that it is trying it out. */
const TESTING = "dkim.testing";

/** Looks whether receivers can verify our signatures. Returns the selectors with which they can. */
export async function checkDkim(
  dns: Dns,
  { dkim, recipients = 0 }: {
    readonly dkim: DkimSettings | undefined;
    readonly recipients: number | undefined;
  },
  add: (finding: Finding) => void,
): Promise<readonly string[]> {
  if (dkim === undefined) {
    add(unsigned(recipients > BULK));
    return [];
  }
  const good: string[] = [];
  await Promise.all(dkim.keys.map(async (key) => {
    const fault = await keyFinding(dns, key, dkim.domain);
    if (fault === undefined || fault.check === TESTING) good.push(key.selector);
    if (fault !== undefined) add(fault);
  }));
  // In the order in which they sign, whichever answer came first.
  return dkim.keys.map(({ selector }) => selector).filter((selector) => good.includes(selector));
}

function unsigned(isBulk: boolean): Finding {
  return {
    level: "note",
    check: "dkim.unsigned",
    what: "Mails leave here without a DKIM signature: the relay has to sign them",
    why: isBulk
      ? `${GMAIL}, ${YAHOO} and ${MICROSOFT} want a signature of who sends ${BULK_TEXT}`
      : `${GMAIL} want SPF or DKIM of everybody`,
    fix:
      "see that the relay signs for the domain of From, or set --dkim-domain, --dkim-selector and --dkim-key",
    where: undefined,
  };
}

async function keyFinding(dns: Dns, key: DkimKey, domain: string): Promise<Finding | undefined> {
  const name = `${key.selector}._domainkey.${domain}`;
  const where = { dns: name };
  const answer = await dns.txt(name);
  if (answer.kind === "failed") {
    return {
      level: "warning",
      check: "dkim.unknown",
      what: `The DKIM key could not be looked up: ${answer.reason}`,
      why:
        "RFC 6376, 6.1.2: receivers that cannot look it up put the mail off or ignore the signature",
      fix: "check again later; if it stays so, ask who runs the domain's DNS",
      where,
    };
  }
  const publish = `publish a TXT record at ${name}: ${recordFor(key)}`;
  if (answer.kind === "none") {
    return {
      level: "error",
      check: "dkim.missing",
      what: `The DKIM key is not published: ${name} has no TXT record`,
      why: "RFC 6376, 6.1.2: without the public key each signature fails",
      fix: publish,
      where,
    };
  }
  const fault = dkimFault(key, answer.records);
  if (fault === undefined) return undefined;
  return {
    level: fault.fatal ? "error" : "warning",
    check: fault.fatal ? "dkim.key" : TESTING,
    what: `${name} ${fault.what}`,
    why: fault.why,
    fix: fault.fatal ? publish : "take t=y out of the record when the tests are over",
    where,
  };
}
