const encoder = new TextEncoder();
const HEX = Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).toUpperCase().padStart(2, "0"),
);

/** Longest line of quoted-printable and base64, without CRLF (RFC 2045, 6.7 and 6.8). */
const ENCODED_LINE = 76;
/** Longest line of any mail in octets, without CRLF (RFC 5322, 2.1.1). */
export const LONGEST_LINE = 998;

/** LF as CRLF. */
export function withCrlf(text: string): string {
  return text.replaceAll("\n", "\r\n");
}

/**
 * Text with LF line ends only: CRLF and a bare CR become LF, other controls except TAB vanish (RFC 5322, 2.3 and 4
 * allow none of them).
 */
export function cleanText(text: string): string {
  // deno-lint-ignore no-control-regex
  if (!/[\0-\x08\x0B-\x1F\x7F]/.test(text)) return text;
  // deno-lint-ignore no-control-regex
  return text.replace(/\r\n?/g, "\n").replace(/[\0-\x08\x0B-\x1F\x7F]/g, "");
}

/** No line of `text` is longer than RFC 5322 allows, in octets of UTF-8. */
export function hasShortLines(text: string): boolean {
  // A UTF-16 unit is three octets at the most.
  if (text.length * 3 <= LONGEST_LINE) return true;
  return text.split("\n").every((line) =>
    line.length * 3 <= LONGEST_LINE ||
    (line.length <= LONGEST_LINE && encoder.encode(line).length <= LONGEST_LINE)
  );
}

/**
 * Quoted-printable of text with LF line ends, with CRLF (RFC 2045, 6.7).
 *
 * Works line by line: the encodings of two texts, the first of which ends a line, make the encoding of both.
 */
export function quotedPrintable(text: string): string {
  return text.split("\n").map(quotedLine).join("\r\n");
}

function quotedLine(line: string): string {
  if (line.length <= ENCODED_LINE && /^[\t -<>-~]*$/.test(line) && !/[ \t]$/.test(line)) {
    return line;
  }
  let out = "";
  let column = 0;
  const last = line.length - 1;
  for (let i = 0; i < line.length; i++) {
    const code = line.codePointAt(i)!;
    const isPlain = code >= 33
      ? code <= 126 && code !== 61
      : (code === 32 || code === 9) && i < last;
    if (code > 0xFFFF) i++;
    const piece = isPlain ? String.fromCharCode(code) : hexOf(code);
    // One column stays free for the "=" of a soft line break, except at the end of the line.
    if (column + piece.length > (i >= last ? ENCODED_LINE : ENCODED_LINE - 1)) {
      out += "=\r\n";
      column = 0;
    }
    out += piece;
    column += piece.length;
  }
  return out;
}

/** `=XX` for each octet of a character; a lone surrogate counts as U+FFFD. */
export function hexOf(code: number): string {
  if (code < 128) return "=" + HEX[code]!;
  let out = "";
  for (const byte of encoder.encode(String.fromCodePoint(code))) out += "=" + HEX[byte]!;
  return out;
}

/** Base64 in lines of 76 with CRLF, ending with CRLF (RFC 2045, 6.8). */
export function base64Lines(bytes: Uint8Array): string {
  const text = base64(bytes);
  return text === "" ? "" : text.replace(/.{1,76}/g, "$&\r\n");
}

/** Base64 in one line. */
export function base64(bytes: Uint8Array): string {
  let binary = "";
  // As arguments of one call, 32 K octets stay well within any engine's stack.
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(binary);
}
