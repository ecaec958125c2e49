const encoder = new TextEncoder();

/** Longest line of any mail in octets, without CRLF (RFC 5322, 2.1.1). */
export const LONGEST_LINE = 998;

/** LF as CRLF. */
export function withCrlf(text: string): string {
  return text.replaceAll("\n", "\r\n");
}

/**
 * Text with LF line ends only: CRLF and a bare CR become LF, other control characters except TAB are removed (RFC 5322,
 * 2.3 and 4 allow none of them).
 */
export function cleanText(text: string): string {
  // deno-lint-ignore no-control-regex
  if (!/[\0-\x08\x0B-\x1F\x7F]/.test(text)) return text;
  // deno-lint-ignore no-control-regex
  return text.replace(/\r\n?/g, "\n").replace(/[\0-\x08\x0B-\x1F\x7F]/g, "");
}

/** Returns whether no line of `text` is longer than RFC 5322 allows, in octets of UTF-8. */
export function hasShortLines(text: string): boolean {
  // A UTF-16 unit has at most three octets.
  if (text.length * 3 <= LONGEST_LINE) return true;
  return text.split("\n").every((line) =>
    line.length * 3 <= LONGEST_LINE ||
    (line.length <= LONGEST_LINE && encoder.encode(line).length <= LONGEST_LINE)
  );
}

/** Base64 in lines of 76 with CRLF, ending with CRLF (RFC 2045, 6.8). */
export function base64Lines(bytes: Uint8Array): string {
  const text = base64(bytes);
  return text === "" ? "" : text.replace(/.{1,76}/g, "$&\r\n");
}

/** Base64 in one line. */
export function base64(bytes: Uint8Array): string {
  let binary = "";
  // Octet by octet is faster for a name; a file goes in pieces small enough to be arguments in any engine.
  if (bytes.length <= 128) {
    for (let i = 0; i < bytes.length; i++) binary += String.fromCharCode(bytes[i]!);
    return btoa(binary);
  }
  for (let i = 0; i < bytes.length; i += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return btoa(binary);
}

/** Returns whether `text` is ASCII, as 7bit bodies and SMTP without SMTPUTF8 require. */
export function isAscii(text: string): boolean {
  return !/[^\0-\x7F]/.test(text);
}
