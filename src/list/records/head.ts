import { isBlank } from "../../text/blank.ts";
import { namedSeparator } from "./delimiter.ts";
import { concatBytes, countBreaks, lineEnd, recordEnd, skipIdle } from "./lines.ts";
import { RECORD_LIMIT } from "./record_parser.ts";

/** The beginning of a file from its header on; contains at least the first record. */
export interface Head {
  readonly format: "csv" | "jsonl";
  /** All text read so far, from the first record on. */
  readonly text: Uint8Array;
  /** The physical line on which it begins. */
  readonly lineNumber: number;
  /** The first record, truncated if too long. */
  readonly line: string;
  /** End of the first record, excluding its line end. */
  readonly end: number;
  /** The delimiter from a first line `sep=;`. */
  readonly separator: string | undefined;
}

/** How to find the head. */
export interface HeadOptions {
  /** Whether lines that begin with "#" are comments. */
  readonly comments: boolean;
  /** The user's delimiter. */
  readonly delimiter: string | undefined;
  /** Whether the file name says JSON Lines, whatever the file begins with. */
  readonly isNamedJsonLines: boolean;
}

/** Bytes of a header line that are examined for the delimiter. */
const HEADER_LIMIT = 64 * 1024;

/** Bytes examined to distinguish JSON Lines from CSV. */
const BEGINNING = 1024;
const NONE = new Uint8Array(0);

/**
 * Reads up to the end of the first record. Rows of blanks or delimiters above it are skipped, and so is a first line
 * `sep=;`, which is for Excel.
 *
 * @param read Returns the next piece of UTF-8 text; undefined at the end.
 */
export async function readHead(
  read: (before: Uint8Array, line: number) => Promise<Uint8Array | undefined>,
  reading: HeadOptions,
): Promise<Head> {
  const { comments, delimiter, isNamedJsonLines } = reading;
  let bytes: Uint8Array = NONE;
  let lineNumber = 1;
  let separator: string | undefined;
  for (let ended = false;;) {
    const start = skipIdle(bytes, 0, bytes.length, comments);
    const isObject = isNamedJsonLines || beginsObject(bytes.subarray(start));
    const format = isObject === true ? "jsonl" : "csv";
    const end = format === "csv" ? recordEnd(bytes, start) : lineEnd(bytes, start, bytes.length);
    const limit = format === "csv" ? HEADER_LIMIT : RECORD_LIMIT;
    // A CR at the very end may be half of a line end before the record.
    const isPart = end <= start || isObject === "unclear";
    if (!ended && isPart && bytes.length - start <= limit) {
      const piece = await read(bytes, lineNumber);
      if (piece === undefined) ended = true;
      else bytes = concatBytes(bytes, piece);
      continue;
    }
    const stop = end <= start ? bytes.length : end;
    const shown = bytes.subarray(start, Math.min(stop, start + HEADER_LIMIT));
    const line = new TextDecoder().decode(shown);
    const named = lineNumber === 1 && start === 0 ? namedSeparator(line) : undefined;
    separator ??= named;
    if (
      stop === bytes.length || (named === undefined && !isIdleLine(line, delimiter ?? separator))
    ) {
      lineNumber += countBreaks(bytes, 0, start);
      const text = named === undefined ? bytes.subarray(start) : NONE;
      return { format, text, lineNumber, line, end: stop - start, separator };
    }
    lineNumber += countBreaks(bytes, 0, stop);
    bytes = bytes.subarray(stop);
  }
}

/**
 * Returns whether a text begins like a JSON object, which no CSV file does: a header `{{Name}}` continues differently.
 * Returns "unclear" if more bytes are needed.
 *
 * @param bytes In UTF-8 or another superset of ASCII.
 */
export function beginsObject(bytes: Uint8Array): boolean | "unclear" {
  const begin = new TextDecoder().decode(bytes.subarray(0, BEGINNING));
  if (/^\s*\{\s*["}]/.test(begin)) return true;
  return bytes.length < BEGINNING && /^\s*(?:\{\s*)?$/.test(begin) && "unclear";
}

/** Returns whether a line consists of blanks, quotes and delimiters. */
function isIdleLine(line: string, delimiter: string | undefined): boolean {
  const rest = delimiter === undefined ? line : line.replaceAll(delimiter, "");
  return isBlank(rest.replaceAll(/[,;|"]/g, ""));
}
