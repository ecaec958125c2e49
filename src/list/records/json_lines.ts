import { sizeText } from "../../text/quantity.ts";
import { quote, unseenIn } from "../../text/quote.ts";
import { type Member, objectMembers } from "./json_members.ts";
import { concatBytes, countBreaks, lineEnd } from "./lines.ts";
import type { BadRow, CsvRow } from "../../model/recipient.ts";
import { isBlankRow, RECORD_LIMIT } from "./record_parser.ts";

const LF = 0x0a;
const CR = 0x0d;
const NONE = new Uint8Array(0);
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** Characters that a CSV file cannot contain either: NUL and lone surrogates. */
const NO_TEXT = /[\0\p{Cs}]/u;

/** Replaces these characters, so that the value can be stored and exported. */
function asText(value: string): string {
  return value.toWellFormed().replaceAll("\0", "\ufffd");
}

/**
 * Parses JSON Lines, one object per line. The keys of the first object are the header and the first record; each row
 * has its values in that order. A missing key gives an empty cell. A key that the first object lacks makes a bad row,
 * since its value would be ignored silently.
 */
export class JsonLinesParser {
  readonly #comments: boolean;
  #keys: ReadonlyMap<string, number> | undefined;
  /** The incomplete current line. */
  #rest: Uint8Array = NONE;
  #line: number;
  #isAfterCr = false;
  /** The current line exceeds the limit; its bytes are dropped. */
  #isOversized = false;

  /**
   * @param line The physical line on which the text begins.
   * @param keys The header, if it has been read before.
   */
  constructor(
    { comments }: { readonly comments: boolean },
    line = 1,
    keys?: readonly string[],
  ) {
    this.#comments = comments;
    this.#line = line;
    this.#keys = keys && placesOf(keys);
  }

  /** Takes UTF-8 text, split anywhere, and returns the records it completes. */
  push(bytes: Uint8Array): (CsvRow | BadRow)[] {
    const rows: (CsvRow | BadRow)[] = [];
    let at = this.#isAfterCr && bytes[0] === LF ? 1 : 0;
    if (bytes.length > 0) this.#isAfterCr = false;
    for (;;) {
      const end = lineEnd(bytes, at, bytes.length);
      const piece = bytes.subarray(at, end < 0 ? bytes.length : end);
      if (end < 0 || this.#isUnderWay || piece.length > RECORD_LIMIT) this.#keep(piece);
      if (end < 0) return rows;
      for (const row of this.#isUnderWay ? this.#endLine() : this.#rowsOf(piece)) rows.push(row);
      this.#line++;
      const isCr = bytes[end] === CR;
      this.#isAfterCr = isCr && end + 1 === bytes.length;
      at = isCr && bytes[end + 1] === LF ? end + 2 : end + 1;
    }
  }

  /** Returns the last record, which may lack its line end. */
  end(): (CsvRow | BadRow)[] {
    return this.#endLine();
  }

  /** Returns the physical line reached after this text, if it came next. */
  lineAfter(text: Uint8Array): number {
    const isHalf = this.#isAfterCr && text[0] === LF;
    return this.#line + countBreaks(text, isHalf ? 1 : 0, text.length);
  }

  #keep(bytes: Uint8Array): void {
    if (this.#isOversized) return;
    if (this.#rest.length + bytes.length > RECORD_LIMIT) {
      this.#isOversized = true;
      this.#rest = NONE;
    } else if (bytes.length > 0) {
      // A copy, because the caller reuses the bytes.
      this.#rest = this.#rest.length === 0 ? bytes.slice() : concatBytes(this.#rest, bytes);
    }
  }

  get #isUnderWay(): boolean {
    return this.#rest.length > 0 || this.#isOversized;
  }

  #endLine(): (CsvRow | BadRow)[] {
    if (this.#isOversized) {
      this.#isOversized = false;
      return [this.#badRow(`Row is longer than ${sizeText(RECORD_LIMIT)}`)];
    }
    const line = this.#rest;
    this.#rest = NONE;
    return this.#rowsOf(line);
  }

  #rowsOf(line: Uint8Array): (CsvRow | BadRow)[] {
    const text = utf8.decode(line).trim();
    if (text === "" || (this.#comments && text.startsWith("#"))) return [];
    const members = objectMembers(text);
    if (members === undefined) return [this.#badRow(`Line is not a JSON object: ${quote(text)}`)];
    // Only an escape can produce such characters.
    const fault = text.includes("\\u") ? noTextIn(members) : undefined;
    if (this.#keys !== undefined) return this.#rowOf(this.#keys, members, fault);
    const wrong = fault?.inKey ?? duplicateOf(members);
    if (wrong !== undefined) return [this.#badRow(wrong)];
    const cells = members.map(({ key }) => key);
    this.#keys = placesOf(cells);
    return [{ kind: "row", line: this.#line, cells }, ...this.#rowOf(this.#keys, members, fault)];
  }

  #rowOf(
    keys: ReadonlyMap<string, number>,
    members: readonly Member[],
    fault: NoText | undefined,
  ): (CsvRow | BadRow)[] {
    const found: (string | undefined)[] = Array(keys.size).fill(undefined);
    let reason = fault?.inKey;
    // Values without a column. A refused row keeps them; without them, an export of it would look valid.
    const surplus: string[] = [];
    for (const { key, value } of members) {
      const place = keys.get(key);
      if (place === undefined) {
        reason ??= `The first line has no key ${
          quote(key)
        }; add it there, or remove it from this line`;
        surplus.push(`${key}: ${value}`);
      } else if (found[place] !== undefined) {
        reason ??= `${duplicate(key)}; remove one of them`;
        surplus.push(`${key}: ${found[place]}`);
      }
      if (place !== undefined) found[place] = value;
    }
    const cells = found.map((cell) => cell ?? "");
    if (reason === undefined && fault?.inValue !== undefined) {
      reason = fault.inValue;
      surplus.push(reason);
    }
    if (reason !== undefined) return [this.#badRow(reason, [...cells, ...surplus].map(asText))];
    return isBlankRow(cells) ? [] : [{ kind: "row", line: this.#line, cells }];
  }

  /** Makes a bad row; the caller fills in the address, as it knows the columns. */
  #badRow(reason: string, fields: readonly string[] = []): BadRow {
    return { kind: "bad-row", line: this.#line, address: "", fields, reason };
  }
}

function placesOf(keys: readonly string[]): ReadonlyMap<string, number> {
  return new Map(keys.map((key, place) => [key, place]));
}

function duplicate(key: string): string {
  return `Duplicate key ${quote(key)}`;
}

function duplicateOf(members: readonly Member[]): string | undefined {
  const keys = new Set<string>();
  for (const { key } of members) {
    if (keys.size === keys.add(key).size) return `${duplicate(key)}; remove one of them`;
  }
  return undefined;
}

/** Why an object contains invalid characters. */
interface NoText {
  readonly inKey?: string;
  readonly inValue?: string;
}

function noTextIn(members: readonly Member[]): NoText {
  for (const { key } of members) {
    const wrong = NO_TEXT.exec(key);
    if (wrong !== null) return { inKey: `Key ${quote(key)} contains ${unseenIn(wrong[0])}` };
  }
  for (const { key, value } of members) {
    const wrong = NO_TEXT.exec(value);
    if (wrong !== null) return { inValue: `Value of ${quote(key)} contains ${unseenIn(wrong[0])}` };
  }
  return {};
}
