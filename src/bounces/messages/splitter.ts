const LF = 0x0a;
const EMPTY = new Uint8Array(0);

/**
 * Bytes of a message that are kept. A report's own parts, and the header of the mail it returns, come first; what is cut
 * off is the end of the returned mail.
 */
export const MOST_KEPT = 1024 * 1024;

/** Octets of a line that are looked at to tell how it begins; RFC 5322, 2.1.1, allows lines of 998. */
const LINE_HEAD = 998;

/** "From MAILER-DAEMON Tue Nov 24 03:49:13 2026", also with a zone (RFC 4155, and what writes mbox files). */
const SEPARATOR = /^From \S.* \d{1,2}:\d\d(?::\d\d)?(?: .*)? \d{4}\b/;
/** A line of a message that began with "From ", quoted once or more (mboxrd). */
const QUOTED = /^>+From /;

/** A message as cut out of its source. */
export interface Cut {
  readonly bytes: Uint8Array;
  /** Bytes it had; more than are kept where it is long. */
  readonly length: number;
}

/**
 * Cuts a stream into messages: at the "From " lines of an mbox file, or, where the first line is none, not at all. Keeps no
 * more than `MOST_KEPT` bytes whatever comes, a line without end too.
 */
export class Splitter {
  #format: "unknown" | "mbox" | "single" = "unknown";
  /** The beginning of a line whose end has not come yet. */
  #head: Uint8Array = EMPTY;
  /** What is left of the present line goes to the message unseen. */
  #isInLine = false;
  #kept = new Uint8Array(16 * 1024);
  #length = 0;

  /** Takes the next bytes; yields the messages that they end. */
  *push(chunk: Uint8Array): Generator<Cut> {
    for (let at = 0; at < chunk.length;) {
      const lf = chunk.indexOf(LF, at);
      const end = lf < 0 ? chunk.length : lf + 1;
      const piece = chunk.subarray(at, end);
      at = end;
      if (this.#isInLine) this.#keep(piece);
      else {
        this.#head = this.#head.length === 0 ? piece : joined(this.#head, piece);
        if (lf < 0 && this.#head.length < LINE_HEAD) continue;
        yield* this.#line(this.#head);
        this.#head = EMPTY;
      }
      this.#isInLine = lf < 0;
    }
    // The chunk's memory is its reader's.
    this.#head = this.#head.slice();
  }

  /** The last message. A source without a single byte is one message, an empty one. */
  *end(): Generator<Cut> {
    if (this.#head.length > 0) yield* this.#line(this.#head);
    yield this.#take();
  }

  *#line(line: Uint8Array): Generator<Cut> {
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
    const wanted = Math.min(this.#length + bytes.length, MOST_KEPT);
    if (wanted > this.#length) {
      if (wanted > this.#kept.length) {
        const larger = new Uint8Array(Math.min(MOST_KEPT, Math.max(wanted, 2 * this.#kept.length)));
        larger.set(this.#kept.subarray(0, this.#length));
        this.#kept = larger;
      }
      this.#kept.set(bytes.subarray(0, wanted - this.#length), this.#length);
    }
    this.#length += bytes.length;
  }

  #take(): Cut {
    const length = this.#length;
    this.#length = 0;
    return { bytes: this.#kept.slice(0, Math.min(length, MOST_KEPT)), length };
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

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
