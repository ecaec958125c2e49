const LF = 0x0a;
const CR = 0x0d;
const HASH = 0x23;
const QUOTE = 0x22;

/** Counts line breaks in `bytes[from, to)`: LF, CR, or CRLF as one. */
export function countBreaks(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte === LF) count++;
    else if (byte === CR) {
      count++;
      if (at + 1 < to && bytes[at + 1] === LF) at++;
    }
  }
  return count;
}

/** Returns where in `bytes[from, to)` the first line begins that is neither empty nor (optionally) a "#" comment. */
export function skipIdle(bytes: Uint8Array, from: number, to: number, comments: boolean): number {
  let at = from;
  while (at < to) {
    const byte = bytes[at];
    if (byte === LF) at++;
    else if (byte === CR) {
      // A CR at the end may be half of a CRLF, which is one line break.
      if (at + 1 === to) return at;
      at += bytes[at + 1] === LF ? 2 : 1;
    } else if (comments && byte === HASH) {
      const end = lineEnd(bytes, at, to);
      if (end < 0) return at;
      at = end;
    } else return at;
  }
  return at;
}

/** Returns where in `bytes[from, to)` the first line ends, or -1. */
export function lineEnd(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    if (bytes[at] === LF || bytes[at] === CR) return at;
  }
  return -1;
}

/** Returns where the record that begins at `from` ends: at a line break outside quotes; -1 if it is incomplete. */
export function recordEnd(bytes: Uint8Array, from: number): number {
  let quoted = false;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) quoted = !quoted;
    else if (!quoted && (byte === LF || byte === CR)) return at;
  }
  return -1;
}

/** Skips the lines before a given one; the text may be split anywhere. */
export class LineSkipper {
  readonly #target: number;
  #line: number;
  #isAfterCr = false;

  /** @param line The line on which the text begins. @param target The first line to keep. */
  constructor(line: number, target: number) {
    this.#line = line;
    this.#target = target;
  }

  /** The line of the next byte. */
  get line(): number {
    return this.#line;
  }

  /** Returns the bytes that are on lines to keep. */
  pass(bytes: Uint8Array): Uint8Array {
    let at = 0;
    for (; at < bytes.length; at++) {
      const byte = bytes[at];
      const isHalf = this.#isAfterCr && byte === LF;
      this.#isAfterCr = false;
      if (isHalf) continue;
      if (this.#line >= this.#target) break;
      if (byte !== LF && byte !== CR) continue;
      this.#line++;
      this.#isAfterCr = byte === CR;
    }
    return bytes.subarray(at);
  }
}

/** Concatenates two arrays; returns the second itself if the first is empty. */
export function concatBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
