/** The bytes of a mail on their way to the wire: what is allowed in them, and dot-stuffing. */

const NUL = 0;
const LF = 10;
const CR = 13;
const DOT = 46;

/**
 * Checks a body before it is sent: CRLF line ends only, no bare CR or LF, no NUL, and CRLF at the end.
 *
 * On a server that takes a bare LF for a line end, a body could end the mail and begin another one (SMTP smuggling,
 * CVE-2023-51764). So such bytes are never sent; they are a bug in the composer.
 *
 * @returns The number of lines that begin with a dot: usually none, so that the body can be copied unchanged.
 * @throws TypeError that names the offset of the first offending byte.
 */
export function inspectBody(bytes: Uint8Array): number {
  const { length } = bytes;
  let dots = 0;
  let previous = LF; // the first byte begins a line
  for (let at = 0; at < length; at++) {
    const byte = bytes[at]!;
    if (byte === DOT) {
      if (previous === LF) dots++;
    } else if (byte < 14 && !soundControl(byte, previous, at)) {
      throw unsound(at);
    }
    if (previous === CR && byte !== LF) throw unsound(at - 1);
    previous = byte;
  }
  if (previous !== LF || length === 0) {
    throw new TypeError("Cannot send a mail because its bytes do not end with CRLF");
  }
  return dots;
}

/** Allows LF only after CR, and no NUL; the composer is responsible for all other controls. */
function soundControl(byte: number, previous: number, at: number): boolean {
  if (byte === LF) return previous === CR && at > 0;
  return byte !== NUL;
}

function unsound(at: number): TypeError {
  return new TypeError(
    `Cannot send a mail because it contains a bare CR, a bare LF or a NUL: byte ${at}`,
  );
}

/**
 * Copies a sound body into `target` at `offset`, with a dot added before every line that begins with one (RFC 5321, 4.5.2).
 *
 * @param dots As counted by `inspectBody()`.
 * @returns The offset after the copy, which has `bytes.length + dots` bytes.
 */
export function copyStuffed(
  bytes: Uint8Array,
  dots: number,
  target: Uint8Array,
  offset: number,
): number {
  let from = 0;
  let to = offset;
  for (let left = dots; left > 0;) {
    const dot = bytes.indexOf(DOT, from);
    if (dot > 0 && bytes[dot - 1] !== LF) {
      target.set(bytes.subarray(from, dot + 1), to);
      to += dot + 1 - from;
    } else {
      target.set(bytes.subarray(from, dot), to);
      to += dot - from;
      target[to++] = DOT;
      target[to++] = DOT;
      left--;
    }
    from = dot + 1;
  }
  target.set(from === 0 ? bytes : bytes.subarray(from), to);
  return to + bytes.length - from;
}
