import type { ContentOptions } from "../compose/content_options.ts";
import { parseMailbox } from "../list/address.ts";
import type { Relay } from "../model/relay.ts";
import { domainOf } from "../text/domain_of.ts";
import type { ContentResult } from "./content_check.ts";
import { DnsClient, knowsNothing } from "./dns/dns_client.ts";
import { systemServers } from "./dns/servers.ts";
import type { Server } from "./dns/transport.ts";
import { checkDomain, type DomainFacts } from "./domain/domain.ts";
import type { Senders } from "./domain/senders.ts";
import type { Finding } from "./finding.ts";
import { checkRelay, type RelayFacts } from "./relay/relay.ts";

/** Who sends, through what, and whom to ask about it. */
export interface NetworkOptions {
  readonly campaign: Pick<ContentOptions, "dkim">;
  readonly relays: readonly Relay[];
  /** The DNS server to ask; undefined: the system's. */
  readonly dns: Server | undefined;
}

interface NetworkDependencies {
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly add: (finding: Finding) => void;
}

/** Connects to the relays and asks the DNS about the sender, all at once. The sandbox is neither asked nor asked about. */
export async function checkNetwork(
  options: NetworkOptions,
  content: ContentResult | undefined,
  dependencies: NetworkDependencies,
): Promise<{ readonly relays: readonly RelayFacts[]; readonly domain: DomainFacts | undefined }> {
  const { add } = dependencies;
  const relays = options.relays.filter(({ sandbox }) => !sandbox);
  if (options.relays.length === 0) add(NO_RELAY);
  if (relays.length < options.relays.length) add(SANDBOX);
  const sending = { mail: content?.first?.mail, sizes: content?.sizes };
  const leavesMachine = relays.length > 0 || options.relays.length === 0;
  const [facts, domain] = await Promise.all([
    Promise.all(relays.map((relay) => checkRelay(relay, sending, dependencies))),
    leavesMachine ? checkSender({ ...options, relays }, content, dependencies) : undefined,
  ]);
  return { relays: facts, domain };
}

/** Asks the DNS about the sender. */
async function checkSender(
  { campaign, relays, dns }: NetworkOptions,
  content: ContentResult | undefined,
  { signal, add }: NetworkDependencies,
): Promise<DomainFacts | undefined> {
  if (content?.first === undefined) return undefined;
  const servers = dns === undefined ? await systemServers() : [dns];
  if (servers.length === 0) {
    add(NO_DNS);
    return undefined;
  }
  const client = new DnsClient(servers, signal);
  const envelope = content.first.mail.envelope.sender;
  const senders: Senders = {
    from: withAsciiDomain(content.from) ?? envelope,
    envelope,
    replyTo: withAsciiDomain(content.replyTo),
    dkim: campaign.dkim,
    relays: relays.map(({ host }) => host),
    recipients: content.rows.recipients,
  };
  if (await knowsNothing(client, domainOf(senders.from))) {
    add(BLIND_DNS);
    return undefined;
  }
  return await checkDomain(client, senders, add);
}

/** The address with its domain as A-labels: the parser of mails returns U-labels. */
function withAsciiDomain(address: string | undefined): string | undefined {
  const mailbox = parseMailbox(address ?? "");
  return mailbox.kind === "mailbox" ? mailbox.address : undefined;
}

const NO_RELAY: Finding = {
  level: "note",
  check: "relay.none",
  what: "No relay is given, so none was connected to",
  why: "Only the relay knows its address, certificate, login and size limit",
  fix: "Give --smtp, SMTP_URL or smtp in campaign.toml",
  where: undefined,
};

const SANDBOX: Finding = {
  level: "note",
  check: "relay.sandbox",
  what: "The relay is the sandbox: nothing leaves this machine, and the DNS was not asked",
  why: "SPF, DKIM and DMARC matter only to those who receive mail",
  fix: "Give the real relay with --smtp",
  where: undefined,
};

const BLIND_DNS: Finding = {
  level: "note",
  check: "dns.blind",
  what: "The DNS server does not know the Internet: SPF, DKIM and DMARC were not checked",
  why: "It says that not even 'com' exists, so what it says about the sender means nothing",
  fix: "Give another server with --dns ADDR",
  where: undefined,
};

const NO_DNS: Finding = {
  level: "note",
  check: "dns.none",
  what: "No DNS server is known: SPF, DKIM and DMARC were not checked",
  why: "/etc/resolv.conf names none",
  fix: "Give one with --dns ADDR",
  where: undefined,
};
