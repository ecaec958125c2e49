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

/** What no text of a CSV file can hold either: NUL, and half of a surrogate pair. */
const NO_TEXT = /[\0\p{Cs}]/u;

/** A value as it can be kept and exported. */
function asText(value: string): string {
  return value.toWellFormed().replaceAll("\0", "\ufffd");
}

/**
 * Tells the rows of a JSON Lines text apart, one object a line. The first object's keys are the header, the first record; a row has its
 * values in their order. A key that a later object lacks is an empty cell; one that the first lacks makes a bad row, as nobody would see its value.
 */
export class JsonLinesParser {
  readonly #comments: boolean;
  #keys: ReadonlyMap<string, number> | undefined;
  /** The line under way. */
  #rest: Uint8Array = NONE;
  #line: number;
  #isAfterCr = false;
  /** The line under way is over the limit; its bytes are not kept. */
  #isOversized = false;

  /**
   * @param line The physical line on which the text begins.
   * @param keys The header where it has been read before.
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

  /** Takes UTF-8 text, split anywhere, and gives the records it completes. */
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

  /** Gives the last record, which may lack its line end. */
  end(): (CsvRow | BadRow)[] {
    return this.#endLine();
  }

  /** The physical line that would follow if this text came next. */
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
      // Not a view of the bytes given, which are used again.
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
    // Only an escape can write what is no text.
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
    // What no column holds; a refused row keeps it, or it would read as another that is not.
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

  /** Which of the fields is the address, whoever knows the columns fills in. */
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

/** Why an object holds what is no text. */
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
