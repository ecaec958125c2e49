import type { Reply } from "../../model/reply.ts";

/** Longest reply accepted, in bytes. RFC 5321, 4.5.3.1.5 allows 512 a line; real servers exceed that, but a reply must end. */
export const MAX_REPLY_BYTES = 64 * 1024;

/** Most lines accepted in one reply. */
export const MAX_REPLY_LINES = 1_000;

/** Characters that the message shows of a line that is no reply. */
const EXCERPT = 80;

const LF = 10;
const CR = 13;
const SPACE = 32;
const HYPHEN = 45;
const ZERO = 48;

/** Invalid bytes become U+FFFD; a byte order mark is a character like any other. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Class, subject and detail (RFC 3463, 2), followed by the text (RFC 2034, 4). */
const ENHANCED = /^([245]\.\d{1,3}\.\d{1,3})(?: |$)/;

/**
 * Turns the bytes of a connection into replies, however they are split.
 *
 * Pure: it knows neither socket nor clock. The work is linear in the number of bytes. A line is decoded when it is whole, so
 * that a character split between two packets comes out right. Lines may end in a bare LF.
 */
export class ReplyParser {
  #fault: string | undefined;
  #secrets: readonly string[] = [];
  #held = new Uint8Array(256);
  #heldLength = 0;
  #lines: string[] = [];
  #code = 0;
  /** Bytes of the reply's lines so far, without line ends. */
  #size = 0;

  /** What is wrong with the bytes (RFC 5321, 4.2). Once something is, nothing more is read. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** A reply has begun and is not complete. */
  get midReply(): boolean {
    return this.#heldLength > 0 || this.#lines.length > 0;
  }

  /** Removes these texts from all that may be shown from now on: a server may repeat what it was told. */
  hide(secrets: readonly string[]): void {
    this.#secrets = [...this.#secrets, ...secrets.filter((secret) => secret !== "")];
  }

  /** Takes the next bytes and returns the replies they complete, in order. */
  push(bytes: Uint8Array): Reply[] {
    const replies: Reply[] = [];
    let start = 0;
    while (this.#fault === undefined) {
      const end = bytes.indexOf(LF, start);
      if (end === -1) break;
      const reply = this.#heldLength === 0
        ? this.#line(bytes, start, end)
        : this.#heldLine(bytes, start, end);
      if (reply !== undefined) replies.push(reply);
      start = end + 1;
    }
    if (this.#fault === undefined && start < bytes.length) this.#hold(bytes, start, bytes.length);
    return replies;
  }

  #heldLine(bytes: Uint8Array, start: number, end: number): Reply | undefined {
    if (!this.#hold(bytes, start, end)) return undefined;
    const length = this.#heldLength;
    this.#heldLength = 0;
    return this.#line(this.#held, 0, length);
  }

  /** Keeps a piece of a line until the rest comes. The buffer doubles, so that the work stays linear. */
  #hold(bytes: Uint8Array, start: number, end: number): boolean {
    const length = this.#heldLength + end - start;
    if (this.#size + length > MAX_REPLY_BYTES + 1) return this.#tooLong();
    if (length > this.#held.length) {
      const larger = new Uint8Array(Math.max(length, this.#held.length * 2));
      larger.set(this.#held.subarray(0, this.#heldLength));
      this.#held = larger;
    }
    this.#held.set(bytes.subarray(start, end), this.#heldLength);
    this.#heldLength = length;
    return true;
  }

  #tooLong(): false {
    this.#fault = `Reply is longer than ${MAX_REPLY_BYTES} bytes`;
    return false;
  }

  /** Takes one whole line without its LF. Returns the reply if this is its last line. */
  #line(bytes: Uint8Array, start: number, lf: number): Reply | undefined {
    const end = lf > start && bytes[lf - 1] === CR ? lf - 1 : lf;
    this.#size += end - start;
    if (this.#size > MAX_REPLY_BYTES) return void this.#tooLong();
    const code = codeAt(bytes, start, end);
    const mark = end - start > 3 ? bytes[start + 3] : SPACE;
    if (code === undefined || (mark !== SPACE && mark !== HYPHEN)) {
      const line = this.#withoutSecrets(decoder.decode(bytes.subarray(start, end)));
      this.#fault = `Not a reply: ${JSON.stringify(line.slice(0, EXCERPT))}`;
      return undefined;
    }
    const text = end - start > 4 ? decoder.decode(bytes.subarray(start + 4, end)) : "";
    if (this.#lines.length === 0) {
      if (mark === SPACE) {
        this.#size = 0;
        return this.#reply(code, [text]);
      }
      this.#code = code;
    } else if (code !== this.#code) {
      this.#fault = `Lines of one reply differ in code: ${this.#code} and ${code}`;
      return undefined;
    }
    this.#lines.push(text);
    if (mark === SPACE) return this.#finish();
    if (this.#lines.length >= MAX_REPLY_LINES) {
      this.#fault = `Reply has more than ${MAX_REPLY_LINES} lines`;
    }
    return undefined;
  }

  #finish(): Reply {
    const lines = this.#lines;
    this.#lines = [];
    this.#size = 0;
    return this.#reply(this.#code, lines);
  }

  #reply(code: number, lines: readonly string[]): Reply {
    const enhanced = enhancedOf(code, lines[0]!);
    const text = lines.length === 1
      ? withoutEnhanced(lines[0]!, enhanced)
      : lines.map((line) => withoutEnhanced(line, enhanced)).join(" ");
    return {
      code,
      enhanced,
      text: this.#withoutSecrets(text),
      lines: code < 400 ? lines : lines.map((line) => this.#withoutSecrets(line)),
    };
  }

  #withoutSecrets(text: string): string {
    let shown = text;
    for (const secret of this.#secrets) shown = shown.replaceAll(secret, "[secret]");
    return shown;
  }
}

/** Returns the code a line begins with; undefined if there is none from 2yz to 5yz (4.2.1). */
function codeAt(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end - start < 3) return undefined;
  const first = bytes[start]! - ZERO;
  const second = bytes[start + 1]! - ZERO;
  const third = bytes[start + 2]! - ZERO;
  if (first < 2 || first > 5 || second < 0 || second > 9 || third < 0 || third > 9) {
    return undefined;
  }
  return first * 100 + second * 10 + third;
}

/** The status counts only if its class is that of the code (RFC 2034, 4): "220 5.6.7 mail.example" has none. */
function enhancedOf(code: number, line: string): string | undefined {
  if (line.charCodeAt(1) !== 46 || line.charCodeAt(0) - ZERO !== Math.floor(code / 100)) {
    return undefined;
  }
  return ENHANCED.exec(line)?.[1];
}

function withoutEnhanced(line: string, enhanced: string | undefined): string {
  if (enhanced === undefined || !line.startsWith(enhanced)) return line;
  return line.slice(enhanced.length + 1);
}
