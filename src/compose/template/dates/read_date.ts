import {
  dateReader,
  hourOf,
  monthOf,
  offsetOf,
  type ReadClock,
  readSpreadsheetNumber,
} from "./date_format.ts";
import { clockOf } from "./moment.ts";
import { MONTHS, shortName, WEEKDAYS } from "./calendar.ts";

/** The time that a text gives: an instant (ms since the epoch), a clock time, a day, or none. */
export type ReadDate =
  | { readonly kind: "instant"; readonly ms: number }
  | { readonly kind: "clock" | "day"; readonly ms: number }
  | { readonly kind: "no date" }
  | { readonly kind: "fault"; readonly reason: string };

const anyOf = (names: readonly string[]) =>
  names.map((name) => `${shortName(name)}(?:${name.slice(3)})?`).join("|");
const MONTH = `(?<name>Sept|${anyOf(MONTHS)})\\.?`;
const DAY = "(?<day>\\d{1,2})(?:st|nd|rd|th|\\.)?";
const WEEKDAY = `(?:(?:${anyOf(WEEKDAYS)})\\.?,?\\s+)?`;
const YEAR = "(?<year>\\d{4})";
const TIME =
  "(?<hour>\\d{1,2}):(?<minute>\\d{2})(?::(?<second>\\d{2})(?:[.,](?<fraction>\\d{1,9}))?)?" +
  "(?:\\s*(?<half>[AP]\\.?M\\.?))?";
const ZONE = "(?<zone>Z|(?:GMT|UTC|UT)(?:[+-]\\d{2}:?\\d{2})?|[+-]\\d{2}(?::?\\d{2})?|[ECMP][SD]T)";
const AT_TIME = `(?:(?:T|,?\\s+(?:at\\s+)?)${TIME}(?:\\s*${ZONE}(?:\\s*\\([^()]*\\))?)?)?`;

/** Unambiguous forms: the year first, or the month by name. */
const FORMS = [
  `${YEAR}([-/.])(?<month>\\d{1,2})\\2(?<day>\\d{1,2})${AT_TIME}`,
  `${WEEKDAY}${MONTH}\\s+${DAY},?\\s+${YEAR}${AT_TIME}`,
  `${WEEKDAY}${DAY}(?:\\s+|-)(?:of\\s+)?${MONTH}(?:,?\\s+|-)${YEAR}${AT_TIME}`,
].map((form) => new RegExp(`^\\s*${form}\\s*$`, "i"));

/** RFC 822, 5.1; minutes east of UTC. */
const AMERICAN: Readonly<Record<string, number>> = {
  EST: -300,
  EDT: -240,
  CST: -360,
  CDT: -300,
  MST: -420,
  MDT: -360,
  PST: -480,
  PDT: -420,
};

/**
 * Reads the time that a cell or a template gives.
 *
 * What is ambiguous is an error, not a guess: `03/04/2026`, `45000`. A text without digits is not a date.
 *
 * @param format How the list writes dates (see `dateReader`); it is tried before the unambiguous forms.
 */
export function readDate(written: string, format: string | undefined): ReadDate {
  const text = normalized(written);
  const own = format === undefined ? undefined : dateReader(format, "date_format")(text);
  if (own !== undefined) return ofClock(own);
  // Nine digits or more: seconds of 1973 or later.
  if (/^\s*\d{9,11}\s*$/.test(text)) return { kind: "instant", ms: Number(text) * 1000 };
  for (const form of FORMS) {
    const groups = form.exec(text)?.groups;
    if (groups === undefined) continue;
    const read = ofGroups(groups);
    return read === undefined
      ? { kind: "fault", reason: `There is no such date: ${excerpt(text)}` }
      : ofClock(read);
  }
  // Like Ruby and liquidjs, put out what cannot be meant as a date as it is.
  if (!/\p{N}/u.test(text)) return { kind: "no date" };
  return { kind: "fault", reason: whyUnread(text, format) };
}

/** Without invisible characters, such as direction marks that are copied along with a date; full-width digits as usual ones. */
function normalized(text: string): string {
  if (/^[\x20-\x7E]*$/.test(text)) return text;
  return text.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, "").normalize("NFKC");
}

/** A value as a message shows it. */
function excerpt(text: string): string {
  return text.length > 60 ? `'${text.slice(0, 60)}…'` : `'${text}'`;
}

function ofClock({ clock, offset, isDay }: ReadClock): ReadDate {
  if (offset !== undefined) return { kind: "instant", ms: clock - offset * 60_000 };
  return { kind: isDay ? "day" : "clock", ms: clock };
}

function ofGroups(groups: Readonly<Record<string, string | undefined>>): ReadClock | undefined {
  const number = (name: string) => Number(groups[name] ?? 0);
  const hour = hourOf(number("hour"), undefined, groups.half);
  const zone = groups.zone?.toUpperCase();
  const clock = hour === undefined ? undefined : clockOf({
    year: number("year"),
    month: groups.name === undefined ? number("month") : monthOf(groups.name),
    day: number("day"),
    hour,
    minute: number("minute"),
    second: number("second"),
    millisecond: Number((groups.fraction ?? "").padEnd(3, "0").slice(0, 3)),
  });
  return clock === undefined ? undefined : {
    clock,
    offset: zone === undefined ? undefined : AMERICAN[zone] ?? offsetOf(zone),
    isDay: groups.hour === undefined,
  };
}

function whyUnread(text: string, format: string | undefined): string {
  const shown = excerpt(text);
  if (format !== undefined) {
    return `${shown} does not match date_format '${format}', or there is no such day`;
  }
  if (readSpreadsheetNumber(text) !== undefined) {
    return `${shown} is not a date by itself; if it is a spreadsheet's date number, set date_format = "excel"`;
  }
  if (/^\s*\d{4}-\d{1,2}\s*$/.test(text)) {
    return `${shown} has no day; if the first of the month is meant, set date_format = "%Y-%m"`;
  }
  const forms = formsOf(text).map((form) => `"${form}"`);
  if (forms.length > 1) {
    return `${shown} can be read in two ways: set date_format, such as ${forms.join(" or ")}`;
  }
  return `${shown} is not a date that can be read without date_format, such as 2026-12-31 or 31 December 2026: ` +
    `set date_format, such as ${forms[0] ?? '"%d/%m/%Y"'}`;
}

/** The formats that match a date of only numbers, with the year last. */
function formsOf(text: string): string[] {
  const numbers =
    /^\s*(\d{1,2})([-/.])(\d{1,2})\2(\d{2}|\d{4})(?:\s+\d{1,2}:\d{2}(:\d{2})?(\s*[AP]M)?)?\s*$/i
      .exec(text);
  if (numbers === null) return [];
  const [, first, by, second, year, seconds, half] = numbers;
  const time = !text.includes(":")
    ? ""
    : ` ${half === undefined ? "%H" : "%I"}:%M${seconds === undefined ? "" : ":%S"}` +
      (half === undefined ? "" : " %p");
  const rest = `${by}${year!.length === 2 ? "%y" : "%Y"}${time}`;
  return [
    ...(Number(second) <= 12 ? [`%d${by}%m${rest}`] : []),
    ...(Number(first) <= 12 ? [`%m${by}%d${rest}`] : []),
  ];
}
