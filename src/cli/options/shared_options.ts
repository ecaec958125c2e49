import { join } from "node:path";
import type { Origins } from "../../compose/template/origins.ts";
import { parseVerp, type Verp } from "../../compose/unsubscribe/verp.ts";
import type { Choice } from "../../preview/choice.ts";
import type { Inbox } from "../../preview/test_mail.ts";
import { mailboxOf } from "./recipient_key.ts";
import { InputError } from "../../model/input_error.ts";
import { campaignIdOf, ledgerPathOf, resolveCampaignId } from "./campaign_id.ts";
import { defaultLedgers, ledgerToRead, ledgerToSend } from "./default_ledger.ts";
import { resolveMailingList } from "./mailing_list.ts";
import type { CampaignOptions } from "./campaign_options.ts";
import type { ReporterOptions } from "../../report/reporter_options.ts";
import { resolveDkim } from "./dkim.ts";
import type { Sources } from "../settings/sources.ts";
import * as value from "../settings/values.ts";
import { resolveSuppressionList } from "./suppression.ts";
import { resolveWhere } from "./where.ts";
import { resolveWithheld } from "./withheld.ts";
import { nameOf } from "./recipient_key.ts";

// Options that several commands share, each resolved from flags, environment and campaign file.

/** Resolves what `check`, `preview` and `send` read, and adds warnings about secrets and keys to `warnings`. */
export function resolveCampaign(sources: Sources, warnings: string[]): CampaignOptions {
  const recipients = required(sources, "recipients", "list of recipients", "emails.csv");
  const encoding = sources.one("encoding");
  const delimiter = sources.one("delimiter");
  const campaign = resolveCampaignId(sources, recipients);
  const template = required(sources, "template", "template", "email.md");
  const timezone = sources.one("timezone");
  const dateFormat = sources.one("date-format");
  return {
    campaign,
    recipients,
    encoding: encoding && value.parseEncoding(encoding),
    delimiter: delimiter && value.parseDelimiter(delimiter),
    emailColumn: sources.one("email-column")?.text,
    keyColumn: sources.one("key")?.text,
    where: resolveWhere(sources),
    template,
    text: sources.path("text"),
    withheld: resolveWithheld(sources, template, {
      databases: [
        () => resolveLedger(sources, campaign),
        () => resolveSuppressionList(sources).path,
      ],
      folders: [() => resolveOutbox(sources)],
    }),
    timezone: timezone && value.parseTimezone(timezone),
    dateFormat: dateFormat && value.parseDateFormat(dateFormat),
    from: sources.one("from")?.text,
    replyTo: sources.one("reply-to")?.text,
    copies: choice(sources, "copies", ["deliver", "header", "refuse"]) ?? "refuse",
    verp: resolveVerp(sources),
    mailingList: resolveMailingList(sources, warnings),
    origins: originsOf(sources),
    dkim: resolveDkim(sources, warnings),
  };
}

/** Settings that are compiled with the template, which is when a fault in one of them is found. */
const COMPILED = [
  "from",
  "reply-to",
  "list-id",
  "feedback-id",
  "unsubscribe-url",
  "unsubscribe-mailto",
] as const;

/** Where each of them was given, unless by its flag. */
function originsOf(sources: Sources): Origins {
  const places = COMPILED.flatMap((name) => {
    const given = sources.one(name);
    if (given === undefined || given.name === `--${name}`) return [];
    return [[`--${name}`, given.place ?? { file: given.name }] as const];
  });
  return Object.fromEntries(places);
}

/** The mailbox for returned mails, each with its own return path; undefined: From. */
export function resolveVerp(sources: Sources): Verp | undefined {
  const given = sources.one("verp");
  return given && value.placed(given, () => parseVerp(given.text, given.name));
}

/** The path of the ledger: the one that `send` writes (it passes its `campaign`), and `status`, `export` and `settle` read. */
export function resolveLedger(sources: Sources, campaign?: string): string {
  const given = sources.one("ledger");
  if (given === undefined) {
    const name = campaign ?? campaignIdOf(sources) ??
      required(sources, "recipients", "campaign, ledger or list", "emails.csv");
    const ledgers = defaultLedgers(name, sources.folder, resolveOutbox(sources));
    return campaign === undefined ? ledgerToRead(sources, ledgers) : ledgerToSend(sources, ledgers);
  }
  if (given.text === "-") throw value.unusable(given, "the name of a file");
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(given.text)) {
    throw new InputError(
      `${given.name} must be a file: databases are not supported by this version`,
      {
        ...(given.place && { place: given.place }),
        hint:
          "On one machine, use --ledger FILE. On several, --shard I/N gives each its part of the list.",
      },
    );
  }
  return ledgerPathOf(given, sources);
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

/** Most mails in a sample: nobody looks through more. */
const MOST_SAMPLED = 1_000;

/** Which mails `preview` shows, and the folder it writes them to; undefined: standard output, unless they are sent. */
export function resolveChoice(sources: Sources): {
  readonly choice: Choice;
  readonly folder: string | undefined;
} {
  const rows = sources.all("row").map((given) => value.parseInteger(given, 1, value.MOST));
  const keys = sources.all("email").map(nameOf);
  const given = sources.one("sample");
  const sample = given && value.parseInteger(given, 1, MOST_SAMPLED);
  const output = sources.path("output");
  const folder = output === "-" ? undefined : output;
  const count = rows.length + keys.length + (sample ?? 0);
  if (folder === undefined && sources.one("send-to") === undefined) refuseSeveral(count);
  return { choice: { rows, keys, ...(sample !== undefined && { sample }) }, folder };
}

/** @throws {InputError} for more than one mail that would be printed: nothing separates them */
export function refuseSeveral(mails: number): void {
  if (mails <= 1) return;
  throw new InputError(`Cannot print ${mails} mails on standard output`, {
    hint: "Choose one, or give --output DIR.",
  });
}

/** Who gets the test mails of `preview`; undefined: nobody. */
export function resolveInbox(sources: Sources): Inbox | undefined {
  const given = sources.one("send-to");
  return given && mailboxOf(given);
}

/** How much is reported, and where. */
export function resolveReporter(sources: Sources): ReporterOptions {
  return {
    progress: choice(sources, "progress", ["auto", "bar", "plain", "none"]) ?? "auto",
    log: sources.path("log"),
    logFormat: choice(sources, "log-format", ["text", "json"]) ?? "text",
    verbosity: resolveVerbosity(sources),
  };
}

/** -1: errors only; 0; 1 and 2: more detail. The command line overrides the environment. */
function resolveVerbosity(sources: Sources): number {
  for (const place of ["fromFlag", "fromEnvironment"] as const) {
    const quiet = sources[place]("quiet")?.[0];
    const verbose = sources[place]("verbose")?.[0];
    const isQuiet = quiet !== undefined && value.parseBoolean(quiet);
    // Further -v add nothing.
    const level = verbose === undefined ? 0 : value.parseInteger(verbose, 0, value.MOST);
    if (isQuiet && level > 0) {
      throw new InputError(`${quiet.name} and ${verbose!.name} cannot be used together`);
    }
    if (quiet !== undefined || verbose !== undefined) return isQuiet ? -1 : Math.min(2, level);
  }
  return 0;
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
    hint: `Give --${name} ${example}, or ${name} = "${example}" in campaign.toml.`,
  });
}

/** The value of a setting that takes one of a few words. */
export function choice<T extends string>(
  sources: Sources,
  name: "in-doubt" | "progress" | "log-format" | "copies",
  choices: readonly T[],
): T | undefined {
  const given = sources.one(name);
  return given && value.parseChoice(given, choices);
}
