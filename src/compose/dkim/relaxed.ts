import { hash } from "node:crypto";
import { Buffer } from "node:buffer";

const [TAB, LF, CR, SPACE] = [9, 10, 13, 32] as const;

/** Room for the next mail to be a little larger. */
const SPARE = 16 * 1024;
let scratch = new Uint8Array(SPARE);

/** A header field in relaxed form (RFC 6376, 3.4.2). */
export interface Field {
  /** In lower case. */
  readonly name: string;
  /** `name:value` without CRLF; one character for each octet. */
  readonly line: string;
}

/** A mail taken apart for signing. */
export interface Relaxed {
  readonly fields: readonly Field[];
  /** SHA-256 of the body in relaxed form, in base64: `bh=`. */
  readonly bodyHash: string;
}

/** Converts a mail with CRLF line ends to relaxed form. */
export function relax(mail: Uint8Array): Relaxed {
  const end = endOfHeader(mail);
  return {
    fields: relaxedHeader(octets(mail.subarray(0, end))),
    bodyHash: hash("sha256", relaxedBody(mail.subarray(end + 2)), "base64"),
  };
}

/** The fields of a header (RFC 6376, 3.4.2): names in lower case, lines unfolded, white space as one space. */
export function relaxedHeader(header: string): Field[] {
  const fields: Field[] = [];
  for (const field of header.split(/\r\n(?![ \t])/)) {
    if (field === "") continue;
    const colon = field.indexOf(":");
    const name = withoutBlanks(field.slice(0, colon)).toLowerCase();
    let value = field.slice(colon + 1);
    if (/\r\n|\t| {2}/.test(value)) value = value.replaceAll("\r\n", "").replace(/[ \t]+/g, " ");
    fields.push({ name, line: `${name}:${withoutBlanks(value)}` });
  }
  return fields;
}

/**
 * A body in relaxed form (RFC 6376, 3.4.4): no white space at the end of a line, one space for any other, no empty lines at
 * the end. One pass over the octets.
 *
 * @returns A view that is valid until the next call.
 */
export function relaxedBody(body: Uint8Array): Uint8Array {
  const length = body.length;
  if (scratch.length < length + 2) scratch = new Uint8Array(length + SPARE);
  const out = scratch;
  let at = 0;
  /** After the last octet that is neither white space nor line end. */
  let end = 0;
  let blank = false;
  for (let i = 0; i < length; i++) {
    const octet = body[i]!;
    if (octet > SPACE) {
      if (blank) {
        out[at++] = SPACE;
        blank = false;
      }
      out[at++] = octet;
      end = at;
    } else if (octet === SPACE || octet === TAB) blank = true;
    else if (octet === CR && body[i + 1] === LF) {
      blank = false;
      out[at++] = CR;
      out[at++] = LF;
      i++;
    } else {
      if (blank) out[at++] = SPACE;
      blank = false;
      out[at++] = octet;
      end = at;
    }
  }
  if (end === 0) return out.subarray(0, 0);
  out[end] = CR;
  out[end + 1] = LF;
  return out.subarray(0, end + 2);
}

/** Where the empty line after the header begins, or the end of the mail if there is none. */
function endOfHeader(mail: Uint8Array): number {
  for (let at = mail.indexOf(CR); at >= 0; at = mail.indexOf(CR, at + 1)) {
    if (mail[at + 1] === LF && mail[at + 2] === CR && mail[at + 3] === LF) return at + 2;
  }
  return mail.length;
}

/** One character for each octet: a header may hold UTF-8 (RFC 6532), and its octets are what is signed. */
function octets(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

/** Not trim(), which also removes 0xA0: the last octet of "à". */
function withoutBlanks(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isSpaceOrTab(text.charCodeAt(start))) start++;
  while (end > start && isSpaceOrTab(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isSpaceOrTab(code: number): boolean {
  return code === SPACE || code === TAB;
}
