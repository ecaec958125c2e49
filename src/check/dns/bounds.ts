/**
 * Checks a DNS reply before any of it is decoded, so that the time and memory it takes are in proportion to its length, no
 * matter who wrote it.
 *
 * @module
 */

/** The types of records that are read (RFC 1035, 3.2.2; RFC 3596). */
export const TYPES = { A: 1, CNAME: 5, MX: 15, TXT: 16, AAAA: 28 } as const;

const HEADER = 12;
/** Type, class, time to live and length of data, between a record's name and its data. */
const FIXED = 10;
/** The most octets of a name, with the lengths of its labels (RFC 1035, 2.3.4). */
const LONGEST_NAME = 255;
/** The most labels that a name can have. */
const MAX_POINTERS = 127;
/** A large domain publishes about a hundred TXT records. */
const MAX_RECORDS = 1_000;
/** For private use (RFC 6895, 3.1): decoders leave data of this type alone. */
const OPAQUE = 0xff00;
const DOT = ".".charCodeAt(0);

/**
 * The header, question and answers of a reply, without its other sections. Records of types not in `TYPES` are made opaque, so that
 * the bytes contain only what has been checked here.
 *
 * @returns undefined where the bytes are not a reply, or violate RFC 1035: names have at most 255 octets, pointers point backwards,
 * and each record fills its length. The answers of a truncated reply are omitted.
 */
export function boundedReply(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  if (bytes.length < HEADER) return undefined;
  const copy = Uint8Array.from(bytes);
  const view = new DataView(copy.buffer);
  const [flags, questions, answers] = [view.getUint16(2), view.getUint16(4), view.getUint16(6)];
  const isReply = (flags & 0x8000) !== 0 && (flags & 0x7800) === 0;
  const isTruncated = (flags & 0x0200) !== 0;
  if (!isReply || questions > 1 || answers > MAX_RECORDS) return undefined;
  let at: number | undefined = HEADER;
  if (questions === 1) at = afterQuestion(view, at);
  for (let left = isTruncated ? 0 : answers; left > 0 && at !== undefined; left--) {
    at = afterRecord(view, at);
  }
  if (at === undefined) return undefined;
  if (isTruncated) view.setUint16(6, 0);
  view.setUint32(8, 0);
  return copy.subarray(0, at);
}

function afterQuestion(view: DataView, start: number): number | undefined {
  const at = afterName(view, start);
  return at === undefined || at + 4 > view.byteLength ? undefined : at + 4;
}

function afterRecord(view: DataView, start: number): number | undefined {
  const at = afterName(view, start);
  if (at === undefined || at + FIXED > view.byteLength) return undefined;
  const data = at + FIXED;
  const end = data + view.getUint16(at + 8);
  if (end > view.byteLength) return undefined;
  const type = view.getUint16(at);
  const filled = endOfData(view, type, data, end);
  if (filled === "opaque") view.setUint16(at, OPAQUE);
  return filled === "opaque" || filled === end ? end : undefined;
}

/** Where the data of a record ends, according to itself. */
function endOfData(
  view: DataView,
  type: number,
  at: number,
  end: number,
): number | undefined | "opaque" {
  switch (type) {
    case TYPES.A:
      return at + 4;
    case TYPES.AAAA:
      return at + 16;
    case TYPES.CNAME:
      return afterName(view, at);
    case TYPES.MX:
      return afterName(view, at + 2);
    case TYPES.TXT:
      return afterStrings(view, at, end);
    default:
      return "opaque";
  }
}

/** One or more strings with their lengths (RFC 1035, 3.3.14). */
function afterStrings(view: DataView, start: number, end: number): number | undefined {
  let at = start;
  while (at < end) at += 1 + view.getUint8(at);
  return at === start ? undefined : at;
}

/** A name, which can end in a pointer to an earlier one (RFC 1035, 4.1.4). */
function afterName(view: DataView, start: number): number | undefined {
  let after: number | undefined;
  let octets = 1;
  let pointers = 0;
  for (let at = start, from = start; at < view.byteLength;) {
    const length = view.getUint8(at);
    if (length === 0) return after ?? at + 1;
    if (length < 0x40) {
      octets += 1 + length;
      if (octets > LONGEST_NAME || hasDot(view, at + 1, length)) return undefined;
      at += 1 + length;
      continue;
    }
    if (length < 0xc0 || at + 2 > view.byteLength || ++pointers > MAX_POINTERS) return undefined;
    after ??= at + 2;
    at = view.getUint16(at) & 0x3fff;
    if (at >= from || at < HEADER) return undefined;
    from = at;
  }
  return undefined;
}

/** A label with a dot in it reads as two; names of hosts and mail domains have none. */
function hasDot(view: DataView, start: number, length: number): boolean {
  const end = Math.min(start + length, view.byteLength);
  for (let at = start; at < end; at++) if (view.getUint8(at) === DOT) return true;
  return false;
}
