import { nearest } from "../../../text/nearest.ts";
import { DAY, twoDigits } from "./calendar.ts";

/** Rules of clock time: how far a place's clocks are from UTC. */
export interface TimeZone {
  /** As the user wrote it. */
  readonly name: string;
  /** Seconds to add to UTC at an instant (ms since the epoch); 0 where that instant is out of range. */
  offsetAt(instant: number): number;
  /** What `%Z` gives: "CET", "EST", or the offset if English has no letters for it. */
  abbreviationAt(instant: number): string;
}

/** A zone that never changes. */
export function fixedZone(offset: number, name: string): TimeZone {
  return { name, offsetAt: () => offset, abbreviationAt: () => name };
}

export const UTC = fixedZone(0, "UTC");

const zones = new Map<string, TimeZone>();

/**
 * The zone of an IANA name such as `Europe/Berlin`; undefined if there is no such zone.
 *
 * Uses Intl only for zones other than UTC: its first call takes longer than the rest of a template.
 */
export function zoneOf(name: string): TimeZone | undefined {
  if (/^(?:UTC|Etc\/UTC|Z)$/i.test(name)) return UTC;
  // Intl also accepts offsets such as +02:00; they have no summer time, which a zone is needed for.
  if (!/^[A-Za-z]/.test(name)) return undefined;
  const known = zones.get(name);
  if (known !== undefined) return known;
  try {
    const zone = new NamedZone(name);
    zones.set(name, zone);
    return zone;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The zone that was probably meant; `berlin` means `Europe/Berlin`. */
export function nearestZone(name: string): string | undefined {
  const names = Intl.supportedValuesOf("timeZone");
  const city = (zone: string) => zone.slice(zone.lastIndexOf("/") + 1);
  const wanted = nearest(city(name), names.map(city));
  return nearest(name, names) ?? names.find((zone) => city(zone) === wanted);
}

/** The instant of a clock time, given as if it were UTC (ms). In a gap, as the clocks before it would show; of two, the first. */
export function instantOf(wall: number, zone: TimeZone): number {
  const before = zone.offsetAt(wall - DAY) * 1000;
  const after = zone.offsetAt(wall + DAY) * 1000;
  const isRight = (offset: number) => zone.offsetAt(wall - offset) * 1000 === offset;
  // In a gap neither is: the clock time is read by the rule before it.
  return wall - (isRight(before) || !isRight(after) ? before : after);
}

/** Locales whose Intl data has the letters of the zones in their part of the world. */
const LANGUAGES = ["en-US", "en-GB", "en-AU", "en-NZ", "en-ZA", "en-IN", "ja-JP"];

/** Minutes from the epoch to 1973. */
const EVEN_MINUTES = Date.UTC(1973, 0) / 60_000;
/** Offsets that a zone remembers. */
const MOST_KEPT = 10_000;

class NamedZone implements TimeZone {
  readonly name: string;
  readonly #fields: Intl.DateTimeFormat;
  readonly #names = new Map<string, Intl.DateTimeFormat>();
  readonly #offsets = new Map<number, number>();

  /** @throws {RangeError} for an unknown name. */
  constructor(name: string) {
    this.name = name;
    this.#fields = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      hourCycle: "h23",
      era: "short",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  }

  offsetAt(instant: number): number {
    // Since 1972 clocks have changed on whole minutes; a list repeats the same few dates.
    const minute = Math.floor(instant / 60_000);
    if (!(minute > EVEN_MINUTES)) return this.#askedOffset(instant);
    const known = this.#offsets.get(minute);
    if (known !== undefined) return known;
    const offset = this.#askedOffset(instant);
    if (this.#offsets.size >= MOST_KEPT) this.#offsets.clear();
    this.#offsets.set(minute, offset);
    return offset;
  }

  #askedOffset(instant: number): number {
    const second = Math.floor(instant / 1000);
    if (Number.isNaN(new Date(instant).getTime())) return 0;
    const fields: Partial<Record<Intl.DateTimeFormatPartTypes, string>> = {};
    for (const { type, value } of this.#fields.formatToParts(second * 1000)) fields[type] = value;
    const year = Number(fields.year) * (fields.era === "BC" ? -1 : 1) +
      (fields.era === "BC" ? 1 : 0);
    const clock = new Date(0);
    clock.setUTCFullYear(year, Number(fields.month) - 1, Number(fields.day));
    clock.setUTCHours(Number(fields.hour), Number(fields.minute), Number(fields.second));
    return clock.getTime() / 1000 - second;
  }

  abbreviationAt(instant: number): string {
    for (const language of LANGUAGES) {
      const name = this.#nameFormat(language).formatToParts(instant)
        .find(({ type }) => type === "timeZoneName")?.value;
      if (name !== undefined && /^[A-Z]{3,5}$/.test(name)) return name;
    }
    return shortOffset(this.offsetAt(instant));
  }

  #nameFormat(language: string): Intl.DateTimeFormat {
    const made = this.#names.get(language) ??
      new Intl.DateTimeFormat(language, { timeZone: this.name, timeZoneName: "short" });
    this.#names.set(language, made);
    return made;
  }
}

/** As the tz database names zones without letters: "+03", "-0330". */
function shortOffset(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60);
  const rest = minutes % 60 === 0 ? "" : twoDigits(minutes % 60);
  return `${offset < 0 ? "-" : "+"}${twoDigits(Math.floor(minutes / 60))}${rest}`;
}
