import { LEDGER_COLUMNS } from "../export_columns.ts";
import { parseMailbox } from "../address.ts";
import { isEmailName, isSameName } from "../header.ts";
import { InputError, type SourcePlace } from "../../model/input_error.ts";
import { quote } from "../../text/quote.ts";

/** What may stand between fields, the likelier first. */
const DELIMITERS = [",", ";", "\t", "|"] as const;

/**
 * The delimiter of a file's first line: the one under which a column has an address's name (or, without a header,
 * is an address), and among those the one that makes most columns. A line of one column has none and gets the comma.
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

/** The columns that `export` adds, at the end of a header; quoted or not, with what stands between them. */
const EXPORTED = new RegExp(
  `(?:^|[^"])"?_state"?(?<delimiter>[^\\w"])${
    LEDGER_COLUMNS.slice(1).map((name) => `"?${name}"?`).join("\\k<delimiter>")
  }(?:\\k<delimiter>(?:"")?)*\\s*$`,
);

/**
 * The delimiter of a list that `export` wrote, undefined for any other. It shows between the columns that `export` adds, and so an
 * export comes back right whatever the campaign's own list is separated by.
 */
export function delimiterOfExport(header: string): string | undefined {
  return EXPORTED.exec(header)?.groups?.delimiter;
}

/**
 * What `sep=;` names on a first line, where Excel looks for it; undefined on any other line. Programs that save such a file again
 * put quotes around it or more delimiters behind it.
 */
export function namedSeparator(line: string): string | undefined {
  const [, separator, rest = ""] = /^"?sep=(\\t|[^"\r\n])"?(.*)$/is.exec(line) ?? [];
  if (separator === undefined || /[^\s,;|]/.test(rest)) return undefined;
  return separator === "\\t" || separator === "\\T" ? "\t" : separator;
}

/** Names for delimiters that are hard to type, or to see. */
const NAMED = new Map([
  ["comma", ","],
  ["semicolon", ";"],
  ["tab", "\t"],
  ["\\t", "\t"],
  ["pipe", "|"],
]);

/**
 * The delimiter that a user or a file names: one printable ASCII character that means nothing else in a CSV file, a tab, or a
 * name such as `semicolon`; undefined for anything else.
 */
export function readDelimiter(given: string): string | undefined {
  const delimiter = NAMED.get(given.toLowerCase()) ?? given;
  return /^[\t\x20-\x7e]$/.test(delimiter) && !/["\w]/.test(delimiter) ? delimiter : undefined;
}

/** The same. @throws {InputError} for anything else */
export function usableDelimiter(given: string, place?: SourcePlace): string {
  const delimiter = readDelimiter(given);
  if (delimiter !== undefined) return delimiter;
  throw new InputError(`Delimiter must be one character between fields: found ${quote(given)}`, {
    ...(place && { place }),
    hint: "Write --delimiter ';' or --delimiter tab",
  });
}
