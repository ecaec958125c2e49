import type { DkimSettings } from "../../compose/dkim/dkim_settings.ts";
import type { Origins } from "../../compose/template/origins.ts";
import type { TokenSecret } from "../../compose/unsubscribe/unsubscribe_token.ts";
import type { Verp } from "../../compose/unsubscribe/verp.ts";
import type { Withheld } from "../../compose/files/withheld.ts";
import type { Retry } from "../../ledger/ledger.ts";
import { parseRate } from "../../model/rate.ts";
import type { Rate, Relay } from "../../model/relay.ts";
import { parseTime } from "../settings/moment.ts";
import { resolveRelays } from "./relays.ts";
import { resolveRetry } from "./retry.ts";
import * as shared from "./shared_options.ts";
import { pathOf, type Sources } from "../settings/sources.ts";
import * as value from "../settings/values.ts";

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
  /** Files that never go out with a mail. */
  readonly withheld: Withheld;
  /** IANA name of the time zone that dates are shown in; undefined: UTC. */
  readonly timezone?: string | undefined;
  /** How the list writes dates, in `strftime`'s directives, or "excel"; undefined: in a form that can be read in one way only. */
  readonly dateFormat?: string | undefined;
  /** Replace the template's From and Reply-To. */
  readonly from: string | undefined;
  readonly replyTo: string | undefined;
  readonly mailingList: MailingListOptions;
  /** Where the settings that replace headers were given, by their flags. */
  readonly origins?: Origins | undefined;
  /** Returned mails come to addresses of this mailbox; undefined: to From. */
  readonly verp?: Verp | undefined;
  /** undefined: mails are not signed. */
  readonly dkim: DkimSettings | undefined;
}

/** What makes mails those of a list that can be left (RFC 2369, 2919, 8058). */
export interface MailingListOptions {
  /** Where `unsubscribe serve` is reached; or, with Liquid in it, a link of the user's own. */
  readonly unsubscribeUrl?: string | undefined;
  /** A mailbox that takes the wish to leave. */
  readonly unsubscribeMailto?: string | undefined;
  /** Makes the tokens of links. */
  readonly unsubscribeSecret?: TokenSecret | undefined;
  /** `news.example.com` or `Acme News <news.example.com>`. */
  readonly listId?: string | undefined;
  /** Gmail's: groups complaints, such as `spring:acme:newsletter:acme`. */
  readonly feedbackId?: string | undefined;
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
  /** How long a relay that answers may take nobody before it is given up. */
  readonly patienceMs: number;
  /** Longest pause before the first retry, in ms; undefined: `FIRST_RETRY_MS`. */
  readonly firstRetryMs: number | undefined;
  /** Wait for deferred recipients until they are settled (`--no-wait`: end with exit 3). */
  readonly wait: boolean;
  readonly inDoubt: "hold" | "resend";
  /** Who is tried again, though failed or invalid. */
  readonly retry: Retry;
  /** What names somebody to be tried again, in doubt or not: "--retry". Only an earlier run can have left them. */
  readonly retryAskedBy: string | undefined;
  /** Skip recipients who wait and are not in the list (any more). */
  readonly dropMissing: boolean;
  /** Copy the list before it is scanned, whatever its size. */
  readonly snapshot: boolean;
  /** Lists up to so many bytes are copied all the same; undefined: as the program finds right. */
  readonly copyUpTo?: number | undefined;
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
  /** Who left, shared by campaigns; one that is named has to be there. */
  readonly suppressionList: { readonly path: string; readonly named: boolean };
  /** Mails handed over and unanswered on one connection, at the most (CHUNKING); undefined: as the server's answers allow. */
  readonly window: number | undefined;
  /** Threads that make RSA signatures; undefined: as many as are worth it. */
  readonly threads: number | undefined;
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
  const campaign = shared.resolveCampaign(sources, warnings);
  const retryFor = sources.one("retry-for");
  const retryFirst = sources.one("retry-first");
  const patience = sources.one("patience");
  const rate = sources.one("rate");
  const shard = sources.one("shard");
  const inDoubt = shared.choice(sources, "in-doubt", ["hold", "resend"]);
  const { resend, askedBy, ...retry } = resolveRetry(sources);
  const options: SendOptions = {
    ...campaign,
    ledger: shared.resolveLedger(sources, campaign.campaign),
    relays,
    connections: integer("connections", 1, 1000) ?? 10,
    maxPerConnection: integer("max-per-connection", 0, value.MOST) ?? 0,
    rate: rate && value.placed(rate, () => parseRate(rate.text, rate.name)),
    retries: integer("retries", 0, 1000) ?? 5,
    retryForMs: retryFor ? value.parseDuration(retryFor) : 4 * 3_600_000,
    patienceMs: patience ? value.parseDuration(patience) : 3_600_000,
    firstRetryMs: retryFirst && value.parseDuration(retryFirst),
    wait: resolveWait(sources),
    inDoubt: resend ? "resend" : inDoubt ?? "hold",
    retry,
    retryAskedBy: askedBy,
    dropMissing: sources.isOn("drop-missing"),
    snapshot: sources.isOn("snapshot"),
    limit: integer("limit", 1, value.MOST),
    offset: integer("offset", 0, value.MOST) ?? 0,
    only: sources.all("only").map(shared.keyOf),
    shard: shard && value.parseShard(shard),
    ...resolveTimes(sources, now),
    suppress: sources.all("suppress").map(pathOf),
    suppressionList: shared.resolveSuppressionList(sources),
    window: integer("window", 1, 1000),
    threads: integer("threads", 0, 64),
    dryRun: sources.isOn("dry-run"),
    strict: sources.isOn("strict"),
    yes: sources.isOn("yes"),
    json: sources.isOn("json"),
    outbox: shared.resolveOutbox(sources),
    talk: shared.resolveTalk(sources),
  };
  return { options: Object.freeze(options), warnings };
}

/** Said in the negative by the flag and its variable, and in the positive by the campaign file. */
function resolveWait(sources: Sources): boolean {
  // Commander gives `--no-wait` its default, true, where it is not typed.
  if (sources.flags.wait === false) return false;
  const not = sources.fromEnvironment("no-wait")?.[0];
  if (not) return !value.parseBoolean(not);
  const kept = sources.fromFile("wait")?.[0];
  return kept ? value.parseBoolean(kept) : true;
}

function resolveTimes(sources: Sources, now: number) {
  const start = sources.one("start-at");
  const end = sources.one("until");
  const startAt = start && parseTime(start, now);
  const until = end && parseTime(end, now, Math.max(now, startAt ?? now));
  if (end && startAt !== undefined && until !== undefined && until <= startAt) {
    throw value.unusable(end, `a time after ${start!.name} '${start!.text}'`);
  }
  if (end && until !== undefined && until <= now) throw value.unusable(end, "a time still to come");
  return { startAt, until };
}
