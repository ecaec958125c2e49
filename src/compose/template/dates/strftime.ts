import { twoDigits } from "./calendar.ts";
import { COMPOUND, DIRECTIVES, type DirectiveValue, word } from "./directives.ts";
import type { Moment } from "./moment.ts";

/** The largest width of a directive: the length of a line in a mail. */
const WIDEST = 998;
/** `%`, flags, a width, C's modifiers (which change nothing here), colons of `%:z`, the directive. */
const DIRECTIVE = /%([-_0^#]*)(\d+)?(?:[EO](?=[a-zA-Z]))?(:{0,3})([a-zA-Z%+])/g;

/**
 * Formats a moment as Ruby's and C's `strftime` do (in English), with Ruby's flags and widths.
 * An unknown directive stays as written.
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
    const value = valueOf(letter, moment);
    return value === undefined ? written : padded(cased(value, flags, letter), flags, width);
  });
}

function widthOf(given: string | undefined): number | undefined {
  const width = given === undefined ? undefined : Number(given);
  if (width !== undefined && width > WIDEST) {
    throw new RangeError(
      `The width of a date directive must be ${WIDEST} or less: found ${given}`,
    );
  }
  return width;
}

function valueOf(letter: string, moment: Moment): DirectiveValue | undefined {
  const compound = COMPOUND[letter];
  return compound === undefined ? DIRECTIVES[letter]?.(moment) : word(strftime(moment, compound));
}

/** `#` changes case: to capitals, except for AM, PM and the letters of a zone. */
function cased(value: DirectiveValue, flags: string, letter: string): DirectiveValue {
  const { text } = value;
  if (flags.includes("^")) return { ...value, text: text.toUpperCase() };
  if (!flags.includes("#")) return value;
  return { ...value, text: "pZ".includes(letter) ? text.toLowerCase() : text.toUpperCase() };
}

function padded(
  { text, fill, width }: DirectiveValue,
  flags: string,
  given: number | undefined,
): string {
  // Of conflicting flags the last counts.
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
  const [hours, minutes, seconds] = [total / 3600, total / 60 % 60, total % 60]
    .map((count) => twoDigits(Math.floor(count))) as [string, string, string];
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
