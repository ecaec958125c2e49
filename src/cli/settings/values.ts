import { dateReader } from "../../compose/template/dates/date_format.ts";
import { nearestZone, zoneOf } from "../../compose/template/dates/time_zone.ts";
import { encodingNamed } from "../../list/records/decoder.ts";
import { readDelimiter } from "../../list/records/delimiter.ts";
import { InputError, type SourcePlace } from "../../model/input_error.ts";

/** A setting as the user gave it. */
export interface Given {
  readonly text: string;
  /** What to call it in an error: "--connections", "EMAIL_DISPATCHER_CONNECTIONS", "'connections'". */
  readonly name: string;
  /** Where it is in the campaign file. */
  readonly place?: SourcePlace;
  /** The folder that relative paths start from; "." for flags and the environment. */
  readonly folder: string;
}

/** The error for a value that cannot be used: names the setting, the rule and what was found. */
export function unusable(given: Given, rule: string, hint?: string): InputError {
  return new InputError(`${given.name} must be ${rule}: found '${given.text}'`, {
    ...(given.place && { place: given.place }),
    ...(hint !== undefined && { hint }),
  });
}

/** What `read` makes of a setting; if it throws without naming a place, the setting's own is added. */
export function placed<T>(given: Given, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InputError) || error.place || !given.place) throw error;
    const { message, hint } = error;
    throw new InputError(message, {
      place: given.place,
      ...(hint !== undefined && { hint }),
      cause: error,
    });
  }
}

/** The upper bound of a number without one. */
export const MOST = Number.MAX_SAFE_INTEGER;

/** A whole number between two bounds, both included. */
export function parseInteger(given: Given, least: number, most: number): number {
  const value = /^\d{1,15}$/.test(given.text) ? Number(given.text) : NaN;
  if (value >= least && value <= most) return value;
  const range = most === MOST
    ? `a whole number of ${least} or more`
    : `a whole number from ${least} to ${most}`;
  throw unusable(given, range);
}

export function parseChoice<T extends string>(given: Given, choices: readonly T[]): T {
  const choice = choices.find((known) => known === given.text);
  if (choice !== undefined) return choice;
  throw unusable(given, `one of ${choices.join(", ")}`);
}

export function parseBoolean(given: Given): boolean {
  if (/^(true|1|yes|on)$/i.test(given.text)) return true;
  if (/^(false|0|no|off)$/i.test(given.text)) return false;
  throw unusable(given, "true or false");
}

const UNIT_MS = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 } as const;

/** A time span such as `90s`, `4h`, `2d` or `1h30m`, in milliseconds. */
export function parseDuration(given: Given): number {
  const rule = "a time span such as 90s, 30m, 4h, 2d or 1h30m";
  if (!/^(\d{1,6}[dhms])+$/.test(given.text)) throw unusable(given, rule);
  let total = 0;
  for (const [, count, unit] of given.text.matchAll(/(\d+)([dhms])/g)) {
    total += Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
  }
  return total;
}

/** `I/N`: part I of N, counted from 1. */
export function parseShard(given: Given): { index: number; count: number } {
  const [, index, count] = /^(\d{1,6})\/(\d{1,6})$/.exec(given.text)?.map(Number) ?? [];
  if (index && count && index <= count) return { index, count };
  throw unusable(given, "part I of N such as 1/4, with I from 1 to N");
}

/** `host:port`, `[::1]:port`, or a port of this machine alone; port 0 lets the system choose. */
export function parseListen(given: Given): { hostname: string; port: number } {
  const found = /^(?:(\[[0-9a-f:.]+\]|[a-z0-9.-]+):)?(\d{1,5})$/i.exec(given.text);
  const port = Number(found?.[2] ?? NaN);
  if (found && port <= 65_535) {
    return { hostname: found[1]?.replace(/^\[|\]$/g, "") ?? "127.0.0.1", port };
  }
  throw unusable(given, "an address such as 127.0.0.1:1025, with a port from 0 to 65535");
}

/** What separates cells: a character, or the name of one that is hard to type. */
export function parseDelimiter(given: Given): string {
  const delimiter = readDelimiter(given.text);
  if (delimiter !== undefined) return delimiter;
  throw unusable(given, "one character such as ',' or ';', or comma, semicolon, tab or pipe");
}

/** A label of the WHATWG encoding standard. */
export function parseEncoding(given: Given): string {
  const encoding = encodingNamed(given.text);
  if (encoding !== undefined) return encoding;
  throw unusable(given, "an encoding such as utf-8, utf-16le, windows-1252 or iso-8859-15");
}

/** A time zone by its IANA name. */
export function parseTimezone(given: Given): string {
  if (zoneOf(given.text) !== undefined) return given.text;
  const meant = nearestZone(given.text);
  const rule = "the name of a time zone such as Europe/Berlin or UTC";
  throw unusable(given, rule, meant === undefined ? undefined : `Did you mean '${meant}'?`);
}

/** A day such as `2026-11-27`. */
export function parseDay(given: Given): string {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(given.text) ? Date.parse(`${given.text}T00:00Z`) : NaN;
  // Date.parse rolls 30 February over to March.
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(given.text)) return given.text;
  throw unusable(given, "a day such as 2026-11-27");
}

/** How the list writes dates. */
export function parseDateFormat(given: Given): string {
  placed(given, () => dateReader(given.text, given.name));
  return given.text;
}

/** A campaign's name: it becomes a file name and part of every Message-ID. */
export function parseCampaign(given: Given): string {
  const name = given.text.normalize("NFC");
  if (/^[\p{L}\p{N}][\p{L}\p{M}\p{N}._-]{0,59}$/u.test(name)) return name;
  throw unusable(
    given,
    "1 to 60 letters, digits, '.', '_' and '-', beginning with a letter or digit",
  );
}

/** The campaign's name unless one is given: the list's file name, without its last extension. */
export function campaignOf(list: string): string {
  const base = list === "-" ? "stdin" : list.split(/[\\/]/).at(-1)!.replace(/\.[^.]+$/, "");
  const name = base.normalize("NFC").replaceAll(/[^\p{L}\p{M}\p{N}._-]+/gu, "-");
  return [...name.replace(/^[^\p{L}\p{N}]+/u, "")].slice(0, 60).join("") || "campaign";
}
