import { InputError } from "../../../model/input_error.ts";
import { clockOf } from "./moment.ts";
import { DAY, MONTHS, shortName, WEEKDAYS } from "./calendar.ts";

/** The word for dates as spreadsheets store them: days since 1899-12-30, the time as a fraction. */
const SPREADSHEET = "excel";

/** A date that was read by a format: a clock time as if it were UTC (ms), with the offset of its zone if it has one. */
export interface ReadClock {
  readonly clock: number;
  /** Minutes before UTC are negative; undefined: the text names no zone. */
  readonly offset: number | undefined;
  /** It has no time of day. */
  readonly isDay: boolean;
}

/** Reads a text; undefined if it does not match the format, or there is no such day. */
export type DateReader = (text: string) => ReadClock | undefined;

type Field =
  | "year"
  | "short year"
  | "month"
  | "month name"
  | "day"
  | "day of year"
  | "hour"
  | "half-day hour"
  | "half"
  | "minute"
  | "second"
  | "fraction"
  | "zone"
  | "epoch"
  | "none";

const names = (all: readonly string[]) => all.flatMap((name) => [name, shortName(name)]).join("|");

/** The pattern of each directive, and its field. */
const DIRECTIVES: Readonly<Record<string, readonly [pattern: string, field: Field]>> = {
  Y: ["\\d{4}", "year"],
  y: ["\\d{2}", "short year"],
  m: ["\\d{1,2}", "month"],
  B: [names(MONTHS), "month name"],
  d: ["\\d{1,2}", "day"],
  j: ["\\d{1,3}", "day of year"],
  A: [names(WEEKDAYS), "none"],
  H: ["\\d{1,2}", "hour"],
  I: ["\\d{1,2}", "half-day hour"],
  p: ["[AP]\\.?M\\.?", "half"],
  M: ["\\d{2}", "minute"],
  S: ["\\d{2}", "second"],
  L: ["\\d{1,9}", "fraction"],
  z: ["Z|UTC|GMT|[+-]\\d{2}:?\\d{2}", "zone"],
  s: ["-?\\d{1,12}", "epoch"],
  "%": ["%", "none"],
};

const SAME: Readonly<Record<string, string>> = {
  b: "B",
  h: "B",
  e: "d",
  a: "A",
  k: "H",
  l: "I",
  P: "p",
  N: "L",
};

const COMPOUND: Readonly<Record<string, string>> = {
  F: "%Y-%m-%d",
  D: "%m/%d/%y",
  T: "%H:%M:%S",
  R: "%H:%M",
  r: "%I:%M:%S %p",
};

const readers = new Map<string, DateReader>();

/**
 * Returns the reader of a date format such as `%d/%m/%Y`, in the directives of `strftime`; `excel` reads the numbers of spreadsheets.
 *
 * A format without a day reads the first of the month. Leading zeros are optional, a space matches any amount of white space, names are English, and case does not count.
 *
 * @param name What to call the format in an error.
 * @throws {InputError} for a directive that is unknown or repeated, or a format without month and year.
 */
export function dateReader(format: string, name: string): DateReader {
  const known = readers.get(format);
  if (known !== undefined) return known;
  const reader = format.trim().toLowerCase() === SPREADSHEET
    ? readSpreadsheetNumber
    : patternReader(format, name);
  readers.set(format, reader);
  return reader;
}

