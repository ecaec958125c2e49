import { MONTHS, shortName, twoDigits, WEEKDAYS } from "../template/dates/calendar.ts";

/** The Date line (RFC 5322, 3.3), in local time with its offset; formatted at most once per second. */
export class DateLine {
  readonly #now: () => number;
  #second = NaN;
  #line = "";

  constructor(now: () => number) {
    this.#now = now;
  }

  line(): string {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#line = `Date: ${formatDate(new Date(second * 1000))}\r\n`;
    }
    return this.#line;
  }
}

function formatDate(date: Date): string {
  const offset = -date.getTimezoneOffset();
  const zone = (offset < 0 ? "-" : "+") + twoDigits(Math.floor(Math.abs(offset) / 60)) +
    twoDigits(Math.abs(offset) % 60);
  const weekday = shortName(WEEKDAYS[date.getDay()]!);
  const month = shortName(MONTHS[date.getMonth()]!);
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(":");
  return `${weekday}, ${date.getDate()} ${month} ${date.getFullYear()} ${time} ${zone}`;
}
