import { LONGEST_LINE } from "./encode.ts";

/** A mail in a file, in a form that another can contain (RFC 2046, 5.2.1). */
export interface AttachedMessage {
  /** With CRLF line ends; no NUL, and no line longer than RFC 5322, 2.1.1 allows. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly encoding: "7bit" | "8bit";
}

const [NUL, LF, CR] = [0, 10, 13];

/**
 * The mail that a file holds, its line ends CRLF, for message/rfc822, which is never encoded: it is 7bit or 8bit.
 *
 * Undefined if that is impossible: for a NUL, a bare CR or a line over 998 octets, and for what is not a mail by RFC 2046,
 * 5.2.1 (no From, Subject or Date) or has non-ASCII in its header, which is message/global (RFC 6532, 3.7).
 */
export function attachedMessage(file: Uint8Array): AttachedMessage | undefined {
  let [bareLf, lineStart] = [0, 0];
  let isAscii = true;
  for (let at = 0; at <= file.length; at++) {
    const octet = file[at];
    if (octet === NUL || (octet === CR && file[at + 1] !== LF)) return undefined;
    if (octet === LF || octet === undefined) {
      const isCrlf = octet === LF && at > 0 && file[at - 1] === CR;
      if (at - lineStart - (isCrlf ? 1 : 0) > LONGEST_LINE) return undefined;
      if (octet === LF && !isCrlf) bareLf++;
      lineStart = at + 1;
    } else if (octet > 127) isAscii = false;
  }
  if (!hasHeader(file)) return undefined;
  return { bytes: withCrlf(file, bareLf), encoding: isAscii ? "7bit" : "8bit" };
}

/** Returns whether the file begins with header lines in ASCII, one of them a field that every mail has. */
function hasHeader(file: Uint8Array): boolean {
  let isMail = false;
  let isFirst = true;
  for (let start = 0; start < file.length;) {
    const found = file.indexOf(LF, start);
    const end = found < 0 ? file.length : found;
    const line = String.fromCharCode(...file.subarray(start, end)).replace(/\r$/, "");
    if (line === "") break;
    if (/[^\0-\x7F]/.test(line)) return false;
    const isField = /^[!-9;-~]+[ \t]*:/.test(line) || (!isFirst && /^[ \t]/.test(line));
    if (!isField) return false;
    isMail ||= /^(?:from|subject|date)[ \t]*:/i.test(line);
    isFirst = false;
    start = end + 1;
  }
  return isMail;
}

function withCrlf(file: Uint8Array, bareLf: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(file.length + bareLf);
  if (bareLf === 0) {
    bytes.set(file);
    return bytes;
  }
  let to = 0;
  for (let at = 0; at < file.length; at++) {
    if (file[at] === LF && (at === 0 || file[at - 1] !== CR)) bytes[to++] = CR;
    bytes[to++] = file[at]!;
  }
  return bytes;
}
