import { join } from "node:path";
import { InputError } from "../report/input_error.ts";
import { parseMailbox } from "../produce/address.ts";
import { parseRate } from "../smtp/rate.ts";
import type { Rate, Relay } from "../smtp/relay.ts";
import { resolveRelays } from "./relays.ts";
import { pathOf, type Sources } from "./sources.ts";
import * as value from "./values.ts";

/** What to read the recipients from. */
export interface ListOptions {
  /** A path, or "-" for standard input. */
  readonly recipients: string;
  /** A WHATWG encoding label; undefined: byte order mark, else UTF-8. */
  readonly encoding: string | undefined;
  /** One character; undefined: found from the header line. */
  readonly delimiter: string | undefined;
  readonly emailColumn: string | undefined;
}

/** What to make the mails from. */
export interface ContentOptions {
  readonly template: string;
  /** A file with the text part of a Markdown or HTML template. */
  readonly text: string | undefined;
  /** Replace the template's From and Reply-To. */
  readonly from: string | undefined;
  readonly replyTo: string | undefined;
}

/** Everything `send` needs, resolved once from flags, environment and campaign file, and frozen. */
export interface SendOptions extends ListOptions, ContentOptions {
  readonly campaign: string;
  /** A file's path. */
  readonly ledger: string;
  readonly relays: readonly Relay[];
  readonly connections: number;
  /** Mails on one connection before a new one is opened; 0: no limit. */
  readonly maxPerConnection: number;
  readonly rate: Rate | undefined;
  /** Counted tries after the first. */
  readonly retries: number;
  /** Time from the first try after which nothing is tried again, in ms. */
  readonly retryForMs: number;
  /** Wait for deferred recipients until they are settled (`--no-wait`: end with exit 3). */
  readonly wait: boolean;
  readonly inDoubt: "hold" | "resend";
  readonly limit: number | undefined;
  readonly offset: number;
  /** Keys (see `Recipient`) of the only recipients to mail; empty: all. */
  readonly only: readonly string[];
  /** Part `index`, counted from 1, of `count`. */
  readonly shard: { readonly index: number; readonly count: number } | undefined;
  /** Milliseconds since the epoch. */
  readonly startAt: number | undefined;
  readonly until: number | undefined;
  readonly suppress: readonly string[];
  /** Mails handed over and unanswered on one connection, at the most (CHUNKING); undefined: as the server's answers allow. */
  readonly window: number | undefined;
  readonly dryRun: boolean;
  readonly strict: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  /** Folder the sandbox writes to. */
  readonly outbox: string;
  readonly talk: TalkOptions;
}

/** What is said on stderr and in the log. */
export interface TalkOptions {
  readonly progress: "auto" | "bar" | "plain" | "none";
  readonly log: string | undefined;
  readonly logFormat: "text" | "json";
  /** -1: errors only; 0; 1: each mail's reply; 2: the dialogue. */
  readonly verbosity: number;
}

/** Options, and what the user should be warned of before they are used. */
export interface Resolved<T> {
  readonly options: Readonly<T>;
  readonly warnings: readonly string[];
}

/** The options of a command that reads a list and a template. */
export interface CampaignOptions extends ListOptions, ContentOptions {
  readonly campaign: string;
}

/** The options of `send`. @throws {InputError} naming the setting, the rule and what was found. */
export function resolveSend(sources: Sources, now: number): Resolved<SendOptions> {
  const integer = (name: Parameters<Sources["one"]>[0], least: number, most: number) => {
    const given = sources.one(name);
    return given && value.parseInteger(given, least, most);
  };
  const { relays, warnings } = resolveRelays(sources);
  const retryFor = sources.one("retry-for");
  const rate = sources.one("rate");
  const shard = sources.one("shard");
  const campaign = resolveCampaign(sources);
  const options: SendOptions = {
    ...campaign,
    ledger: resolveLedger(sources, campaign.campaign),
    relays,
    connections: integer("connections", 1, 1000) ?? 10,
    maxPerConnection: integer("max-per-connection", 0, MOST) ?? 0,
    rate: rate && resolveRate(rate),
    retries: integer("retries", 0, 1000) ?? 5,
    retryForMs: retryFor ? value.parseDuration(retryFor) : 4 * 3_600_000,
    wait: sources.isOn("wait", true),
    inDoubt: choice(sources, "in-doubt", ["hold", "resend"]) ?? "hold",
    limit: integer("limit", 1, MOST),
    offset: integer("offset", 0, MOST) ?? 0,
    only: sources.all("only").map(keyOf),
    shard: shard && value.parseShard(shard),
    ...resolveTimes(sources, now),
    suppress: sources.all("suppress").map(pathOf),
    window: integer("window", 1, 1000),
    dryRun: sources.isOn("dry-run"),
    strict: sources.isOn("strict"),
    yes: sources.isOn("yes"),
    json: sources.isOn("json"),
    outbox: resolveOutbox(sources),
    talk: resolveTalk(sources),
  };
  return { options: Object.freeze(options), warnings };
}

