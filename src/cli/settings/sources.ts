import { dirname, isAbsolute, join } from "node:path";
import { fileErrorReason } from "../../files/file_error.ts";
import { InputError } from "../../model/input_error.ts";
import type { CampaignFile } from "./campaign_file.ts";
import type { ProcessContext } from "../process_context.ts";
import { type Given, MOST, parseBoolean, parseInteger } from "./values.ts";
import { Variables } from "./variables.ts";

/** Every setting by the name of its flag, and its key in the campaign file where it has one. */
const SETTINGS = {
  "campaign": "id",
  "recipients": "recipients",
  "encoding": "encoding",
  "delimiter": "delimiter",
  "email-column": "email_column",
  "date-format": "date_format",
  "suppress": "suppress",
  "suppression-list": "unsubscribe.list",
  "base-url": "unsubscribe.url",
  "unsubscribe-secret-file": "unsubscribe.secret_file",
  "sender": "unsubscribe.sender",
  "trust-proxy": "unsubscribe.trust_proxy",
  "template": "template",
  "text": "text",
  "attachments": "attachments",
  "timezone": "timezone",
  "from": "from",
  "reply-to": "reply_to",
  "verp": "verp",
  "list-id": "list_id",
  "feedback-id": "feedback_id",
  "unsubscribe-url": "unsubscribe.url",
  "unsubscribe-mailto": "unsubscribe.mailto",
  "smtp": "smtp",
  "connections": "connections",
  "max-per-connection": "max_per_connection",
  "window": "window",
  "rate": "rate",
  "threads": "threads",
  "ledger": "ledger",
  "outbox": "outbox",
  "start-at": "start_at",
  "until": "until",
  "strict": "strict",
  "log": "log",
  "log-format": "log_format",
  "progress": "progress",
  "retries": "retry.retries",
  "retry-for": "retry.for",
  "retry-first": "retry.first",
  "patience": "retry.patience",
  "in-doubt": "retry.in_doubt",
  "wait": "retry.wait",
  "dkim-domain": "dkim.domain",
  "dkim-selector": "dkim.selector",
  "dkim-key": "dkim.key",
  "no-wait": undefined,
  "listen": undefined,
  "offline": undefined,
  "dns": undefined,
  "row": undefined,
  "email": undefined,
  "sample": undefined,
  "send-to": undefined,
  "output": undefined,
  "drop-missing": undefined,
  "snapshot": "snapshot",
  "retry": undefined,
  "limit": undefined,
  "offset": undefined,
  "only": undefined,
  "shard": undefined,
  "dry-run": undefined,
  "yes": undefined,
  "json": undefined,
  "quiet": undefined,
  "verbose": undefined,
} as const;

export type SettingName = keyof typeof SETTINGS;

/** Every setting, and its key in the campaign file where it has one. */
export const SETTING_KEYS: ReadonlyMap<SettingName, string | undefined> = new Map(
  Object.entries(SETTINGS) as [SettingName, string | undefined][],
);

/** The environment variable of a setting. */
export function variableOf(name: SettingName): string {
  return `EMAIL_DISPATCHER_${name.replaceAll("-", "_").toUpperCase()}`;
}

/** Flags as commander hands them over: by name in camel case, unparsed. */
export type Flags = Readonly<
  Record<string, string | readonly string[] | number | boolean | undefined>
>;

/** The campaign file of the working directory; used where it is there and no other is named. */
const DEFAULT_FILE = "campaign.toml";

/** The three places a setting may come from, in the order of their say: flags, environment, campaign file. */
export class Sources {
  readonly flags: Flags;
  readonly env: (name: string) => string | undefined;
  readonly variables: Variables;
  readonly file: CampaignFile | undefined;
  /** The folder of the campaign file; that of the ledger and the outbox too, unless named. */
  readonly folder: string;

  constructor(flags: Flags, variables: Variables, file?: CampaignFile) {
    this.flags = flags;
    this.variables = variables;
    this.env = (name) => variables.get(name);
    this.file = file;
    this.folder = file === undefined ? "." : dirname(file.path);
  }

  /** All values of a setting, from the first place that has any. */
  all(name: SettingName): readonly Given[] {
    return this.fromFlag(name) ?? this.fromEnvironment(name) ?? this.fromFile(name) ?? [];
  }

  one(name: SettingName): Given | undefined {
    return this.all(name)[0];
  }

  isOn(name: SettingName): boolean {
    const given = this.one(name);
    return given !== undefined && parseBoolean(given);
  }

  /** How much more is told than usual: `-v` counts, and its variable is a number. */
  get isVerbose(): boolean {
    const given = this.one("verbose");
    return given !== undefined && parseInteger(given, 0, MOST) > 0;
  }

  /** The value of a setting that names a file or folder, as a path from the working directory. */
  path(name: SettingName): string | undefined {
    const given = this.one(name);
    return given && pathOf(given);
  }

  fromFlag(name: SettingName): readonly Given[] | undefined {
    const value = this.flags[camelCase(name)];
    if (value === undefined) return undefined;
    return [value].flat().map((one) => ({ text: String(one), name: `--${name}`, folder: "." }));
  }

  fromEnvironment(name: SettingName): readonly Given[] | undefined {
    const variable = variableOf(name);
    const text = this.env(variable);
    return text === undefined ? undefined : [{ text, name: variable, folder: "." }];
  }

  fromFile(name: SettingName): readonly Given[] | undefined {
    const key = SETTINGS[name];
    if (key === undefined) return undefined;
    const { file, folder } = this;
    return file?.written(key)?.map((_, index) => ({
      // What is not used needs none of the variables that it names.
      get text() {
        return file.values(key)![index]!;
      },
      name: `'${key}'`,
      place: file.place(key),
      folder,
    }));
  }
}

/** `path` as seen from the working directory; "-" is standard input and stays. */
export function pathOf(given: Given): string {
  const { text, folder } = given;
  if (text === "") throw new InputError(`${given.name} must be the name of a file: found ''`);
  return folder === "." || text === "-" || isAbsolute(text) ? text : join(folder, text);
}

/**
 * Opens the places settings come from.
 *
 * @throws {InputError} where the campaign file cannot be read or is wrong.
 */
export async function openSources(
  flags: Flags,
  { env, envNames }: Pick<ProcessContext, "env" | "envNames">,
): Promise<Sources> {
  const variables = new Variables(env, envNames());
  variables.refuseUnknown([...SETTING_KEYS.keys()].filter(hasVariable).map(variableOf));
  const named = flags.config ?? env("EMAIL_DISPATCHER_CONFIG");
  const path = named === undefined ? DEFAULT_FILE : String(named);
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    if (named === undefined && cause instanceof Deno.errors.NotFound) {
      return new Sources(flags, variables);
    }
    throw unreadable("campaign file", path, cause);
  }
  // TOML and its schema cost a third of the start; who has no file does not pay.
  const { readCampaignFile } = await import("./campaign_file.ts");
  return new Sources(flags, variables, readCampaignFile(path, text, env));
}

/** The error of a file that the system does not let us read. */
export function unreadable(what: string, path: string, cause: unknown): InputError {
  return new InputError(`Cannot read the ${what}: ${fileErrorReason(cause)}`, {
    place: { file: path },
    cause,
  });
}

/** `wait` is a key of the campaign file alone: flag and variable say it in the negative. */
function hasVariable(name: SettingName): boolean {
  return name !== "wait" && name !== "smtp";
}

function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
