import { type Command, Option } from "@commander-js/extra-typings";

// Groups of flags, shared by the commands so that a flag means the same everywhere. Values stay texts here: they are
// parsed in options.ts, which `--help` does not load.

const collect = (
  value: string,
  before: readonly string[] | undefined,
) => [...(before ?? []), value];
/** Counts how often a flag is given. */
export const count = (_: string, before: number | undefined): number => (before ?? 0) + 1;

function group(heading: string, ...options: readonly Option[]): readonly Option[] {
  return options.map((option) => option.helpGroup(`${heading}:`));
}

function flag(names: string, description: string): Option {
  return new Option(names, description);
}

export const CONFIG_FLAGS = group(
  "Campaign",
  flag("--config <file>", "campaign file (default: campaign.toml, where there is one)"),
);

export const CAMPAIGN_FLAGS = group(
  "Campaign",
  flag("--campaign <id>", "name of the campaign (default: the list's file name)"),
);

export const LEDGER_FLAGS = group(
  "Campaign",
  flag("--ledger <file>", "what happened to whom (default: <campaign>.ledger beside the config)"),
);

export const LIST_FLAGS = group(
  "Recipients",
  flag("--recipients <file>", "CSV with a header line, or JSON Lines; - reads standard input"),
  flag("--email-column <name>", "column with the address (default: found by its name)"),
  flag("--encoding <name>", "encoding of the list, such as windows-1252 (default: utf-8)"),
  flag("--delimiter <char>", "what separates the cells: , ; tab (default: found out)"),
  flag("--date-format <format>", "how the list writes dates: %d/%m/%Y, or excel for numbers"),
);

/** For commands that need no more of the list than the campaign's name that comes of it. */
export const LIST_NAME_FLAGS = group(
  "Campaign",
  flag(
    "--recipients <file>",
    "list of the campaign, where neither --campaign nor --ledger is given",
  ),
);

export const CHOICE_FLAGS = group(
  "Recipients",
  flag("--only <email>", "mail this recipient alone; repeatable").argParser(collect),
  flag("--limit <n>", "stop after n recipients"),
  flag("--offset <n>", "pass over the first n rows of the list"),
  flag("--shard <i/n>", "only part i of n of the list, by a hash of the address"),
  flag("--suppress <file>", "CSV file or lines with addresses to leave out; repeatable")
    .argParser(collect),
);

export const SUPPRESSION_LIST_FLAGS = group(
  "Recipients",
  flag(
    "--suppression-list <file>",
    "who left, shared by campaigns (default: suppressed.db beside the config)",
  ),
);

export const SERVE_FLAGS = group(
  "Server",
  flag("--listen <host:port>", "where it listens (default: 127.0.0.1:8090)"),
  flag("--base-url <url>", "https URL that the links of mails begin with"),
  flag("--trust-proxy <n>", "reverse proxies in front, whose X-Forwarded-For counts (default: 0)"),
  flag("--sender <name>", "whose mails they are, for the page"),
);

export const CHECK_FLAGS = group(
  "Check",
  flag("--smtp <url>", "relay to connect to and log in to; no mail is sent; repeatable")
    .argParser(collect),
  flag("--offline", "connect to nothing: list, template and mails only"),
  flag("--dns <host:port>", "DNS server to ask, an IP address (default: the system's)"),
  flag("--strict", "exit 1 where there are warnings"),
);

export const CONTENT_FLAGS = group(
  "Mail",
  flag("--template <file>", "header lines, a blank line, the body: .md, .html, .txt, .tmpl"),
  flag("--text <file>", "text part of a .md or .html template (default: made from it)"),
  flag(
    "--attachments <folder>",
    "the only folder that files named by a row come from (default: the template's)",
  ),
  flag("--timezone <name>", "time zone of dates in mails, such as Europe/Berlin (default: UTC)"),
  flag("--from <address>", "replaces the template's From"),
  flag("--reply-to <address>", "replaces the template's Reply-To"),
  flag("--verp <address>", "mailbox for returned mails: a mail's sender is name+token@domain"),
);

export const MAILING_LIST_FLAGS = group(
  "Leaving the list",
  flag(
    "--unsubscribe-url <url>",
    "where 'unsubscribe serve' is reached, or a link of your own: https://…?email={{ Email }}",
  ),
  flag("--unsubscribe-mailto <address>", "mailbox that takes the wish to leave"),
  flag("--unsubscribe-secret-file <file>", "secret of the links (or UNSUBSCRIBE_SECRET)"),
  flag("--list-id <id>", "the list's name: 'Acme News <news.example.com>'"),
  flag("--feedback-id <text>", "Feedback-ID for Gmail's complaint reports"),
);

