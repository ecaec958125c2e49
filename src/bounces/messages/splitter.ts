import { concatBytes } from "../../list/records/lines.ts";

const LF = 0x0a;
const EMPTY = new Uint8Array(0);

/**
 * How many bytes of a message are kept. A report's own parts and the header of the mail it returns come first; what is cut off is
 * the end of the returned mail.
 */
export const MAX_KEPT = 1024 * 1024;

/** How many octets of a line are examined; RFC 5322, 2.1.1 allows 998. */
const LINE_HEAD = 998;

/** "From MAILER-DAEMON Tue Nov 24 03:49:13 2026", possibly with a time zone (RFC 4155, and programs that write mbox files). */
const SEPARATOR = /^From \S.* \d{1,2}:\d\d(?::\d\d)?(?: .*)? \d{4}\b/;
/** A line of a message that began with "From ", quoted once or more (mboxrd). */
const QUOTED = /^>+From /;

/** A message, cut out of its source. */
export interface SplitMessage {
  readonly bytes: Uint8Array;
  /** Bytes of the whole message; more than `bytes` where it is long. */
  readonly length: number;
}

/**
 * Cuts a stream into messages at the "From " lines of an mbox file; where the first line is not one, it is one message. Keeps at
 * most `MAX_KEPT` bytes, even of an endless line.
 */
export class Splitter {
  #format: "unknown" | "mbox" | "single" = "unknown";
  /** The beginning of a line whose end has not arrived yet. */
  #head: Uint8Array = EMPTY;
  /** The rest of the current line goes into the message unexamined. */
  #isInLine = false;
  #kept = new Uint8Array(16 * 1024);
  #length = 0;

  /** Takes the next bytes; yields the messages that they complete. */
  *push(chunk: Uint8Array): Generator<SplitMessage> {
    for (let at = 0; at < chunk.length;) {
      const lf = chunk.indexOf(LF, at);
      const end = lf < 0 ? chunk.length : lf + 1;
      const piece = chunk.subarray(at, end);
      at = end;
      if (this.#isInLine) this.#keep(piece);
      else {
        this.#head = concatBytes(this.#head, piece);
        if (lf < 0 && this.#head.length < LINE_HEAD) continue;
        yield* this.#line(this.#head);
        this.#head = EMPTY;
      }
      this.#isInLine = lf < 0;
    }
    // The chunk's memory belongs to its reader.
    this.#head = this.#head.slice();
  }

  /** Yields the last message. A source without a single byte is one empty message. */
  *end(): Generator<SplitMessage> {
    if (this.#head.length > 0) yield* this.#line(this.#head);
    yield this.#take();
  }

  *#line(line: Uint8Array): Generator<SplitMessage> {
    const first = line[0];
    if (this.#format === "unknown") {
      if (isBlankLine(line)) return;
      this.#format = isSeparator(line) ? "mbox" : "single";
      if (this.#format === "mbox") return;
    }
    if (this.#format === "mbox") {
      if (first === 0x46 && isSeparator(line)) return yield this.#take();
      if (first === 0x3e && QUOTED.test(latin1(line))) return this.#keep(line.subarray(1));
    }
    this.#keep(line);
  }

  #keep(bytes: Uint8Array): void {
    const wanted = Math.min(this.#length + bytes.length, MAX_KEPT);
    if (wanted > this.#length) {
      if (wanted > this.#kept.length) {
        const larger = new Uint8Array(Math.min(MAX_KEPT, Math.max(wanted, 2 * this.#kept.length)));
        larger.set(this.#kept.subarray(0, this.#length));
        this.#kept = larger;
      }
      this.#kept.set(bytes.subarray(0, wanted - this.#length), this.#length);
    }
    this.#length += bytes.length;
  }

  #take(): SplitMessage {
    const length = this.#length;
    this.#length = 0;
    return { bytes: this.#kept.slice(0, Math.min(length, MAX_KEPT)), length };
  }
}

function isBlankLine(line: Uint8Array): boolean {
  return line.every((byte) => byte === LF || byte === 0x0d);
}

function isSeparator(line: Uint8Array): boolean {
  return SEPARATOR.test(latin1(line));
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, LINE_HEAD));
}
