const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The Date line (RFC 5322, 3.3), in local time with its offset; written anew once a second. */
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
  const two = (number: number): string => String(number).padStart(2, "0");
  const offset = -date.getTimezoneOffset();
  const zone = (offset < 0 ? "-" : "+") + two(Math.floor(Math.abs(offset) / 60)) +
    two(Math.abs(offset) % 60);
  return `${DAYS[date.getDay()]}, ${date.getDate()} ${
    MONTHS[date.getMonth()]
  } ${date.getFullYear()} ` +
    `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone}`;
}
