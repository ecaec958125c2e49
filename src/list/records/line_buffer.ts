import { countBreaks, skipIdle } from "./lines.ts";

const QUOTE = 0x22;
const FIRST_CAPACITY = 32 * 1024;

/**
 * Bytes that are not part of a complete record yet, and the physical line they begin on.
 *
 * Offsets count from the first byte ever appended. The memory is reused, so that a file read in small pieces does not
 * leave a copy of each behind.
 */
export class LineBuffer {
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #start = 0;
  #end = 0;
  #offset = 0;
  #line: number;

  constructor(line: number) {
    this.#line = line;
  }

  /** The line of the first byte. */
  get line(): number {
    return this.#line;
  }

  get length(): number {
    return this.#end - this.#start;
  }

  append(bytes: Uint8Array): void {
    const length = this.length + bytes.length;
    if (this.#end + bytes.length > this.#bytes.length) {
      const room = length > this.#bytes.length / 2 ? new Uint8Array(2 * length) : this.#bytes;
      room.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = room;
      this.#start = 0;
      this.#end = length - bytes.length;
    }
    this.#bytes.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  /** Drops the bytes before an offset and returns their number. */
  takeTo(offset: number): number {
    const count = offset - this.#offset;
    this.#line += countBreaks(this.#bytes, this.#start, this.#start + count);
    this.#start += count;
    this.#offset = offset;
    return count;
  }

  /** Returns the text before an offset; the bytes are UTF-8. */
  textTo(offset: number): string {
    const end = this.#start + offset - this.#offset;
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(
      this.#bytes.subarray(this.#start, end),
    );
  }

  /** Drops leading empty lines and, optionally, "#" comments. */
  dropIdle(comments: boolean): void {
    const end = skipIdle(this.#bytes, this.#start, this.#end, comments);
    if (end > this.#start) this.takeTo(this.#offset + end - this.#start);
  }

  /** Returns the line of an offset. */
  lineAt(offset: number): number {
    return this.#line + countBreaks(this.#bytes, this.#start, this.#start + offset - this.#offset);
  }

  /** Counts the line breaks in the bytes, and in a text as if it followed them. */
  breaks(text?: Uint8Array): number {
    const here = countBreaks(this.#bytes, this.#start, this.#end);
    if (text === undefined) return here;
    // A CR at the end and an LF at the start are one line break.
    const isSplit = this.length > 0 && this.#bytes[this.#end - 1] === 0x0d && text[0] === 0x0a;
    return here + countBreaks(text, 0, text.length) - (isSplit ? 1 : 0);
  }

  quotes(): number {
    return countQuotes(this.#bytes.subarray(this.#start, this.#end));
  }
}

/** Counts quotation marks in UTF-8 text. */
export function countQuotes(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(QUOTE); at >= 0; at = bytes.indexOf(QUOTE, at + 1)) count++;
  return count;
}
