const LF = 0x0a;
const CR = 0x0d;
const HASH = 0x23;
const QUOTE = 0x22;

/** Line breaks in `bytes[from, to)`: LF, CR, or CRLF as one. */
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

/** Where the first line begins, from `from` on, that is neither empty nor (if asked for) a "#" comment. */
export function skipIdle(bytes: Uint8Array, from: number, comments: boolean): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte === LF) at++;
    else if (byte === CR) {
      // A CR at the end may be half of a CRLF, which is one line break.
      if (at + 1 === bytes.length) return at;
      at += bytes[at + 1] === LF ? 2 : 1;
    } else if (comments && byte === HASH) {
      const end = lineEnd(bytes, at);
      if (end < 0) return at;
      at = end;
    } else return at;
  }
}

/** Where the line ends that `at` stands on; -1 if not within the bytes. */
export function lineEnd(bytes: Uint8Array, at: number): number {
  for (let end = at; end < bytes.length; end++) {
    if (bytes[end] === LF || bytes[end] === CR) return end;
  }
  return -1;
}

/** Where the record ends that begins at `from`: at a line break outside quotes; -1 if not within the bytes. */
export function recordEnd(bytes: Uint8Array, from: number): number {
  let quoted = false;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === QUOTE) quoted = !quoted;
    else if (!quoted && (byte === LF || byte === CR)) return at;
  }
  return -1;
}

/** One array after the other; the second itself if the first is empty. */
export function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
