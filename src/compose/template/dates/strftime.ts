import type { Moment } from "./moment.ts";

export const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
] as const;
export const WEEKDAYS = [
  "Sunday",
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
] as const;

/** Columns that a width may ask for: no more than a line of a mail has. */
const WIDEST = 998;
/** `%`, flags, a width, C's modifiers (which change nothing here), colons of `%:z`, the directive. */
const DIRECTIVE = /%([-_0^#]*)(\d+)?(?:[EO](?=[a-zA-Z]))?(:{0,3})([a-zA-Z%+])/g;

/** A directive's value, and how it is filled up: `%5d` by zeros, `%5A` by blanks. */
interface Shown {
  readonly text: string;
  readonly fill: "0" | " ";
  readonly width: number;
}

/**
 * A moment in the words of a format as Ruby's and C's `strftime` have them (in English), with Ruby's flags and widths.
 * A directive that is none stays as it is written.
 *
 * @throws {RangeError} for a width of more than 998.
 */
export function strftime(moment: Moment, format: string): string {
  return format.replace(DIRECTIVE, (written, flags: string, given, colons: string, letter) => {
    if (letter === "z") return offsetText(moment, { flags, width: widthOf(given), colons });
    const width = widthOf(given);
    if (colons !== "") return written;
    if (letter === "N" || letter === "L") {
      return fraction(moment, width ?? (letter === "N" ? 9 : 3));
    }
    const shown = shownBy(letter, moment);
    return shown === undefined ? written : filled(cased(shown, flags, letter), flags, width);
  });
}

function widthOf(given: string | undefined): number | undefined {
  const width = given === undefined ? undefined : Number(given);
  if (width !== undefined && width > WIDEST) {
    throw new RangeError(
      `The width of a date's directive must be ${WIDEST} or less: found ${given}`,
    );
  }
  return width;
}

function number(value: number, width: number, fill: "0" | " " = "0"): Shown {
  return { text: String(value), fill, width };
}

function word(text: string): Shown {
  return { text, fill: " ", width: 0 };
}

/** Directives made of others. */
const COMPOUND: Readonly<Record<string, string>> = {
  c: "%a %b %e %H:%M:%S %Y",
  D: "%m/%d/%y",
  F: "%Y-%m-%d",
  R: "%H:%M",
  r: "%I:%M:%S %p",
  T: "%H:%M:%S",
  v: "%e-%^b-%Y",
  X: "%H:%M:%S",
  x: "%m/%d/%y",
  "+": "%a %b %e %H:%M:%S %Z %Y",
};

function shownBy(letter: string, moment: Moment): Shown | undefined {
  const compound = COMPOUND[letter];
  if (compound !== undefined) return word(strftime(moment, compound));
  return ofDay(letter, moment) ?? ofTime(letter, moment);
}

function ofDay(letter: string, { clock }: Moment): Shown | undefined {
  const [year, month, day] = [clock.getUTCFullYear(), clock.getUTCMonth(), clock.getUTCDate()];
  const weekday = clock.getUTCDay();
  const month3 = MONTHS[month]!.slice(0, 3);
  switch (letter) {
    case "A":
      return word(WEEKDAYS[weekday]!);
    case "a":
      return word(WEEKDAYS[weekday]!.slice(0, 3));
    case "B":
      return word(MONTHS[month]!);
    case "b":
    case "h":
      return word(month3);
    case "C":
      return number(Math.floor(year / 100), 2);
    case "d":
      return number(day, 2);
    case "e":
      return number(day, 2, " ");
    case "G":
      return number(isoWeek(clock).year, year < 0 ? 5 : 4);
    case "g":
      return number(modulo(isoWeek(clock).year, 100), 2);
    case "j":
      return number(dayOfYear(clock), 3);
    case "m":
      return number(month + 1, 2);
    case "q":
      return word(ordinalOf(day));
    case "U":
      return number(Math.floor((dayOfYear(clock) + 6 - weekday) / 7), 2);
    case "u":
      return number(weekday || 7, 1);
    case "V":
      return number(isoWeek(clock).week, 2);
    case "W":
      return number(Math.floor((dayOfYear(clock) + 6 - modulo(weekday - 1, 7)) / 7), 2);
    case "w":
      return number(weekday, 1);
    case "Y":
      return number(year, year < 0 ? 5 : 4);
    case "y":
      return number(modulo(year, 100), 2);
    default:
      return undefined;
  }
}

function ofTime(letter: string, moment: Moment): Shown | undefined {
  const { clock } = moment;
  const hour = clock.getUTCHours();
  switch (letter) {
    case "H":
      return number(hour, 2);
    case "I":
      return number(hour % 12 || 12, 2);
    case "k":
      return number(hour, 2, " ");
    case "l":
      return number(hour % 12 || 12, 2, " ");
    case "M":
      return number(clock.getUTCMinutes(), 2);
    case "n":
      return word("\n");
    case "P":
      return word(hour < 12 ? "am" : "pm");
    case "p":
      return word(hour < 12 ? "AM" : "PM");
    case "S":
      return number(clock.getUTCSeconds(), 2);
    case "s":
      return number(Math.floor(moment.instant / 1000), 1);
    case "t":
      return word("\t");
    case "Z":
      return word(moment.zone.abbreviationAt(moment.instant));
    case "%":
      return word("%");
    default:
      return undefined;
  }
}

/** `#` changes case: to capitals, but for AM, PM and the letters of a zone. */
function cased(shown: Shown, flags: string, letter: string): Shown {
  const { text } = shown;
  if (flags.includes("^")) return { ...shown, text: text.toUpperCase() };
  if (!flags.includes("#")) return shown;
  return { ...shown, text: "pZ".includes(letter) ? text.toLowerCase() : text.toUpperCase() };
}

function filled({ text, fill, width }: Shown, flags: string, given: number | undefined): string {
  // Of contrary flags the last counts.
  const flag = /[-_0](?!.*[-_0])/.exec(flags)?.[0];
  if (flag === "-") return text;
  const by = flag === "_" ? " " : flag === "0" ? "0" : fill;
  const wide = given ?? width;
  if (by === "0" && text.startsWith("-")) return `-${text.slice(1).padStart(wide - 1, "0")}`;
  return text.padStart(wide, by);
}

function fraction({ clock }: Moment, digits: number): string {
  const text = String(clock.getUTCMilliseconds()).padStart(3, "0");
  return text.slice(0, digits || 9).padEnd(digits || 9, "0");
}

function offsetText(
  { instant, zone }: Moment,
  { flags, width = 0, colons }: {
    readonly flags: string;
    readonly width?: number | undefined;
    readonly colons: string;
  },
): string {
  const offset = zone.offsetAt(instant);
  const total = Math.abs(offset);
  const two = (count: number) => String(Math.floor(count)).padStart(2, "0");
  const [hours, minutes, seconds] = [two(total / 3600), two(total / 60 % 60), two(total % 60)];
  const parts = colons.length === 2
    ? [hours, minutes, seconds]
    : colons.length === 3 && seconds !== "00"
    ? [hours, minutes, seconds]
    : colons.length === 3 && minutes === "00"
    ? [hours]
    : [hours, minutes];
  const sign = offset < 0 ? "-" : "+";
  const digits = parts.join(colons === "" ? "" : ":");
  const flag = /[-_](?!.*[-_0])/.exec(flags)?.[0];
  const bare = flag === undefined ? digits : digits.replace(/^0/, "");
  if (flag === "_") return `${sign}${bare}`.padStart(Math.max(width, digits.length + 1));
  return `${sign}${flag === "-" ? bare : bare.padStart(width - 1, "0")}`;
}

function dayOfYear(clock: Date): number {
  const first = new Date(clock);
  first.setUTCMonth(0, 1);
  return Math.round((clock.getTime() - first.getTime()) / 86_400_000) + 1;
}

/** ISO 8601: a week belongs to the year that has its Thursday. */
function isoWeek(clock: Date): { readonly year: number; readonly week: number } {
  const thursday = new Date(clock);
  thursday.setUTCDate(clock.getUTCDate() + 4 - (clock.getUTCDay() || 7));
  return { year: thursday.getUTCFullYear(), week: Math.ceil(dayOfYear(thursday) / 7) };
}

function ordinalOf(day: number): string {
  if (day >= 11 && day <= 13) return "th";
  return ["th", "st", "nd", "rd"][day % 10] ?? "th";
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}
