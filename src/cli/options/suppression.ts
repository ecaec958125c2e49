import { join } from "node:path";
import type { SuppressionListOptions } from "../../suppression/suppression.ts";
import { pathOf, type Sources } from "../settings/sources.ts";

/** The suppression list that campaigns share: the one that was named, or the one in the campaign's folder. */
export function resolveSuppressionList(sources: Sources): SuppressionListOptions {
  const given = sources.one("suppression-list");
  return {
    path: given === undefined ? join(sources.folder, "suppressed.db") : pathOf(given),
    named: given !== undefined,
    place: given?.place,
  };
}