export const DKIM_FLAGS = group(
  "DKIM",
  flag("--dkim-domain <domain>", "sign the mails for this domain, that of From"),
  flag("--dkim-selector <name>", "where in the DNS the key stands; one for each key")
    .argParser(collect),
  flag("--dkim-key <file>", "private key, PEM; twice for an RSA and an Ed25519 one")
    .argParser(collect),
);

export const THREADS_FLAGS = group(
  "DKIM",
  flag(
    "--threads <n>",
    "threads that make RSA signatures, 0 to 64 (default: one for each core)",
  ),
);

export const RELAY_FLAGS = group(
  "Relay",
  flag(
    "--smtp <url>",
    "smtp://user@host:587, smtps://user@host:465 or sandbox: (mail goes to a folder); repeatable",
  ).argParser(collect),
  flag("--connections <n>", "SMTP connections at once, 1 to 1000 (default: 10)"),
  flag("--max-per-connection <n>", "mails before a connection is renewed (default: 0, no limit)"),
  flag("--rate <rate>", "mails in a time at the most: 14/s, 500/m, 10000/h (default: no limit)"),
  flag("--window <n>", "mails under way on one connection (default: as the server allows)"),
);

export const SANDBOX_FLAGS = group(
  "Relay",
  flag("--listen <host:port>", "where the sandbox listens (default: 127.0.0.1:1025)"),
);

export const OUTBOX_FLAGS = group(
  "Relay",
  flag("--outbox <dir>", "where sandbox: puts the mails (default: outbox beside the config)"),
);

export const SENDING_FLAGS = group(
  "Recipients",
  flag(
    "--retry <who>",
    "try again who is failed, invalid or in-doubt, or an address; repeatable",
  ).argParser(collect),
  flag("--drop-missing", "skip recipients who are waiting and no longer in the list"),
  flag("--snapshot", "send from a copy of the list, which others may rewrite meanwhile"),
);

export const RETRY_FLAGS = group(
  "Retries and time",
  flag("--retries <n>", "tries after the first, where the server says 'later' (default: 5)"),
  flag("--retry-for <time>", "no try later than this after the first: 90s, 4h, 2d (default: 4h)"),
  flag("--patience <time>", "stop when a relay has accepted no mail for so long (default: 1h)"),
  flag("--no-wait", "do not wait for retries that are due later; exit 3"),
  flag("--in-doubt <what>", "hold or resend mails of unknown fate (default: hold)"),
  flag("--start-at <time>", "first mail not before 2026-11-02T09:00 or 18:30"),
  flag("--until <time>", "stop taking up mails then; exit 3 where some are left"),
);

export const RUN_FLAGS = group(
  "Run",
  flag("--dry-run", "scan, show the plan, send nothing"),
  flag("--strict", "send nothing where a single row is invalid; exit 2"),
  flag("-y, --yes", "send without asking"),
);

export const JSON_FLAGS = group("Output", flag("--json", "the result as JSON on standard output"));

const QUIET = flag("-q, --quiet", "say nothing but errors");

export const TALK_FLAGS = group(
  "Output",
  flag("--progress <how>", "auto, bar, plain or none (default: auto)"),
  flag("--log <file>", "append what happens to a file"),
  flag("--log-format <format>", "text or json (default: text)"),
  QUIET,
  flag("-v, --verbose", "tell each mail's reply; -vv: details").argParser(count),
);

export const QUIET_FLAGS = group("Output", QUIET);

export const PREVIEW_FLAGS = group(
  "Preview",
  flag("--row <n>", "row n of the list, counted from 1 without the header; repeatable")
    .argParser(collect),
  flag("--email <address>", "the row with this address; repeatable").argParser(collect),
  flag("--sample <n>", "n rows spread over the list, with the longest and the emptiest values"),
  flag("--output <dir>", "write .eml files and index.html there (default: print one mail)"),
);

export const SEND_TO_FLAGS = group(
  "Test mails",
  flag("--send-to <address>", "mail the chosen mails there, marked as tests; the ledger stays"),
  flag("--smtp <url>", "relay for them, as of 'send'; repeatable").argParser(collect),
  flag("-y, --yes", "send them without asking"),
);

/** Adds groups of flags to a command whose own flags keep their types. */
export function withFlags<C extends Command>(
  command: C,
  ...groups: readonly (readonly Option[])[]
): C {
  for (const option of groups.flat()) command.addOption(option);
  return command;
}

/** The block of examples below a command's help: whole lines of a shell, to be pasted; `#` begins a remark. */
export function examples(...lines: readonly string[]): string {
  const whole = lines.map((line) =>
    line.includes("email-dispatcher ") ? line : `email-dispatcher ${line}`
  );
  return `\nExamples:\n${whole.map((line) => `  ${line}`).join("\n")}`;
}
