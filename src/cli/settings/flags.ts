import { type Command, type CommandUnknownOpts, Option } from "@commander-js/extra-typings";
import type { Setting } from "./setting.ts";
import { type SettingName, settingOf } from "./settings.ts";

// Flags of the commands, made from the table of settings. Values stay text here: they are parsed in options/, which `--help`
// does not load.

/** Collects the values of a flag that is given several times. */
export const collect = (
  value: string,
  before: readonly string[] | undefined,
): string[] => [...(before ?? []), value];

/** Counts how often a flag is given. */
export const count = (_: string, before: number | undefined): number => (before ?? 0) + 1;

/** What a command says about a setting, in place of what the table says. */
export type OwnWords = Partial<Pick<Setting, "heading" | "help" | "default">>;

/** The flag of a setting. */
export function flagOf(name: SettingName, own: OwnWords = {}): Option {
  const { heading, argument, short, help, repeatable, ...setting } = {
    ...settingOf(name),
    ...own,
  };
  const long = argument === undefined ? `--${name}` : `--${name} ${argument}`;
  const described = `${help}${repeatable ? "; repeatable" : ""}${
    setting.default === undefined ? "" : ` (default: ${setting.default})`
  }`;
  const option = new Option(short === undefined ? long : `-${short}, ${long}`, described);
  if (repeatable) option.argParser(collect);
  if (name === "verbose") option.argParser(count);
  return option.helpGroup(`${heading}:`);
}

function flagsOf(...names: readonly SettingName[]): readonly Option[] {
  return names.map((name) => flagOf(name));
}

export const CONFIG_FLAGS: readonly Option[] = [
  new Option("--config <file>", "campaign file (default: campaign.toml, if there is one)")
    .helpGroup("Campaign:"),
];

export const CAMPAIGN_FLAGS = flagsOf("campaign", "date");
export const LEDGER_FLAGS = flagsOf("ledger");
export const LIST_FLAGS = flagsOf(
  "recipients",
  "email-column",
  "key",
  "encoding",
  "delimiter",
  "date-format",
);

/** For commands that look for the ledger of a campaign, and need the list only for the campaign's name. */
export const FIND_LEDGER_FLAGS = [
  ...CONFIG_FLAGS,
  ...CAMPAIGN_FLAGS,
  flagOf("timezone", { heading: "Campaign", help: "time zone of the day that {date} stands for" }),
  ...LEDGER_FLAGS,
  flagOf("recipients", {
    heading: "Campaign",
    help: "list of the campaign, if neither --campaign nor --ledger is given",
  }),
];

export const WHERE_FLAGS = flagsOf("where");
export const EXPORT_WHERE_FLAGS = [
  flagOf("where", {
    heading: "Options",
    help: "only recipients for whom it is true, by the columns of the export: '_code == \"550\"'",
  }),
];
export const CHOICE_FLAGS = flagsOf("only", "limit", "offset", "shard", "suppress");
/** For commands that do not choose recipients in any other way. */
export const SUPPRESSION_FLAGS = flagsOf("suppress", "suppression-list");
export const SUPPRESSION_LIST_FLAGS = flagsOf("suppression-list");
export const SERVE_FLAGS = [
  flagOf("listen", { heading: "Server", help: "address to listen on", default: "127.0.0.1:8090" }),
  ...flagsOf("base-url", "trust-proxy", "sender"),
];
export const CHECK_FLAGS = [
  flagOf("smtp", { heading: "Check", help: "relay to connect and log in to; no mail is sent" }),
  ...flagsOf("offline", "dns"),
  flagOf("strict", { heading: "Check", help: "exit 1 if there are warnings" }),
];
export const CONTENT_FLAGS = flagsOf(
  "template",
  "text",
  "attachments",
  "timezone",
  "from",
  "reply-to",
  "copies",
  "verp",
  "unsubscribe-url",
  "unsubscribe-mailto",
  "unsubscribe-secret-file",
  "list-id",
  "feedback-id",
  "dkim-domain",
  "dkim-selector",
  "dkim-key",
);
export const THREADS_FLAGS = flagsOf("threads");
export const RELAY_FLAGS = flagsOf("smtp", "connections", "max-per-connection", "rate", "window");
export const SANDBOX_FLAGS = flagsOf("listen");
export const OUTBOX_FLAGS = flagsOf("outbox");
export const SENDING_FLAGS = flagsOf("retry", "drop-missing", "snapshot");
export const RETRY_FLAGS = flagsOf(
  "retries",
  "retry-for",
  "patience",
  "no-wait",
  "in-doubt",
  "start-at",
  "until",
);
export const RUN_FLAGS = flagsOf("dry-run", "strict", "yes", "yes-changed");
export const JSON_FLAGS = flagsOf("json");
export const REPORT_FLAGS = flagsOf("progress", "log", "log-format", "quiet", "verbose");
export const QUIET_FLAGS = flagsOf("quiet");
export const PREVIEW_FLAGS = flagsOf("row", "email", "sample", "output");
export const SEND_TO_FLAGS = [
  ...flagsOf("send-to"),
  flagOf("smtp", { heading: "Test mails", help: "relay for them, as in 'send'" }),
  flagOf("yes", { heading: "Test mails", help: "send them without asking" }),
];

/** Adds groups of flags to a command, whatever its own arguments and flags are. */
export function withFlags(
  command: CommandUnknownOpts,
  ...groups: readonly (readonly Option[])[]
): Command {
  for (const option of groups.flat()) command.addOption(option);
  return command as Command;
}

/** The block of examples below a command's help: complete shell commands to copy; `#` begins a comment. */
export function examples(...lines: readonly string[]): string {
  const whole = lines.map((line) =>
    line.includes("email-dispatcher ") ? line : `email-dispatcher ${line}`
  );
  return `\nExamples:\n${whole.map((line) => `  ${line}`).join("\n")}`;
}
