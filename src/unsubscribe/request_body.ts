import type { RequestRefusal } from "./refusal.ts";

/**
 * The most octets of a body: a multipart form takes some hundreds, any other thirty. Not much more, as the time that Deno's form
 * parser takes grows with the square of the size.
 */
const MAX_BODY = 2 * 1024;
/** The most octets around the chunks of a body: their sizes, extensions and trailers. */
const MAX_FRAMING = 8 * 1024;

const WRONG_CHUNK: RequestRefusal = { status: 400, reason: "Invalid chunk in the body" };
const TOO_LARGE: RequestRefusal = { status: 413, reason: "Too large; nothing has changed" };

/** Assembles the body of a request, with one character for each octet. */
export abstract class BodyReader {
  text = "";

  /** The reader for the length in the headers (RFC 9112, 6.3), or why there is none. */
  static of(headers: Headers): BodyReader | RequestRefusal {
    const coding = headers.get("transfer-encoding");
    const length = headers.get("content-length");
    if (coding !== null && length !== null) {
      return { status: 400, reason: "The body has two lengths" };
    }
    if (coding !== null) {
      return coding.toLowerCase() === "chunked"
        ? new ChunkedBody()
        : { status: 501, reason: "Unknown transfer coding" };
    }
    if (length === null) return new SizedBody(0);
    if (!/^\d{1,15}$/.test(length)) return { status: 400, reason: "Invalid Content-Length" };
    return Number(length) > MAX_BODY ? TOO_LARGE : new SizedBody(Number(length));
  }

  abstract readonly isWhole: boolean;
  abstract take(octets: string): RequestRefusal | undefined;
}

class SizedBody extends BodyReader {
  readonly #length: number;

  constructor(length: number) {
    super();
    this.#length = length;
  }

  get isWhole(): boolean {
    return this.text.length === this.#length;
  }

  /** What follows the body would be another request: a connection carries only one. */
  take(octets: string): undefined {
    this.text += octets.slice(0, this.#length - this.text.length);
  }
}

/** RFC 9112, 7.1. */
class ChunkedBody extends BodyReader {
  #unread = "";
  #framing = 0;
  /** Octets of the chunk that have not arrived yet. */
  #left = 0;
  #next: "size" | "data" | "data-end" | "trailer" | "nothing" = "size";

  get isWhole(): boolean {
    return this.#next === "nothing";
  }

  take(octets: string): RequestRefusal | undefined {
    this.#unread += octets;
    while (this.#next !== "nothing") {
      if (this.#next === "data") {
        if (this.#unread === "") return undefined;
        this.#takeData();
        continue;
      }
      const line = this.#takeLine();
      const framing = this.#framing + (line === undefined ? this.#unread.length : 0);
      if (framing > MAX_FRAMING) return TOO_LARGE;
      if (line === undefined) return undefined;
      const refusal = this.#interpret(line);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  #takeData(): void {
    const data = this.#unread.slice(0, this.#left);
    this.text += data;
    this.#unread = this.#unread.slice(data.length);
    this.#left -= data.length;
    if (this.#left === 0) this.#next = "data-end";
  }

  #takeLine(): string | undefined {
    const end = this.#unread.indexOf("\r\n");
    if (end < 0) return undefined;
    const line = this.#unread.slice(0, end);
    this.#unread = this.#unread.slice(end + 2);
    this.#framing += end + 2;
    return line;
  }

  #interpret(line: string): RequestRefusal | undefined {
    switch (this.#next) {
      case "size": {
        const size = /^([0-9a-f]{1,8})[ \t]*(?:;.*)?$/i.exec(line)?.[1];
        if (size === undefined) return WRONG_CHUNK;
        this.#left = parseInt(size, 16);
        if (this.text.length + this.#left > MAX_BODY) return TOO_LARGE;
        this.#next = this.#left === 0 ? "trailer" : "data";
        return undefined;
      }
      case "data-end":
        if (line !== "") return WRONG_CHUNK;
        this.#next = "size";
        return undefined;
      default:
        if (line === "") this.#next = "nothing";
        return undefined;
    }
  }
}
