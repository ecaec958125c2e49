import { dirname } from "node:path";
import type { Withheld } from "../../compose/files/withheld.ts";
import { isWithin, realPathOf } from "../../compose/files/withheld.ts";
import { InputError } from "../../model/input_error.ts";
import { splitUrl } from "../../smtp/url/url_parts.ts";
import type { SettingName } from "../settings/settings.ts";
import { pathOf, type Sources } from "../settings/sources.ts";
import { ledgerPathOf } from "./campaign_id.ts";
import { type Given, unusable } from "../settings/values.ts";

/** Settings that name a file of the campaign itself. */
export const OWN_FILES: readonly SettingName[] = [
  "recipients",
  "text",
  "suppress",
  "suppression-list",
  "unsubscribe-secret-file",
  "ledger",
  "log",
  "dkim-key",
];

/** Settings that name a folder that mails or reports are written to. */
export const OWN_FOLDERS: readonly SettingName[] = ["outbox", "output"];

/** Variables that name a file with a secret. */
const SECRET_FILES = ["SMTP_PASSWORD_FILE", "UNSUBSCRIBE_SECRET_FILE"];

/** What SQLite and this program put beside a database. Each is listed: a hard link to one has another name. */
const BESIDE_DATABASE = ["-wal", "-shm", "-journal", ".lock", ".saved", ".stop"];

/** Where a campaign's files are that the user has not named. */
export interface DefaultPlaces {
  readonly databases: readonly (() => string)[];
  readonly folders: readonly (() => string)[];
}

/**
 * All files that the configuration names, which are never sent with a mail: one list for every command that makes mails.
 * Files that another command or run would use count as well, so each setting is looked up in all its places.
 *
 * @throws {InputError} if the folder of attachments cannot be used
 */
export function resolveWithheld(
  sources: Sources,
  template: string,
  places: DefaultPlaces,
): Withheld {
  const databases = [
    ...placesOf(sources, "ledger").flatMap((given) => found(() => [ledgerPathOf(given, sources)])),
    ...pathsOf(sources, "suppression-list"),
    ...places.databases.flatMap((place) => found(() => [place()])),
  ];
  return {
    files: [
      ...OWN_FILES.flatMap((name) => pathsOf(sources, name)),
      ...databases.flatMap((path) => [path, ...BESIDE_DATABASE.map((end) => path + end)]),
      ...SECRET_FILES.flatMap((name) => sources.env(name) || []),
      ...filesOfRelays(sources),
      ...(sources.file === undefined ? [] : [sources.file.path]),
      ...(sources.user === undefined ? [] : [sources.user.path]),
    ],
    folders: [
      ...OWN_FOLDERS.flatMap((name) => pathsOf(sources, name)),
      ...places.folders.flatMap((place) => found(() => [place()])),
    ],
    attachments: resolveAttachments(sources, template),
  };
}

/** The paths that a setting has in any of its places, without standard input. */
function pathsOf(sources: Sources, name: SettingName): readonly string[] {
  return placesOf(sources, name).flatMap((given) => found(() => [pathOf(given)]))
    .filter((path) => path !== "-");
}

function placesOf(sources: Sources, name: SettingName): readonly Given[] {
  return [
    ...sources.fromFlag(name) ?? [],
    ...sources.fromEnvironment(name) ?? [],
    ...found(() => sources.fromFile(name) ?? []),
    ...sources.fromUser(name) ?? [],
  ];
}

/** The certificate, key and CA that the URL of a relay names. */
function filesOfRelays(sources: Sources): readonly string[] {
  const url = sources.env("SMTP_URL");
  const relays = [
    ...placesOf(sources, "smtp"),
    ...(url === undefined ? [] : [{ text: url, name: "SMTP_URL", folder: "." }]),
  ];
  return relays.flatMap((given) =>
    found(() =>
      splitUrl(given.text).query
        .filter(([name]) => ["ca", "cert", "key"].includes(name))
        .map(([, path]) => pathOf({ ...given, text: path }))
    )
  );
}

/** The folder that a row's own files come from. */
function resolveAttachments(sources: Sources, template: string): string | undefined {
  const given = sources.one("attachments");
  if (given === undefined) return undefined;
  const path = pathOf(given);
  const real = realPathOf(path);
  const around = realPathOf(dirname(template));
  if (isFolder(real) && (real === around || isWithin(around, real))) return path;
  throw unusable(given, "a folder within the template's folder");
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** A place that cannot be read names no file; the code that uses the setting reports the fault. */
function found<T>(look: () => readonly T[]): readonly T[] {
  try {
    return look();
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}