function patternReader(format: string, name: string): DateReader {
  const fields: Field[] = [];
  const plain = format.replace(/%[-_0^#]*([FDTRr])/g, (_, letter: string) => COMPOUND[letter]!);
  const pattern = plain.trim().replace(
    /%[-_0^#]*(.)|\s+|[^%\s]+|%$/gs,
    (written, letter: string | undefined) => {
      if (/^\s/.test(written)) return "\\s*";
      if (!written.startsWith("%")) return RegExp.escape(written);
      const directive = DIRECTIVES[SAME[letter ?? ""] ?? letter ?? ""];
      if (directive === undefined) throw faulty(format, name, `'${written}' is unknown`);
      const [match, field] = directive;
      if (field !== "none" && fields.includes(field)) {
        throw faulty(format, name, `it contains the ${field} twice`);
      }
      fields.push(field);
      return `(${match})`;
    },
  );
  if (!fields.some((field) => field !== "none")) {
    throw faulty(format, name, "it has no directive such as %d");
  }
  if (!tellsDay(fields)) throw faulty(format, name, "it must contain month and year");
  const whole = new RegExp(`^\\s*${pattern}\\s*$`, "i");
  return (text) => {
    const found = whole.exec(text);
    return found === null
      ? undefined
      : clockOfFields(new Map(fields.map((field, at) => [field, found[at + 1]!] as const)));
  };
}

function faulty(format: string, name: string, why: string): InputError {
  return new InputError(
    `${name} must be a date format such as "%d/%m/%Y", or excel: found '${format}', but ${why}`,
  );
}

function tellsDay(fields: readonly Field[]): boolean {
  const has = (...any: Field[]) => any.some((field) => fields.includes(field));
  if (has("epoch")) return true;
  return has("year", "short year") &&
    has("day of year", "month", "month name");
}

function clockOfFields(text: ReadonlyMap<Field, string>): ReadClock | undefined {
  const number = (field: Field) => text.has(field) ? Number(text.get(field)) : undefined;
  const epoch = number("epoch");
  if (epoch !== undefined) return { clock: epoch * 1000, offset: 0, isDay: false };
  const hour = hourOf(number("hour"), number("half-day hour"), text.get("half"));
  const dayOfYear = number("day of year");
  const clock = hour === undefined ? undefined : clockOf({
    year: number("year") ?? fullYear(number("short year")!),
    month: dayOfYear !== undefined ? 1 : number("month") ?? monthOf(text.get("month name")!),
    day: dayOfYear !== undefined ? 1 : number("day") ?? 1,
    hour,
    minute: number("minute") ?? 0,
    second: number("second") ?? 0,
    millisecond: Number((text.get("fraction") ?? "").padEnd(3, "0").slice(0, 3)),
  });
  if (clock === undefined || (dayOfYear !== undefined && !isDayOfYear(dayOfYear, clock))) {
    return undefined;
  }
  const zone = text.get("zone");
  return {
    clock: clock + ((dayOfYear ?? 1) - 1) * DAY,
    offset: zone === undefined ? undefined : offsetOf(zone),
    isDay: !text.has("hour") && !text.has("half-day hour"),
  };
}

function isDayOfYear(day: number, firstDay: number): boolean {
  const year = new Date(firstDay).getUTCFullYear();
  return day >= 1 && new Date(firstDay + (day - 1) * DAY).getUTCFullYear() === year;
}

/** POSIX: 69 to 99 belong to the last century. */
function fullYear(short: number): number {
  return short + (short >= 69 ? 1900 : 2000);
}

/** The number of a month by its English name, from 1. */
export function monthOf(name: string): number {
  return MONTHS.findIndex((month) =>
    shortName(month).toLowerCase() === shortName(name).toLowerCase()
  ) + 1;
}

/** 0 to 23; undefined if there is no such hour. */
export function hourOf(
  hour: number | undefined,
  halfDayHour: number | undefined,
  half: string | undefined,
): number | undefined {
  const given = hour ?? halfDayHour ?? 0;
  if (half === undefined) return given;
  if (given < 1 || given > 12) return undefined;
  return given % 12 + (/^p/i.test(half) ? 12 : 0);
}

/** Minutes east of UTC of `Z`, `GMT`, `+0200` or `-03:30`. */
export function offsetOf(zone: string): number {
  const [, sign, hours, minutes] = /([+-])(\d{2}):?(\d{2})?/.exec(zone) ?? [];
  const total = Number(hours ?? 0) * 60 + Number(minutes ?? 0);
  return sign === "-" ? -total : total;
}

/** Reads a spreadsheet's number. Day 60 of Excel is February 29, 1900, which never existed; later days count from 1899-12-30. */
export function readSpreadsheetNumber(text: string): ReadClock | undefined {
  const days = /^\s*\d{1,7}(?:[.,]\d+)?\s*$/.test(text) ? Number(text.replace(",", ".")) : NaN;
  if (!(days >= 61 && days < 2_958_466)) return undefined;
  const seconds = Math.round(days * 86_400);
  return {
    clock: Date.UTC(1899, 11, 30) + seconds * 1000,
    offset: undefined,
    isDay: seconds % 86_400 === 0,
  };
}
