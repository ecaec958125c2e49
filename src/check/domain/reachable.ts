import type { Dns, DnsAnswer } from "../dns/dns_client.ts";
import type { Finding } from "../finding.ts";

/** Domains that mail has to reach. */
export interface Returning {
  readonly from: string;
  readonly envelope: string;
  readonly replies: string;
}

/** Looks whether answers and bounces can arrive: an MX, or at least an address (RFC 5321, 5.1). */
export async function checkReachable(
  dns: Dns,
  { from, envelope, replies }: Returning,
  add: (finding: Finding) => void,
): Promise<void> {
  const uses = new Map<string, string[]>();
  for (
    const [domain, use] of [[from, "From"], [envelope, "bounces"], [replies, "answers"]] as const
  ) {
    uses.set(domain, [...uses.get(domain) ?? [], use]);
  }
  await Promise.all([...uses].map(async ([domain, names]) => {
    const fault = await unreachableFinding(dns, domain);
    if (fault !== undefined) add({ ...fault, what: `${fault.what} (${names.join(", ")})` });
  }));
}

async function unreachableFinding(dns: Dns, domain: string): Promise<Finding | undefined> {
  const where = { dns: domain };
  const mx = await dns.mx(domain);
  if (mx.kind === "failed") return unknown(domain, mx.reason);
  if (mx.kind === "found") {
    if (mx.records.every(({ host }) => host === "")) {
      return {
        level: "warning",
        check: "domain.takes-no-mail",
        what: `${domain} takes no mail: its MX is '.'`,
        why:
          "RFC 7505, 4.2: bounces and answers are lost, and servers may refuse mail from there (550 5.7.27)",
        fix: "send from a domain that takes mail",
        where,
      };
    }
    return await deadExchange(dns, domain, mx.records.map(({ host }) => host));
  }
  const addresses = await dns.addresses(domain);
  if (addresses.kind === "failed") return unknown(domain, addresses.reason);
  if (addresses.kind === "found") {
    return {
      level: "note",
      check: "domain.no-mx",
      what: `${domain} has no MX: mail goes to its address`,
      why: "RFC 5321, 5.1: bounces and answers are tried at the address of the domain itself",
      fix: "publish an MX record, unless that host takes mail",
      where,
    };
  }
  return {
    level: mx.exists || addresses.exists ? "warning" : "error",
    check: "domain.unreachable",
    what: mx.exists || addresses.exists
      ? `${domain} has neither MX nor address`
      : `${domain} does not exist`,
    why:
      "RFC 5321, 2.3.5 and 5.1: bounces and answers cannot arrive, and most servers refuse mail from such a domain",
    fix: "correct the address, or publish an MX record",
    where,
  };
}

/** Hosts of which not one has an address. */
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
    why: "RFC 5321, 5.1: bounces and answers cannot arrive",
    fix: "correct the MX record, or publish the address of its host",
    where: { dns: domain },
  };
}

function unknown(domain: string, reason: string): Finding {
  return {
    level: "warning",
    check: "domain.unknown",
    what: `${domain} could not be looked up: ${reason}`,
    why: "RFC 5321, 5.1: receivers that cannot look it up put mail off, and bounces wait",
    fix: "check again later; if it stays so, ask who runs the domain's DNS",
    where: { dns: domain },
  };
}
