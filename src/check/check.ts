import PostalMime from "postal-mime";
import type { ContentOptions } from "../compose/content_options.ts";
import type { ListOptions } from "../list/list_options.ts";
import { Signer } from "../compose/dkim/signer.ts";
import { parseMailbox } from "../list/address.ts";
import { InputError } from "../model/input_error.ts";
import type { ExitCode } from "../model/exit_code.ts";
import { domainOf } from "../text/domain_of.ts";
import type { Relay } from "../model/relay.ts";
import { addressFindings } from "./list/addresses.ts";
import { contentFindings } from "./content/content.ts";
import { foreignTagFindings } from "./content/foreign_tags.ts";
import { DnsClient, knowsNothing } from "./dns/dns_client.ts";
import { systemServers } from "./dns/servers.ts";
import type { Server } from "./dns/transport.ts";
import { checkDomain, type DomainFacts } from "./domain/domain.ts";
import type { Senders } from "./domain/senders.ts";
import { type Finding, Findings, inputFinding, type Level, verdictOf } from "./finding.ts";
import { headerFindings } from "./content/mail_header.ts";
import { checkRelay, type RelayFacts } from "./relay/relay.ts";
import { checkRows, type RowsResult, type Sample, type Sizes } from "./list/rows.ts";

/** What is checked, and how far. */
export interface CheckOptions {
  readonly campaign: ListOptions & ContentOptions;
  /** Empty: none is given. */
  readonly relays: readonly Relay[];
  /** Connect to nothing. */
  readonly offline: boolean;
  /** Warnings count as faults. */
  readonly strict: boolean;
  /** The DNS server to ask; undefined: the system's. */
  readonly dns: Server | undefined;
}

/** All that can be known before sending. */
export interface CheckReport {
  /** undefined: list or template cannot be used at all. */
  readonly rows: Omit<RowsResult, "samples"> | undefined;
  /** The relays that were connected to. */
  readonly relays: readonly RelayFacts[];
  /** undefined: the DNS was not asked. */
  readonly domain: DomainFacts | undefined;
  /** Errors first. */
  readonly findings: readonly Finding[];
  /** How many findings a check has, those included that are not kept. */
  readonly countOf: (check: string) => number;
  readonly levels: Readonly<Record<Level, number>>;
  readonly exitCode: ExitCode;
}

