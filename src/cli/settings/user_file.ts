import { isAbsolute, join } from "node:path";
import { InputError } from "../../model/input_error.ts";
import { nearest } from "../../text/nearest.ts";
import type { ProcessContext } from "../process_context.ts";
import { unreadable } from "./unreadable.ts";
import { type Given, unusable } from "./values.ts";

/** The one key of the file. */
const KEY = "suppression_list";
const WHAT = "user-wide configuration file";

type Env = ProcessContext["env"];

/** What a user has set for all campaigns. */
export interface UserFile {
  readonly path: string;
  /** The suppression list, by its absolute path. */
  readonly suppressionList: Given | undefined;
}

/**
 * Returns the path of the user-wide configuration file; undefined if the environment names no folder for it. A relative
 * XDG_CONFIG_HOME is ignored, as the XDG Base Directory Specification says.
 */
export function userFilePath(env: Env, os: string = Deno.build.os): string | undefined {
  const home = env("HOME");
  const named = env(os === "windows" ? "APPDATA" : "XDG_CONFIG_HOME");
  const folder = named !== undefined && isAbsolute(named)
    ? named
    : os !== "windows" && home !== undefined
    ? join(home, ".config")
    : undefined;
  return folder && join(folder, "email-dispatcher", "config.toml");
}

/**
 * Reads the user-wide configuration file, if there is one.
 *
 * @throws {InputError} with the line, if it cannot be read, has an unknown key, or names no absolute path
 */
export async function readUserFile(env: Env): Promise<UserFile | undefined> {
  const path = userFilePath(env);
  if (path === undefined) return undefined;
  let text: string;
  try {
    text = await Deno.readTextFile(path);
  } catch (cause) {
    if (isMissing(cause)) return undefined;
    throw unreadable(WHAT, path, cause);
  }
  // Only now: loading the TOML parser takes a noticeable part of the start.
  const { parseToml, placeOfKey } = await import("./toml.ts");
  const place = (key: string) => placeOfKey(path, text, key);
  const document = parseToml(WHAT, path, text);
  const unknown = Object.keys(document).find((key) => key !== KEY);
  if (unknown !== undefined) {
    throw new InputError(`Unknown key '${unknown}'`, {
      place: place(unknown),
      hint: nearest(unknown, [KEY]) === undefined
        ? `The only key of this file is ${KEY}.`
        : `Did you mean '${KEY}'?`,
    });
  }
  const value = document[KEY];
  if (value === undefined) return { path, suppressionList: undefined };
  if (typeof value !== "string") {
    throw new InputError(`'${KEY}' must be a string in quotes: found ${typeof value}`, {
      place: place(KEY),
    });
  }
  return {
    path,
    suppressionList: absolute(
      { text: value, name: `'${KEY}'`, place: place(KEY), folder: "." },
      env,
    ),
  };
}

/** No such file, or what should be its folder is not one (HOME=/dev/null). */
function isMissing(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

/** Expands `~/`. The file belongs to no folder of a campaign, so a relative path would mean another list in each of them. */
function absolute(given: Given, env: Env): Given {
  const home = env("HOME") ?? env("USERPROFILE");
  const inHome = /^~[/\\](.+)$/.exec(given.text)?.[1];
  const path = inHome !== undefined && home !== undefined ? join(home, inHome) : given.text;
  if (isAbsolute(path)) return { ...given, text: path };
  throw unusable(given, "an absolute path, or one that begins with ~/");
}
