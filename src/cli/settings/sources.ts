import { dirname, isAbsolute, join } from "node:path";
import { wallTime } from "../../time/clock.ts";
import { InputError } from "../../model/input_error.ts";
import type { CampaignFile } from "./campaign_file.ts";
import { SETTING_NAMES, type SettingName, settingOf, variableOf } from "./settings.ts";
import type { ProcessContext } from "../process_context.ts";
import { type Given, MOST, parseBoolean, parseInteger } from "./values.ts";
import { unreadable } from "./unreadable.ts";
import { readUserFile, type UserFile } from "./user_file.ts";
import { Variables } from "./variables.ts";

/** Flags as commander hands them over: by name in camel case, unparsed. */
export type Flags = Readonly<
  Record<string, string | readonly string[] | number | boolean | undefined>
>;

/** The campaign file of the working directory; used if it exists and no other is named. */
const DEFAULT_FILE = "campaign.toml";

/**
 * The places a setting can come from: flags, environment, campaign file, and for the suppression list the user-wide file.
 * The first one that has it counts.
 */
export class Sources {
  readonly flags: Flags;
  readonly env: (name: string) => string | undefined;
  readonly variables: Variables;
  readonly file: CampaignFile | undefined;
  /** Undefined if there is none, or the command does not ask for it. */
  readonly user: UserFile | undefined;
  /** The folder of the campaign file; that of the ledger and the outbox too, unless named. */
  readonly folder: string;

  /** Milliseconds since the epoch: what "today" means, for the whole command. */
  readonly now: number;

  constructor(
    { flags, variables, now }: Pick<Sources, "flags" | "variables" | "now">,
    file?: CampaignFile,
    user?: UserFile,
  ) {
    this.flags = flags;
    this.variables = variables;
    this.now = now;
    this.env = (name) => variables.get(name);
    this.file = file;
    this.user = user;
    this.folder = file === undefined ? "." : dirname(file.path);
  }

  /** All values of a setting, from the first place that has any. */
  all(name: SettingName): readonly Given[] {
    return this.fromFlag(name) ?? this.fromEnvironment(name) ?? this.fromFile(name) ??
      this.fromUser(name) ?? [];
  }

  one(name: SettingName): Given | undefined {
    return this.all(name)[0];
  }

  isOn(name: SettingName): boolean {
    const given = this.one(name);
    return given !== undefined && parseBoolean(given);
  }

  /** More detail was asked for: `-v` counts, and its variable is a number. */
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
    const text = variable && this.env(variable);
    return variable === undefined || text === undefined
      ? undefined
      : [{ text, name: variable, folder: "." }];
  }

  fromFile(name: SettingName): readonly Given[] | undefined {
    const { key } = settingOf(name);
    if (key === undefined) return undefined;
    const { file, folder } = this;
    return file?.written(key)?.map((_, index) => ({
      // A value that is not used needs none of the variables that it names.
      get text() {
        return file.values(key)![index]!;
      },
      name: `'${key}'`,
      place: file.place(key),
      folder,
    }));
  }

  fromUser(name: SettingName): readonly Given[] | undefined {
    const list = name === "suppression-list" ? this.user?.suppressionList : undefined;
    return list && [list];
  }
}

/** `path` as seen from the working directory; "-" is standard input and stays. */
export function pathOf(given: Given): string {
  const { text, folder } = given;
  if (text === "") throw new InputError(`${given.name} must be the name of a file: found ''`);
  return folder === "." || text === "-" || isAbsolute(text) ? text : join(folder, text);
}

/** What settings need from the process; without `now`, today is that of the system's clock. */
export type SettingsContext =
  & Pick<ProcessContext, "env" | "envNames">
  & Partial<Pick<ProcessContext, "now">>;

/**
 * Opens the places settings come from.
 *
 * @param also The user-wide file, for commands that use the suppression list.
 * @throws {InputError} if the campaign file or the user-wide file cannot be read or is wrong.
 */
export async function openSources(
  flags: Flags,
  { env, envNames, now = wallTime }: SettingsContext,
  also?: "user-file",
): Promise<Sources> {
  const variables = new Variables(env, envNames());
  const given = { flags, variables, now: now() };
  variables.refuseUnknown(SETTING_NAMES.flatMap((name) => variableOf(name) ?? []));
  const named = flags.config ?? env("EMAIL_DISPATCHER_CONFIG");
  const path = named === undefined ? DEFAULT_FILE : String(named);
  const user = async () => also === "user-file" ? await readUserFile(env) : undefined;
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    if (named === undefined && cause instanceof Deno.errors.NotFound) {
      return new Sources(given, undefined, await user());
    }
    throw unreadable("campaign file", path, cause);
  }
  // TOML and its schema take a third of the start-up time, so they are loaded only if there is a file.
  const { readCampaignFile } = await import("./campaign_file.ts");
  return new Sources(given, readCampaignFile(path, text, env), await user());
}

function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