/** What `check`, `preview` and `send` read. */
export function resolveCampaign(sources: Sources): CampaignOptions {
  const recipients = required(sources, "recipients", "list of recipients", "emails.csv");
  const encoding = sources.one("encoding");
  const delimiter = sources.one("delimiter");
  const given = sources.one("campaign");
  return {
    campaign: given ? value.parseCampaign(given) : value.campaignOf(recipients),
    recipients,
    encoding: encoding && value.parseEncoding(encoding),
    delimiter: delimiter && value.parseDelimiter(delimiter),
    emailColumn: sources.one("email-column")?.text,
    template: required(sources, "template", "template", "email.md"),
    text: sources.path("text"),
    from: sources.one("from")?.text,
    replyTo: sources.one("reply-to")?.text,
  };
}

/** The path of the ledger that `send` writes, and `status`, `export` and `settle` read. */
export function resolveLedger(sources: Sources, campaign = campaignName(sources)): string {
  const given = sources.one("ledger");
  if (given === undefined) return join(sources.folder, `${campaign}.ledger`);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(given.text)) {
    throw new InputError(
      `${given.name} must be a file: databases are not supported by this version`,
      {
        ...(given.place && { place: given.place }),
        hint: "one machine: --ledger FILE; several: --shard I/N gives each its part of the list",
      },
    );
  }
  return pathOf(given);
}

/** The folder that the sandbox writes to. */
export function resolveOutbox(sources: Sources): string {
  return sources.path("outbox") ?? join(sources.folder, "outbox");
}

/** Where the sandbox listens when it runs on its own. */
export function resolveListen(sources: Sources): { hostname: string; port: number } {
  const given = sources.one("listen");
  return given ? value.parseListen(given) : { hostname: "127.0.0.1", port: 1025 };
}

export function resolveTalk(sources: Sources): TalkOptions {
  const { quiet, verbose } = sources.flags;
  if (quiet && verbose) throw new InputError("--quiet and --verbose exclude each other");
  return {
    progress: choice(sources, "progress", ["auto", "bar", "plain", "none"]) ?? "auto",
    log: sources.path("log"),
    logFormat: choice(sources, "log-format", ["text", "json"]) ?? "text",
    verbosity: quiet ? -1 : Math.min(2, Number(verbose ?? 0)),
  };
}

const MOST = Number.MAX_SAFE_INTEGER;

function campaignName(sources: Sources): string {
  const given = sources.one("campaign");
  if (given) return value.parseCampaign(given);
  return value.campaignOf(
    required(sources, "recipients", "campaign, ledger or list", "emails.csv"),
  );
}

function required(
  sources: Sources,
  name: "recipients" | "template",
  what: string,
  example: string,
): string {
  const path = sources.path(name);
  if (path !== undefined) return path;
  throw new InputError(`No ${what} is given`, {
    hint: `give --${name} ${example}, or ${name} = "${example}" in campaign.toml`,
  });
}

function choice<T extends string>(
  sources: Sources,
  name: "in-doubt" | "progress" | "log-format",
  choices: readonly T[],
): T | undefined {
  const given = sources.one(name);
  return given && value.parseChoice(given, choices);
}

function resolveRate(given: value.Given): Rate {
  const rate = parseRate(given.text);
  if (rate === undefined) throw value.unusable(given, "a rate such as 14/s, 500/m or 10000/h");
  return rate;
}

function resolveTimes(sources: Sources, now: number) {
  const start = sources.one("start-at");
  const end = sources.one("until");
  const startAt = start && value.parseTime(start, now);
  const until = end && value.parseTime(end, Math.max(now, startAt ?? now));
  if (end && startAt !== undefined && until !== undefined && until <= startAt) {
    throw value.unusable(end, `a time after ${start!.name} '${start!.text}'`);
  }
  return { startAt, until };
}

function keyOf(given: value.Given): string {
  const mailbox = parseMailbox(given.text);
  if (mailbox.kind === "mailbox") return mailbox.key;
  throw value.unusable(given, "an e-mail address", mailbox.reason);
}
