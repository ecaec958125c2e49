const encoder = new TextEncoder();
const HEX_DIGITS = encoder.encode("0123456789ABCDEF");
const [TAB, LF, CR, SPACE, EQUALS, DEL] = [9, 10, 13, 32, 61, 127] as const;

/** Longest line, without CRLF (RFC 2045, 6.7 (5)). */
const LONGEST_LINE = 76;

let octets = new Uint8Array(4096);
let out = new Uint8Array(octets.length * 4);

/**
 * The quoted-printable form (RFC 2045, 6.7) of text with LF line ends, with CRLF line ends.
 *
 * Works line by line: the encodings of two texts, the first of which ends a line, make the encoding of both. A soft
 * line break never splits a character.
 *
 * @returns A view that is valid until the next call.
 */
export function quotedPrintable(text: string): Uint8Array {
  reserve(text.length * 3);
  const { written: length } = encoder.encodeInto(text, octets);
  let at = 0;
  for (let start = 0; start < length;) {
    let end = octets.indexOf(LF, start);
    if (end < 0 || end > length) end = length;
    at = writeLine(start, end, at);
    if (end < length) {
      out[at++] = CR;
      out[at++] = LF;
    }
    start = end + 1;
  }
  return out.subarray(0, at);
}

/** Writes the line of `octets` from `start` to `end`, and returns where the next octet of `out` goes. */
function writeLine(start: number, end: number, at: number): number {
  let column = 0;
  for (let i = start; i < end; i++) {
    const octet = octets[i]!;
    const isPlain = octet > SPACE
      ? octet < DEL && octet !== EQUALS
      : (octet === SPACE || octet === TAB) && i + 1 < end;
    if ((octet & 0xC0) !== 0x80) { // the first octet of a character
      const length = lengthOfCharacter(octet);
      const room = i + length >= end ? LONGEST_LINE : LONGEST_LINE - 1;
      if (column + (isPlain ? 1 : 3 * length) > room) {
        out[at++] = EQUALS;
        out[at++] = CR;
        out[at++] = LF;
        column = 0;
      }
    }
    if (isPlain) {
      out[at++] = octet;
      column++;
    } else {
      out[at++] = EQUALS;
      out[at++] = HEX_DIGITS[octet >> 4]!;
      out[at++] = HEX_DIGITS[octet & 15]!;
      column += 3;
    }
  }
  return at;
}

/** Octets of the UTF-8 character that begins with `octet`. */
function lengthOfCharacter(octet: number): number {
  return octet < 0x80 ? 1 : octet < 0xE0 ? 2 : octet < 0xF0 ? 3 : 4;
}

function reserve(length: number): void {
  if (length <= octets.length) return;
  // Three octets each, and a soft line break after at least every 64. Allocated first, as it is what may fail.
  out = new Uint8Array(length * 4);
  octets = new Uint8Array(length);
}