export interface CheckDependencies {
  readonly stdin: ReadableStream<Uint8Array>;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Finds out what would go wrong, and sends nothing: makes the mail of every row, looks at some of them closely, connects to
 * the relays and asks the DNS about the sender.
 *
 * What cannot be used is a finding, too. Throws the signal's reason when the signal aborts.
 */
export async function checkCampaign(
  options: CheckOptions,
  dependencies: CheckDependencies,
): Promise<CheckReport> {
  const findings = new Findings();
  const add = (finding: Finding) => findings.add(finding);
  const content = await contentOf(options, { ...dependencies, add });
  const network = options.offline
    ? { relays: [], domain: undefined }
    : await checkNetwork(options, content, { ...dependencies, add });
  const { samples: _, ...rows } = content?.rows ?? { samples: [] };
  return {
    rows: content && rows as Omit<RowsResult, "samples">,
    ...network,
    findings: findings.all(),
    countOf: (check) => findings.countOf(check),
    levels: findings.levels,
    exitCode: verdictOf(findings.levels, {
      invalid: content?.rows.invalid ?? 0,
      strict: options.strict,
    }),
  };
}

interface Adding extends CheckDependencies {
  readonly add: (finding: Finding) => void;
}

interface Checked {
  readonly rows: RowsResult;
  /** Sizes with the signature. */
  readonly sizes: Sizes | undefined;
  readonly first: Sample | undefined;
  readonly replyTo: string | undefined;
  readonly from: string | undefined;
}

async function contentOf(options: CheckOptions, adding: Adding): Promise<Checked | undefined> {
  const { campaign } = options;
  try {
    const rows = await checkRows(campaign, adding);
    const mails = await Promise.all(rows.samples.map(async (sample) => ({
      sample,
      parsed: await PostalMime.parse(sample.mail.bytes),
    })));
    const first = mails[0];
    const template = { file: campaign.template };
    const columns = { names: rows.columns };
    const seen = new Set<string>();
    for (const { sample, parsed } of mails) {
      const row = { file: campaign.recipients, line: sample.line };
      const where = sample === first?.sample ? template : row;
      for (
        const finding of [
          ...contentFindings(parsed, where),
          ...foreignTagFindings(parsed, columns, where),
        ]
      ) {
        // What is in the template is in all mails; braces come from a row's own cell, too.
        const ofRow = finding.check === "content.braces";
        if (seen.has(finding.check) && !ofRow) continue;
        seen.add(finding.check);
        adding.add(ofRow ? { ...finding, where: row } : finding);
      }
    }
    if (first !== undefined) {
      for (const finding of headerFindings(first.parsed, rows.recipients, template)) {
        adding.add(finding);
      }
      for (const finding of addressFindings(first.parsed, rows.shown, template)) {
        adding.add(finding);
      }
    }
    return {
      rows,
      sizes: await signedSizes(rows, campaign),
      first: first?.sample,
      from: first?.parsed.from?.address,
      replyTo: first?.parsed.replyTo?.[0]?.address,
    };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    adding.add(inputFinding(error));
    return undefined;
  }
}

/** A signature has the same length, give or take a fold, in every mail. */
async function signedSizes(
  { sizes, samples: [first] }: RowsResult,
  { dkim }: ContentOptions,
): Promise<Sizes | undefined> {
  if (dkim === undefined || sizes === undefined || first === undefined) return sizes;
  using signer = new Signer(dkim);
  const signed = await signer.sign(first.mail);
  const more = signed.bytes.length - first.mail.bytes.length;
  return {
    ...sizes,
    largest: { ...sizes.largest, bytes: sizes.largest.bytes + more },
    smallest: sizes.smallest + more,
    mean: sizes.mean + more,
  };
}

async function checkNetwork(
  options: CheckOptions,
  content: Checked | undefined,
  adding: Adding,
): Promise<Pick<CheckReport, "relays" | "domain">> {
  const { add } = adding;
  if (options.relays.length === 0) add(NO_RELAY);
  if (options.relays.some(({ sandbox }) => sandbox)) add(SANDBOX);
  const relays = options.relays.filter(({ sandbox }) => !sandbox);
  const sending = { mail: content?.first?.mail, sizes: content?.sizes };
  const leaves = relays.length > 0 || options.relays.length === 0;
  const [facts, domain] = await Promise.all([
    Promise.all(relays.map((relay) => checkRelay(relay, sending, adding))),
    leaves ? checkSender(options, content, adding) : undefined,
  ]);
  return { relays: facts, domain };
}

/** Asks the DNS about who sends. */
async function checkSender(
  { campaign, relays, dns }: CheckOptions,
  content: Checked | undefined,
  { signal, add }: Adding,
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
    from: asciiOf(content.from) ?? envelope,
    envelope,
    replyTo: asciiOf(content.replyTo),
    dkim: campaign.dkim,
    relays: relays.filter(({ sandbox }) => !sandbox).map(({ host }) => host),
    recipients: content.rows.recipients,
  };
  if (await knowsNothing(client, domainOf(senders.from))) {
    add(BLIND_DNS);
    return undefined;
  }
  return await checkDomain(client, senders, add);
}

/** The address with its domain as A-labels: a parser shows U-labels. */
function asciiOf(address: string | undefined): string | undefined {
  const mailbox = parseMailbox(address ?? "");
  return mailbox.kind === "mailbox" ? mailbox.address : undefined;
}

const NO_RELAY: Finding = {
  level: "note",
  check: "relay.none",
  what: "No relay is given: it was not connected to",
  why: "address, certificate, login and size limit are known to the relay alone",
  fix: "give --smtp, SMTP_URL or smtp in campaign.toml",
  where: undefined,
};

const SANDBOX: Finding = {
  level: "note",
  check: "relay.sandbox",
  what: "The relay is the sandbox: nothing leaves this machine, and the DNS was not asked",
  why: "SPF, DKIM and DMARC matter to those who get mail",
  fix: "give the real relay with --smtp",
  where: undefined,
};

const BLIND_DNS: Finding = {
  level: "note",
  check: "dns.blind",
  what: "The DNS server does not know the Internet: SPF, DKIM and DMARC were not looked at",
  why: "it says that not even 'com' exists, so that what it says of the sender means nothing",
  fix: "give another one with --dns ADDR",
  where: undefined,
};

const NO_DNS: Finding = {
  level: "note",
  check: "dns.none",
  what: "No DNS server is known: SPF, DKIM and DMARC were not looked at",
  why: "/etc/resolv.conf names none",
  fix: "give one with --dns ADDR",
  where: undefined,
};
