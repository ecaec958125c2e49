import { concatBytes } from "./lines.ts";

/**
 * Bytes that are invalid in the encoding of the file. The error has no line number, only the text before the fault;
 * line breaks are counted by the record parser.
 */
export class TextFault extends Error {
  override readonly name = "TextFault";
  constructor(
    message: string,
    /** The text before the fault in the chunk given to `decode`, as UTF-8. */
    readonly before: Uint8Array,
    /** The undecoded chunk, for guessing the encoding. */
    readonly sample: Uint8Array,
  ) {
    super(message);
  }
}

/** Converts the bytes of a file to UTF-8, chunk by chunk; characters may be split anywhere. */
export interface Decoder {
  /** WHATWG name of the encoding: "utf-8". */
  readonly encoding: string;
  /** @throws {TextFault} */
  decode(chunk: Uint8Array): Uint8Array;
  /** Finishes decoding. @throws {TextFault} if the file ends within a character */
  end(): Uint8Array;
}

const BYTE_ORDER_MARKS: readonly (readonly [encoding: string, mark: readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** Returns the encoding of a WHATWG label ("latin1" -> "windows-1252"), or undefined. */
export function encodingNamed(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/** Bytes that `decoderFor` needs, unless the file is shorter. */
export const MARK_LENGTH = 3;

const NONE = new Uint8Array(0);

/**
 * Chooses the decoder by the byte order mark, or else the label, or else UTF-8.
 *
 * @param head The first bytes of the file.
 * @param label A WHATWG encoding label.
 * @returns The decoder, and the length of the mark, which must not be passed to it.
 * @throws {RangeError} if there is no such label.
 */
export function decoderFor(
  head: Uint8Array,
  label: string | undefined,
): { readonly decoder: Decoder; readonly mark: number } {
  // Created even if the mark decides, to report an invalid label.
  const named = new TextDecoder(label ?? "utf-8").encoding;
  const marked = BYTE_ORDER_MARKS.find(([, mark]) => mark.every((byte, at) => head[at] === byte));
  const encoding = marked === undefined ? named : marked[0];
  const decoder = encoding === "utf-8" ? checkedUtf8() : recoded(encoding);
  return { decoder, mark: marked === undefined ? 0 : marked[1].length };
}

/** Returns a decoder that validates UTF-8 and passes it on. */
function checkedUtf8(): Decoder {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let rest: Uint8Array = NONE;
  let sample: Uint8Array = NONE;
  const checked = (bytes: Uint8Array): Uint8Array => {
    try {
      strict.decode(bytes);
    } catch {
      throw notUtf8(bytes, sample);
    }
    return withoutNul(bytes, sample);
  };
  return {
    encoding: "utf-8",
    decode(chunk) {
      sample = concatBytes(rest, chunk);
      const whole = sample.length - splitTail(sample);
      rest = sample.slice(whole);
      return checked(sample.subarray(0, whole));
    },
    end() {
      return checked(rest);
    },
  };
}

/** Returns the fault in invalid UTF-8, or an earlier NUL. */
function notUtf8(bytes: Uint8Array, sample: Uint8Array): TextFault {
  const at = firstBadByte(bytes);
  const before = withoutNul(bytes.subarray(0, at), sample);
  const byte = (bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, "0");
  return new TextFault(`Byte 0x${byte} is not valid UTF-8`, before, sample);
}

/** Returns the length of an incomplete character at the end of the bytes: 0 to 3. */
function splitTail(bytes: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0;
  }
  return 0;
}

/** Returns the offset of the first invalid character, by bisection. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (mayBegin(bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  return good - splitTail(bytes.subarray(0, good));
}

/** Returns whether the bytes are a valid prefix of UTF-8 text; the last character may be incomplete. */
function mayBegin(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Returns a decoder that converts any other encoding to UTF-8, which the CSV parser needs. */
function recoded(encoding: string): Decoder {
  const lenient = new TextDecoder(encoding, { ignoreBOM: true });
  const encoder = new TextEncoder();
  let sample: Uint8Array = NONE;
  const checked = (text: string): Uint8Array => {
    const at = text.indexOf("\ufffd");
    if (at < 0) return withoutNul(encoder.encode(text), sample);
    const before = withoutNul(encoder.encode(text.slice(0, at)), sample);
    throw new TextFault(`Bytes are not valid ${encoding}`, before, sample);
  };
  return {
    encoding,
    decode(chunk) {
      sample = chunk;
      return checked(lenient.decode(chunk, { stream: true }));
    },
    end: () => checked(lenient.decode()),
  };
}

/** @throws {TextFault} if there is a NUL, which no mail may contain */
function withoutNul(bytes: Uint8Array, sample: Uint8Array): Uint8Array {
  const at = bytes.indexOf(0);
  if (at < 0) return bytes;
  throw new TextFault("The file contains a NUL character", bytes.subarray(0, at), sample);
}
