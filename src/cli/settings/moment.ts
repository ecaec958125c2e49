import { type Given, parseDuration, unusable } from "./values.ts";

const CLOCK = /^(?:(today|tomorrow) +)?([01]?\d|2[0-3]):([0-5]\d)(?::00(?:\.0+)?)?$/;
const PAST_CLOCK = /^(?:(today|yesterday) +)?([01]?\d|2[0-3]):([0-5]\d)(?::00(?:\.0+)?)?$/;
const ISO =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)(Z|[+-]\d{2}:?\d{2})?)?$/i;
/** How far clocks are set back in autumn, in ms: an hour, or half an hour (Lord Howe). */
const SET_BACK = [1_800_000, 3_600_000];

/**
 * A moment, in ms since the epoch: ISO 8601 (local time unless an offset is given), or `HH:MM`. With `today` or `tomorrow`
 * before it, that is relative to `now`; alone it is the next time after `after` that the clock shows it. A time skipped by the
 * change to summer time is later by the size of the change: 02:30 is 03:30 of that day.
 */
export function parseTime(given: Given, now: number, after: number = now): number {
  const clock = CLOCK.exec(given.text);
  if (clock) {
    const [, day, hours, minutes] = clock;
    const at = (from: number, days: number) =>
      momentsOf(from, days, Number(hours), Number(minutes));
    if (day !== undefined) return at(now, day === "tomorrow" ? 1 : 0)[0]!;
    return [...at(after, 0), ...at(after, 1)].find((moment) => moment > after)!;
  }
  const moment = isoMoment(given.text);
  if (moment !== undefined) return moment;
  throw unusable(
    given,
    "a time such as 2026-11-02T09:00, 2026-11-02T09:00:00Z, 18:30 or tomorrow 07:00",
  );
}

/**
 * A moment that has passed, in ms since the epoch: ISO 8601 as above, a time span before `now` such as `2h`, or `HH:MM`. With
 * `today` or `yesterday` before it, that is relative to `now`; alone it is the last time that the clock showed it.
 */
export function parsePastTime(given: Given, now: number): number {
  const moment = pastMoment(given.text, now) ?? spanBefore(given, now);
  if (moment <= now) return moment;
  throw unusable(given, "a time that has passed");
}

function pastMoment(text: string, now: number): number | undefined {
  const [, day, hours, minutes] = PAST_CLOCK.exec(text) ?? [];
  if (hours === undefined) return isoMoment(text);
  const at = (days: number) => momentsOf(now, days, Number(hours), Number(minutes));
  if (day !== undefined) return at(day === "yesterday" ? -1 : 0)[0]!;
  return [...at(-1), ...at(0)].findLast((moment) => moment <= now)!;
}

function spanBefore(given: Given, now: number): number {
  if (/^(\d{1,6}[dhms])+$/.test(given.text)) return now - parseDuration(given);
  throw unusable(
    given,
    "a time such as 2026-11-02T09:00, 2026-11-02T09:00:00Z, 18:30 or yesterday 07:00, or a time span such as 2h or 7d",
  );
}

/** Undefined for a text of another form, or a day that does not exist. */
function isoMoment(text: string): number | undefined {
  const iso = ISO.exec(text);
  const value = iso
    ? Date.parse(`${iso[1]}T${iso[2] ?? "00:00"}${iso[3]?.toUpperCase() ?? ""}`)
    : NaN;
  // Date.parse rolls 30 February over to March.
  const rolled = iso && new Date(`${iso[1]}T00:00Z`).toJSON()?.slice(0, 10) !== iso[1];
  return Number.isNaN(value) || rolled ? undefined : value;
}

/** When the clock shows a time that many days after `from`: once, or twice if it is set back. */
function momentsOf(from: number, days: number, hours: number, minutes: number): number[] {
  const day = new Date(from);
  const first = new Date(day.getFullYear(), day.getMonth(), day.getDate() + days, hours, minutes);
  const again = SET_BACK.map((ms) => new Date(first.getTime() + ms)).filter((moment) =>
    moment.getHours() === first.getHours() && moment.getMinutes() === first.getMinutes()
  );
  return [first, ...again].map((moment) => moment.getTime());
}
