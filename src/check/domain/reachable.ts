import type { Dns, DnsAnswer } from "../dns/dns_client.ts";
import type { Finding } from "../finding.ts";

/** Domains that mail must be able to reach. */
export interface ReturnDomains {
  readonly from: string;
  readonly envelope: string;
  readonly replies: string;
}

/** Checks whether replies and bounces can arrive: an MX, or at least an address (RFC 5321, 5.1). */
export async function checkReachable(
  dns: Dns,
  { from, envelope, replies }: ReturnDomains,
  add: (finding: Finding) => void,
): Promise<void> {
  const uses = new Map<string, string[]>();
  for (
    const [domain, use] of [[from, "From"], [envelope, "bounces"], [replies, "replies"]] as const
  ) {
    uses.set(domain, [...uses.get(domain) ?? [], use]);
  }
  await Promise.all([...uses].map(async ([domain, names]) => {
    const fault = await unreachableFinding(dns, domain);
    if (fault !== undefined) add({ ...fault, what: `${fault.what} (${names.join(", ")})` });
  }));
}

async function unreachableFinding(dns: Dns, domain: string): Promise<Finding | undefined> {
  const mx = await dns.mx(domain);
  if (mx.kind === "failed") return notLookedUp(domain, mx.reason);
  if (mx.kind === "found") {
    const hosts = mx.records.map(({ host }) => host);
    return hosts.every((host) => host === "")
      ? nullExchange(domain)
      : await deadExchange(dns, domain, hosts);
  }
  const addresses = await dns.addresses(domain);
  if (addresses.kind === "failed") return notLookedUp(domain, addresses.reason);
  return addresses.kind === "found"
    ? noExchange(domain)
    : nowhereToDeliver(domain, mx.exists || addresses.exists);
}

function nullExchange(domain: string): Finding {
  return {
    level: "warning",
    check: "domain.takes-no-mail",
    what: `${domain} accepts no mail: its MX is '.'`,
    why:
      "RFC 7505, 4.2: bounces and replies are lost, and servers may refuse mail from there (550 5.7.27)",
    fix: "Send from a domain that accepts mail",
    where: { dns: domain },
  };
}

function noExchange(domain: string): Finding {
  return {
    level: "note",
    check: "domain.no-mx",
    what: `${domain} has no MX: mail goes to its address`,
    why: "RFC 5321, 5.1: bounces and replies are delivered to the address of the domain itself",
    fix: "Publish an MX record, unless that host accepts mail",
    where: { dns: domain },
  };
}

function nowhereToDeliver(domain: string, exists: boolean): Finding {
  return {
    level: exists ? "warning" : "error",
    check: "domain.unreachable",
    what: exists ? `${domain} has neither MX nor address` : `${domain} does not exist`,
    why:
      "RFC 5321, 2.3.5 and 5.1: bounces and replies cannot arrive, and most servers refuse mail from such a domain",
    fix: "Correct the address, or publish an MX record",
    where: { dns: domain },
  };
}

/** Reports mail exchangers if none of them has an address. */
async function deadExchange(
  dns: Dns,
  domain: string,
  hosts: readonly string[],
): Promise<Finding | undefined> {
  const answers: DnsAnswer<string>[] = await Promise.all(hosts.map((host) => dns.addresses(host)));
  if (answers.some(({ kind }) => kind !== "none")) return undefined;
  return {
    level: "warning",
    check: "domain.unreachable",
    what: `The MX of ${domain} has no address: ${hosts.join(", ")}`,
    why: "RFC 5321, 5.1: bounces and replies cannot arrive",
    fix: "Correct the MX record, or publish the address of its host",
    where: { dns: domain },
  };
}

function notLookedUp(domain: string, reason: string): Finding {
  return {
    level: "warning",
    check: "domain.unknown",
    what: `${domain} could not be looked up: ${reason}`,
    why: "RFC 5321, 5.1: receivers that cannot look it up defer mail, and bounces wait",
    fix: "Check again later; if it persists, ask the operator of the domain's DNS",
    where: { dns: domain },
  };
}
