import { EXPORTED_SETS } from "../export_columns.ts";
import { parseMailbox } from "../address.ts";
import { isEmailName, isSameName } from "../header.ts";
import { InputError, type SourcePlace } from "../../model/input_error.ts";
import { quote } from "../../text/quote.ts";

/** Possible delimiters, the most likely first. */
const DELIMITERS = [",", ";", "\t", "|"] as const;

/**
 * Finds the delimiter of a file's first line: one that gives a column named for the address (or, without a header, an
 * address), and among those the one that gives the most columns. A single column gets the comma.
 */
export function findDelimiter(header: string, emailColumn: string | undefined): string {
  const outside = header.replace(/"(?:[^"]|"")*"/g, (cell) => cell.replace(/[,;\t|]/g, ""));
  let best: string = DELIMITERS[0];
  let most = 0;
  for (const delimiter of DELIMITERS) {
    const cells = outside.split(delimiter);
    if (cells.length === 1) continue;
    const names = cells.map((cell) => cell.replaceAll('"', ""));
    const hasEmail = emailColumn === undefined
      ? names.some((name) => isEmailName(name) || parseMailbox(name).kind === "mailbox")
      : names.some((name) => isSameName(name, emailColumn));
    const score = cells.length + (hasEmail ? header.length : 0);
    if (score > most) {
      best = delimiter;
      most = score;
    }
  }
  return best;
}

/** The columns that `export` adds, at the end of a header, quoted or not, with the delimiter between them. */
const EXPORTED = new RegExp(
  `(?:^|[^"])"?_state"?(?<delimiter>[^\\w"])(?:${
    EXPORTED_SETS.map((names) => names.slice(1).map((name) => `"?${name}"?`).join("\\k<delimiter>"))
      .join("|")
  })(?:\\k<delimiter>(?:"")?)*\\s*$`,
);

/**
 * Returns the delimiter of a list that `export` wrote; undefined for any other. It is taken from between the columns
 * that `export` adds, so an export is read correctly whatever delimiter the campaign's list has.
 */
export function delimiterOfExport(header: string): string | undefined {
  return EXPORTED.exec(header)?.groups?.delimiter;
}

/**
 * Returns the delimiter in a first line `sep=;`, which is for Excel; undefined for any other line. Programs that save
 * such a file again may quote the line or append delimiters.
 */
export function namedSeparator(line: string): string | undefined {
  const [, separator, rest = ""] = /^"?sep=(\\t|[^"\r\n])"?(.*)$/is.exec(line) ?? [];
  if (separator === undefined || /[^\s,;|]/.test(rest)) return undefined;
  return separator === "\\t" || separator === "\\T" ? "\t" : separator;
}

/** Names for delimiters that are hard to type or to see. */
const NAMED = new Map([
  ["comma", ","],
  ["semicolon", ";"],
  ["tab", "\t"],
  ["\\t", "\t"],
  ["pipe", "|"],
]);

/**
 * Parses a delimiter given by a user or a file: one printable ASCII character without another meaning in CSV, a tab,
 * or a name such as `semicolon`; returns undefined for anything else.
 */
export function readDelimiter(given: string): string | undefined {
  const delimiter = NAMED.get(given.toLowerCase()) ?? given;
  return /^[\t\x20-\x7e]$/.test(delimiter) && !/["\w]/.test(delimiter) ? delimiter : undefined;
}

/** Like `readDelimiter`. @throws {InputError} for anything else */
export function usableDelimiter(given: string, place?: SourcePlace): string {
  const delimiter = readDelimiter(given);
  if (delimiter !== undefined) return delimiter;
  throw new InputError(`Delimiter must be one character between fields: found ${quote(given)}`, {
    ...(place && { place }),
    hint: "Write --delimiter ';' or --delimiter tab, for example.",
  });
}
