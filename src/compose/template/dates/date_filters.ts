import { type Context, type FilterImplOptions, toValue } from "liquidjs";
import {
  type DateSettings,
  DEFAULT_DATES,
  type Moment,
  momentOfClock,
  momentOfInstant,
} from "./moment.ts";
import { DAY } from "./calendar.ts";
import { readDate } from "./read_date.ts";
import { strftime } from "./strftime.ts";
import { CellWord } from "../values/cell_word.ts";
import { fixedZone, type TimeZone, zoneOf } from "./time_zone.ts";

/** The key of the settings in a scope: a symbol, which no template can use. */
const SETTINGS = Symbol("date settings");

/** Makes the settings of date filters available wherever `scope` is, including files included by `render`. */
export function withDates(scope: object, settings: DateSettings): void {
  Object.defineProperty(scope, SETTINGS, { value: settings });
}

function settingsOf({ globals }: Context): DateSettings {
  return (globals as { [SETTINGS]?: DateSettings })[SETTINGS] ?? DEFAULT_DATES;
}

/** What liquidjs calls a filter with. */
interface Filtering {
  readonly context: Context;
}

type Argument = unknown;

/** liquidjs' date filters by their names, with our own time zones: liquidjs' filters use the machine's. */
export const DATE_FILTERS: Readonly<Record<string, FilterImplOptions>> = {
  date(this: Filtering, value: unknown, ...given: Argument[]) {
    const [format, zone] = given.filter((one) => !Array.isArray(one));
    const written = given.find((one) => Array.isArray(one) && one[0] === "date_format") as
      | readonly [string, unknown]
      | undefined;
    return formatted(this, value, {
      format: optionalText(toValue(format)) ?? this.context.opts.dateFormat,
      zone: zoneGiven(toValue(zone)),
      written: optionalText(toValue(written?.[1])),
    });
  },
  date_to_xmlschema(this: Filtering, value: unknown) {
    return formatted(this, value, { format: "%Y-%m-%dT%H:%M:%S%:z" });
  },
  date_to_rfc822(this: Filtering, value: unknown) {
    return formatted(this, value, { format: "%a, %d %b %Y %H:%M:%S %z" });
  },
  date_to_string(this: Filtering, value: unknown, ...style: Argument[]) {
    return formatted(this, value, { format: longFormat("%b", style) });
  },
  date_to_long_string(this: Filtering, value: unknown, ...style: Argument[]) {
    return formatted(this, value, { format: longFormat("%B", style) });
  },
};

/** Names of the filters that take a date. */
export const DATE_FILTER_NAMES: readonly string[] = Object.keys(DATE_FILTERS);

function longFormat(month: string, [type, style]: readonly Argument[]): string {
  if (type !== "ordinal") return `%d ${month} %Y`;
  return style === "US" ? `${month} %-d%q, %Y` : `%-d%q ${month} %Y`;
}

function optionalText(value: unknown): string | undefined {
  return value === undefined || value === null ? undefined : String(value);
}

interface FormatOptions {
  readonly format: string;
  /** If the template asks for one. */
  readonly zone?: TimeZone | undefined;
  /** How this value is written, if the template says so. */
  readonly written?: string | undefined;
}

function formatted({ context }: Filtering, given: unknown, how: FormatOptions): unknown {
  const value: unknown = toValue(given);
  if (given instanceof CellWord) return value;
  const moment = momentOf(value, settingsOf(context), how);
  if (moment === undefined) return value;
  const text = strftime(moment, how.format);
  context.memoryLimit.use(how.format.length + text.length);
  return text;
}

/** @returns undefined for what is not a date: it is put out as it is. @throws {Error} If it is unclear which date is meant. */
function momentOf(
  value: unknown,
  { zone: usual, format, now }: DateSettings,
  how: FormatOptions,
): Moment | undefined {
  const zone = how.zone ?? usual;
  if (value === "now" || value === "today") return momentOfInstant(now(), zone);
  if (typeof value === "number") return inRange(value * 1000, zone);
  if (typeof value !== "string") return undefined;
  const read = readDate(value, how.written ?? format);
  switch (read.kind) {
    case "instant":
      return inRange(read.ms, zone);
    case "clock": {
      const moment = momentOfClock(read.ms, usual);
      return how.zone === undefined ? moment : momentOfInstant(moment.instant, zone);
    }
    case "day":
      // A day is that day everywhere.
      return momentOfClock(read.ms, zone);
    case "no date":
      return undefined;
    case "fault":
      throw new Error(read.reason);
  }
}

function inRange(instant: number, zone: TimeZone): Moment | undefined {
  // One day less than the range of `Date`: the zone's offset is added.
  return Math.abs(instant) <= 8.64e15 - DAY ? momentOfInstant(instant, zone) : undefined;
}

/** As in liquidjs: a name, or minutes west of UTC. */
function zoneGiven(zone: unknown): TimeZone | undefined {
  if (zone === undefined || zone === null) return undefined;
  if (typeof zone === "number") {
    return fixedZone(-zone * 60, zone === 0 ? "UTC" : strftimeOffset(-zone));
  }
  const name = String(zone);
  const known = zoneOf(name);
  if (known === undefined) throw new Error(`Unknown time zone: '${name}'`);
  return known;
}

function strftimeOffset(minutes: number): string {
  return strftime(momentOfInstant(0, fixedZone(minutes * 60, "")), "%z");
}
