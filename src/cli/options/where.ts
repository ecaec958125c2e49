import type { Where } from "../../compose/template/syntax/where.ts";
import type { Sources } from "../settings/sources.ts";
import { type Given, parseDateFormat, parseTimezone } from "../settings/values.ts";

/** The condition that chooses rows; undefined: all are chosen. It is compiled when the columns are known. */
export function resolveWhere(
  sources: Sources,
  given: Given | undefined = sources.one("where"),
): Where | undefined {
  if (given === undefined) return undefined;
  const timezone = sources.one("timezone");
  const dateFormat = sources.one("date-format");
  return {
    expression: given.text,
    place: given.place ?? (given.name === "--where" ? undefined : { file: given.name }),
    timezone: timezone && parseTimezone(timezone),
    dateFormat: dateFormat && parseDateFormat(dateFormat),
  };
}

/**
 * The condition of `export`, by its flag alone: what a campaign mails next must not hide from its record whom it mailed before.
 */
export function resolveExportWhere(sources: Sources): Where | undefined {
  const given = sources.fromFlag("where")?.[0];
  return given && resolveWhere(sources, given);
}
