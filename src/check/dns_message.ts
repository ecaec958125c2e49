/**
 * Questions and answers of the DNS as they go over the wire (RFC 1035, 4; RFC 6891 for longer answers over UDP).
 *
 * @module
 */

/** The types of records that are asked for (RFC 1035, 3.2.2; RFC 3596). */
export const TYPES = { A: 1, CNAME: 5, MX: 15, TXT: 16, AAAA: 28 } as const;

export type RecordType = keyof typeof TYPES;

/** One record of an answer. */
export interface DnsRecord {
  /** In lower case, without the dot at the end. */
  readonly name: string;
  /** A number, as there are more types than those of `TYPES`. */
  readonly type: number;
  /** An address, a text (its strings joined), a domain name; of MX the preference, a blank and the name. */
  readonly data: string;
}

/** An answer, read. */
export interface DnsReply {
  readonly id: number;
  /** RFC 1035, 4.1.1: 0 no error, 2 server failure, 3 no such name, 5 refused. */
  readonly code: number;
  /** It did not fit: to be asked for over TCP. */
  readonly truncated: boolean;
  readonly question: { readonly name: string; readonly type: number } | undefined;
  readonly answers: readonly DnsRecord[];
}

/** Largest answer over UDP that is asked for: it fits a packet of IPv6 unbroken (DNS flag day 2020). */
const UDP_PAYLOAD = 1232;
const OPT = 41;
const HEADER = 12;
/** Octets of a name, RFC 1035, 2.3.4. */
const LONGEST_NAME = 255;
/** More pointers than a name of 127 labels can need: a reply that goes round in circles ends. */
const MOST_POINTERS = 128;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A question with recursion desired; undefined where `name` is no name: empty or long labels. */
export function encodeQuestion(id: number, name: string, type: RecordType): Uint8Array | undefined {
  const labels = encodeName(name);
  if (labels === undefined) return undefined;
  return Uint8Array.from([
    ...[id >> 8, id & 255, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1],
    ...labels,
    ...[0, TYPES[type], 0, 1],
    // The OPT pseudo-record: root, its type, the payload where others have their class, no flags, no data.
    ...[0, 0, OPT, UDP_PAYLOAD >> 8, UDP_PAYLOAD & 255, 0, 0, 0, 0, 0, 0],
  ]);
}

/** A name as labels with their lengths (RFC 1035, 3.1). */
export function encodeName(name: string): Uint8Array | undefined {
  const labels = (name.endsWith(".") ? name.slice(0, -1) : name).split(".")
    .map((label) => encoder.encode(label));
  if (labels.some(({ length }) => length === 0 || length > 63)) return undefined;
  const bytes = [...labels.flatMap((label) => [label.length, ...label]), 0];
  return bytes.length <= LONGEST_NAME ? Uint8Array.from(bytes) : undefined;
}

/** Reads a reply; undefined where the bytes are none. */
export function decodeReply(bytes: Uint8Array): DnsReply | undefined {
  try {
    return new Reader(bytes).reply();
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Reads front to back; past the end it throws a RangeError, as `DataView` does. */
class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  reply(): DnsReply | undefined {
    const [id, flags, questions, count] = [this.#u16(), this.#u16(), this.#u16(), this.#u16()];
    const isReply = (flags & 0x8000) !== 0 && questions <= 1;
    if (!isReply) return undefined;
    this.#at = HEADER;
    const question = questions === 0 ? undefined : this.#question();
    const truncated = (flags & 0x0200) !== 0;
    // What is left of a truncated answer is of no use: it is asked for again.
    const answers = truncated ? [] : Array.from({ length: count }, () => this.#record());
    return { id, code: flags & 15, truncated, question, answers };
  }

  #question(): { name: string; type: number } {
    const name = this.#name();
    const type = this.#u16();
    this.#u16();
    return { name, type };
  }

  #record(): DnsRecord {
    const name = this.#name();
    const type = this.#u16();
    this.#at += 6; // class and time to live
    const length = this.#u16();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError("Record goes beyond the reply");
    const data = this.#data(type, end);
    this.#at = end;
    return { name, type, data };
  }

  #data(type: number, end: number): string {
    switch (type) {
      case TYPES.A:
        return this.#bytes.subarray(this.#at, end).join(".");
      case TYPES.AAAA:
        return Array.from({ length: 8 }, () => this.#u16().toString(16)).join(":");
      case TYPES.MX:
        return `${this.#u16()} ${this.#name()}`;
      case TYPES.CNAME:
        return this.#name();
      case TYPES.TXT:
        return this.#text(end);
      default:
        return "";
    }
  }

  /** Strings are joined without anything between them (RFC 7208, 3.3; RFC 6376, 3.6.2.2). */
  #text(end: number): string {
    const parts: number[] = [];
    while (this.#at < end) {
      const length = this.#bytes[this.#at]!;
      parts.push(...this.#bytes.subarray(this.#at + 1, Math.min(end, this.#at + 1 + length)));
      this.#at += 1 + length;
    }
    return decoder.decode(Uint8Array.from(parts));
  }

  /** A name, which may end in a pointer to an earlier one (RFC 1035, 4.1.4). The root is "". */
  #name(): string {
    const labels: string[] = [];
    let after: number | undefined;
    for (let pointers = 0;;) {
      const length = this.#view.getUint8(this.#at++);
      if (length === 0) break;
      if (length < 64) {
        if (this.#at + length > this.#bytes.length) throw new RangeError("Name is cut off");
        labels.push(decoder.decode(this.#bytes.subarray(this.#at, this.#at + length)));
        this.#at += length;
        continue;
      }
      const target = (length & 63) << 8 | this.#view.getUint8(this.#at++);
      after ??= this.#at;
      if (++pointers > MOST_POINTERS) throw new RangeError("Name has no end");
      this.#at = target;
    }
    if (after !== undefined) this.#at = after;
    return labels.join(".").toLowerCase();
  }

  #u16(): number {
    const value = this.#view.getUint16(this.#at);
    this.#at += 2;
    return value;
  }
}
