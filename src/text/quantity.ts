import type { Rate } from "../model/relay.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const PER: ReadonlyMap<number, string> = new Map([
  [SECOND, "s"],
  [MINUTE, "min"],
  [HOUR, "h"],
  [DAY, "d"],
]);

/** Formats a count as `1,234,567` in every locale. `Intl` is avoided: loading its tables adds 20 ms to each start. */
export function countText(count: number): string {
  return String(Math.trunc(count)).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** Formats a count with its noun: `1 row`, `2,000 rows`. */
export function countOf(count: number, noun: string, plural: string = `${noun}s`): string {
  return `${countText(count)} ${count === 1 ? noun : plural}`;
}

/** Formats a duration in at most two units: `0.4 s`, `42 s`, `1 min 05 s`, `1 h 02 min`, `3 d 04 h`. */
export function durationText(ms: number): string {
  const time = Number.isFinite(ms) ? Math.max(0, ms) : 0;
  if (time < 9_950) return `${(time / SECOND).toFixed(1)} s`;
  // Rounded before it is split into units, so that 59.7 s is not shown as 60 s.
  const seconds = Math.round(time / SECOND) * SECOND;
  if (seconds < MINUTE) return `${seconds / SECOND} s`;
  if (seconds < HOUR) return pair(seconds, MINUTE, "min", SECOND, "s");
  const minutes = Math.round(time / MINUTE) * MINUTE;
  if (minutes < DAY) return pair(minutes, HOUR, "h", MINUTE, "min");
  return pair(Math.round(time / HOUR) * HOUR, DAY, "d", HOUR, "h");
}

/** Formats a remaining time in whole units: tenths of a second would only flicker. */
export function remainingText(ms: number): string {
  const rounded = Math.max(SECOND, Math.ceil(ms / SECOND) * SECOND);
  return rounded < 10 * SECOND ? `${rounded / SECOND} s` : durationText(rounded);
}

/** Formats mails per second with the significant digits only: `0.25/s`, `9.3/s`, `148/s`, `21,300/s`; `0/s` if undefined. */
export function speedText(perSecond: number): string {
  if (!(perSecond > 0 && Number.isFinite(perSecond))) return "0/s";
  if (perSecond >= 100) return `${countText(Math.round(perSecond))}/s`;
  const digits = perSecond >= 1 ? 1 : 2;
  return `${Number(perSecond.toFixed(digits))}/s`;
}

/** Formats a limit: `14/s`, `500/min`, `10,000/h`; other intervals are converted to seconds. */
export function rateText(rate: Rate): string {
  const unit = PER.get(rate.perMs);
  return unit === undefined
    ? speedText(rate.count * SECOND / rate.perMs)
    : `${Number.isInteger(rate.count) ? countText(rate.count) : rate.count}/${unit}`;
}

/** Formats a size in octets: `812 B`, `2.4 kB`, `96 kB`, `3.1 MB`. */
export function sizeText(octets: number): string {
  if (octets < 1_000) return `${octets} B`;
  if (octets < 9_950) return `${(octets / 1_000).toFixed(1)} kB`;
  if (octets < 999_500) return `${Math.round(octets / 1_000)} kB`;
  return `${(octets / 1_000_000).toFixed(1)} MB`;
}

function pair(ms: number, large: number, largeName: string, small: number, smallName: string) {
  const rest = String(Math.floor(ms % large / small)).padStart(2, "0");
  return `${Math.floor(ms / large)} ${largeName} ${rest} ${smallName}`;
}
