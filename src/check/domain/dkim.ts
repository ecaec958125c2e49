import type { DkimKey, DkimSettings } from "../../compose/dkim/dkim_settings.ts";
import { dkimFault, recordFor } from "./dkim_record.ts";
import type { Dns } from "../dns/dns_client.ts";
import type { Finding } from "../finding.ts";
import { BULK, BULK_TEXT, GMAIL, MICROSOFT, YAHOO } from "../provider_rules.ts";

/** The key is published and ours, but the domain says that it is only testing. */
const TESTING = "dkim.testing";

/** Checks whether receivers can verify our signatures. Returns the selectors with which they can. */
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
  // In the order of the signatures, whichever answer came first.
  return dkim.keys.map(({ selector }) => selector).filter((selector) => good.includes(selector));
}

function unsigned(isBulk: boolean): Finding {
  return {
    level: "note",
    check: "dkim.unsigned",
    what: "Mails leave this program without a DKIM signature: the relay has to sign them",
    why: isBulk
      ? `${GMAIL}, ${YAHOO} and ${MICROSOFT} require a signature from anybody who sends ${BULK_TEXT}`
      : `${GMAIL} require SPF or DKIM from everybody`,
    fix:
      "Make sure that the relay signs for the domain of From, or set --dkim-domain, --dkim-selector and --dkim-key",
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
        "RFC 6376, 6.1.2: receivers that cannot look it up defer the mail or ignore the signature",
      fix: "Check again later; if it persists, ask the operator of the domain's DNS",
      where,
    };
  }
  const publish = `Publish a TXT record at ${name}: ${recordFor(key)}`;
  if (answer.kind === "none") {
    return {
      level: "error",
      check: "dkim.missing",
      what: `The DKIM key is not published: ${name} has no TXT record`,
      why: "RFC 6376, 6.1.2: without the public key, every signature fails",
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
    fix: fault.fatal ? publish : "Remove t=y from the record when the tests are over",
    where,
  };
}
