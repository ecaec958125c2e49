import { DAY, MONTHS, shortName, WEEKDAYS } from "./calendar.ts";
import type { Moment } from "./moment.ts";

/** A directive's value, and how it is padded: `%5d` with zeros, `%5A` with spaces. */
export interface DirectiveValue {
  readonly text: string;
  readonly fill: "0" | " ";
  readonly width: number;
}

/** The values of the directives of `strftime` that do not consist of others and do not depend on flags. */
export const DIRECTIVES: Readonly<Record<string, (moment: Moment) => DirectiveValue>> = {
  A: ({ clock }) => word(WEEKDAYS[clock.getUTCDay()]!),
  a: ({ clock }) => word(shortName(WEEKDAYS[clock.getUTCDay()]!)),
  B: ({ clock }) => word(MONTHS[clock.getUTCMonth()]!),
  b: ({ clock }) => word(shortName(MONTHS[clock.getUTCMonth()]!)),
  h: ({ clock }) => word(shortName(MONTHS[clock.getUTCMonth()]!)),
  C: ({ clock }) => number(Math.floor(clock.getUTCFullYear() / 100), 2),
  d: ({ clock }) => number(clock.getUTCDate(), 2),
  e: ({ clock }) => number(clock.getUTCDate(), 2, " "),
  G: ({ clock }) => year(isoWeek(clock).year, clock),
  g: ({ clock }) => number(modulo(isoWeek(clock).year, 100), 2),
  H: ({ clock }) => number(clock.getUTCHours(), 2),
  I: ({ clock }) => number(clock.getUTCHours() % 12 || 12, 2),
  j: ({ clock }) => number(dayOfYear(clock), 3),
  k: ({ clock }) => number(clock.getUTCHours(), 2, " "),
  l: ({ clock }) => number(clock.getUTCHours() % 12 || 12, 2, " "),
  M: ({ clock }) => number(clock.getUTCMinutes(), 2),
  m: ({ clock }) => number(clock.getUTCMonth() + 1, 2),
  n: () => word("\n"),
  P: ({ clock }) => word(clock.getUTCHours() < 12 ? "am" : "pm"),
  p: ({ clock }) => word(clock.getUTCHours() < 12 ? "AM" : "PM"),
  q: ({ clock }) => word(ordinalOf(clock.getUTCDate())),
  S: ({ clock }) => number(clock.getUTCSeconds(), 2),
  s: ({ instant }) => number(Math.floor(instant / 1000), 1),
  t: () => word("\t"),
  U: ({ clock }) => number(weekOfYear(clock, clock.getUTCDay()), 2),
  u: ({ clock }) => number(clock.getUTCDay() || 7, 1),
  V: ({ clock }) => number(isoWeek(clock).week, 2),
  W: ({ clock }) => number(weekOfYear(clock, modulo(clock.getUTCDay() - 1, 7)), 2),
  w: ({ clock }) => number(clock.getUTCDay(), 1),
  Y: ({ clock }) => year(clock.getUTCFullYear(), clock),
  y: ({ clock }) => number(modulo(clock.getUTCFullYear(), 100), 2),
  Z: ({ instant, zone }) => word(zone.abbreviationAt(instant)),
  "%": () => word("%"),
};

/** A value that is padded with spaces, and only to a width that the format gives. */
export function word(text: string): DirectiveValue {
  return { text, fill: " ", width: 0 };
}

function number(value: number, width: number, fill: "0" | " " = "0"): DirectiveValue {
  return { text: String(value), fill, width };
}

/** Four digits, and a place for the minus sign of years before 0. */
function year(value: number, clock: Date): DirectiveValue {
  return number(value, clock.getUTCFullYear() < 0 ? 5 : 4);
}

function dayOfYear(clock: Date): number {
  const first = new Date(clock);
  first.setUTCMonth(0, 1);
  return Math.round((clock.getTime() - first.getTime()) / DAY) + 1;
}

/** @param weekday Days since the week began. */
function weekOfYear(clock: Date, weekday: number): number {
  return Math.floor((dayOfYear(clock) + 6 - weekday) / 7);
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

/** Directives that consist of others. */
export const COMPOUND: Readonly<Record<string, string>> = {
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
