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

/** What a text says about a time: an instant (ms since the epoch), a clock time, a day, or nothing. */
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

/** Forms that can be read in one way only: the year first, or the month by its name. */
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
 * Reads what a cell or a template says about a time.
 *
 * What can be read in two ways is a fault, not a guess: `03/04/2026`, `45000`. A text without a digit is no date.
 *
 * @param format How the list writes dates (see `dateReader`); it goes before the forms that need none.
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
  // Ruby and liquidjs, too, put out what cannot be meant as a date as it is.
  if (!/\p{N}/u.test(text)) return { kind: "no date" };
  return { kind: "fault", reason: whyUnread(text, format) };
}

/** Without what nobody sees, such as marks of direction that come along when a date is copied; digits of full width as usual ones. */
function normalized(text: string): string {
  if (/^[\x20-\x7E]*$/.test(text)) return text;
  return text.replaceAll(/\p{Default_Ignorable_Code_Point}/gu, "").normalize("NFKC");
}

/** As a reason shows a value. */
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
    return `${shown} is no date as it stands; where it is a spreadsheet's number for one, set date_format = "excel"`;
  }
  if (/^\s*\d{4}-\d{1,2}\s*$/.test(text)) {
    return `${shown} names no day; where the first of the month is meant, set date_format = "%Y-%m"`;
  }
  const forms = formsOf(text).map((form) => `"${form}"`);
  if (forms.length > 1) {
    return `${shown} can be read in two ways: set date_format, such as ${forms.join(" or ")}`;
  }
  return `${shown} does not look like a date that is read without date_format, such as 2026-12-31 or 31 December 2026: ` +
    `set date_format, such as ${forms[0] ?? '"%d/%m/%Y"'}`;
}

/** The formats in which a date of numbers alone can be read, the year last. */
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
