import { wallTime } from "../../../time/clock.ts";
import { DAY } from "./calendar.ts";
import { fixedZone, instantOf, type TimeZone, UTC } from "./time_zone.ts";

/** A time to show: its clock time, and its zone. */
export interface Moment {
  /** The clock time as if it were UTC: a `Date` whose UTC fields are what is shown. */
  readonly clock: Date;
  /** Milliseconds since the epoch. */
  readonly instant: number;
  readonly zone: TimeZone;
}

/** An instant as the clocks of a zone show it. */
export function momentOfInstant(instant: number, zone: TimeZone): Moment {
  return { clock: new Date(instant + zone.offsetAt(instant) * 1000), instant, zone };
}

/**
 * A clock time (ms as if it were UTC) of a zone.
 *
 * A clock time that a change of clocks skipped is shown as written, with the offset and the letters from before the change: 02:30 -0500 EST is the instant that clocks show as 03:30 -0400 EDT.
 */
export function momentOfClock(clock: number, zone: TimeZone): Moment {
  // Few formats ask for the instant, or for the zone.
  return {
    clock: new Date(clock),
    get instant() {
      return instantOf(clock, zone);
    },
    get zone() {
      const offset = (clock - instantOf(clock, zone)) / 1000;
      return zone.offsetAt(instantOf(clock, zone)) === offset
        ? zone
        : fixedZone(offset, zone.abbreviationAt(clock - DAY));
    },
  };
}

/** Fields of a clock time; `month` is counted from 1. */
export interface ClockFields {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour?: number;
  readonly minute?: number;
  readonly second?: number;
  readonly millisecond?: number;
}

/** Milliseconds of a clock time as if it were UTC; undefined if there is no such day or time. */
export function clockOf(fields: ClockFields): number | undefined {
  const { year, month, day, hour = 0, minute = 0, second = 0, millisecond = 0 } = fields;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isDay = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day;
  if (!isDay || hour > 23 || minute > 59 || second > 59) return undefined;
  return date.setUTCHours(hour, minute, second, millisecond);
}

/** How the dates of a campaign are read and shown. */
export interface DateSettings {
  /** Of values with a zone of their own, of now, and of numbers. */
  readonly zone: TimeZone;
  /** How the list writes dates; undefined: in an unambiguous form. */
  readonly format: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export const DEFAULT_DATES: DateSettings = { zone: UTC, format: undefined, now: wallTime };
