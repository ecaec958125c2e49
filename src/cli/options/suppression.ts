import { join, resolve } from "node:path";
import type { SuppressingOptions } from "../../suppression/suppressing.ts";
import type { SuppressionListOptions } from "../../suppression/suppression.ts";
import { pathOf, type Sources } from "../settings/sources.ts";
import { userFilePath } from "../settings/user_file.ts";

/** The suppression list that campaigns share: the one that was named, or the one in the campaign's folder. */
export function resolveSuppressionList(sources: Sources): SuppressionListOptions {
  const given = sources.one("suppression-list");
  const own = join(sources.folder, "suppressed.db");
  const path = given === undefined ? own : pathOf(given);
  const isWide = given !== undefined && given === sources.user?.suppressionList;
  return {
    path,
    named: given !== undefined,
    place: given?.place,
    unused: isWide && exists(own) && resolve(own) !== path ? own : undefined,
    userFile: userFilePath(sources.env),
  };
}

/** The files and the list that leave recipients out. */
export function resolveSuppression(sources: Sources): SuppressingOptions {
  return {
    suppress: sources.all("suppress").map(pathOf),
    suppressionList: resolveSuppressionList(sources),
  };
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
