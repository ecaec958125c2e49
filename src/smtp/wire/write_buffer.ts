import { copyStuffed } from "./body.ts";
import { FINAL_DOT } from "./command.ts";
import type { Connection } from "./connection.ts";

/** Holds a group of ten mails of 1 kB; it grows for larger ones. */
const FIRST_BUFFER = 16 * 1024;

/** Bodies up to this size are copied into the group; larger ones are written from where they are. */
const COPY_UP_TO = 64 * 1024;

/** A group larger than this is not added to. */
const GROUP_UP_TO = 256 * 1024;

/** Large bodies are written in slices, so that a refusal in the middle stops the rest. */
const SLICE = 64 * 1024;

const encoder = new TextEncoder();

/**
 * Gathers what is to be written on one connection, so that commands and bodies that are ready together leave in one write
 * (RFC 2920, 3.1).
 *
 * Two buffers take turns: one is written while the other gathers.
 */
export class WriteBuffer {
  #position: number;
  readonly #connection: Connection;
  readonly #written: () => void;
  #gathering = new Uint8Array(FIRST_BUFFER);
  #used = 0;
  #spare = new Uint8Array(FIRST_BUFFER);
  /** Written before what is being gathered. */
  #pieces: Uint8Array[] = [];
  #writing = false;

  /** @param written Called when everything added so far has been written. */
  constructor(connection: Connection, written: () => void) {
    this.#connection = connection;
    this.#written = written;
    this.#position = connection.maybeSent;
  }

  /** The offset in the stream of the next byte added here. */
  get position(): number {
    return this.#position;
  }

  /** Adds one or more command lines. */
  command(text: string): void {
    // UTF-8 needs up to three bytes for a UTF-16 unit.
    this.#reserve(text.length * 3);
    this.#advance(encoder.encodeInto(text, this.#gathering.subarray(this.#used)).written);
  }

  /** Adds a sound body (see `inspectBody()`), dot-stuffed, and the final dot. */
  body(bytes: Uint8Array, dots: number): void {
    const length = bytes.length + dots;
    if (length <= COPY_UP_TO) {
      this.#reserve(length);
      copyStuffed(bytes, dots, this.#gathering, this.#used);
      this.#advance(length);
    } else if (dots === 0) {
      this.#large(bytes);
    } else {
      const stuffed = new Uint8Array(length);
      copyStuffed(bytes, dots, stuffed, 0);
      this.#large(stuffed);
    }
    this.command(FINAL_DOT);
  }

  /** Adds a chunk as it is (RFC 3030). */
  chunk(bytes: Uint8Array): void {
    if (bytes.length > COPY_UP_TO) return this.#large(bytes);
    this.#reserve(bytes.length);
    this.#gathering.set(bytes, this.#used);
    this.#advance(bytes.length);
  }

  /** Writes what has been added; what is added during a write leaves with the next one. */
  flush(): void {
    if (!this.#writing && (this.#used > 0 || this.#pieces.length > 0)) void this.#write();
  }

  /** Discards what has been added and is not being written. */
  drop(): void {
    this.#pieces = [];
    this.#used = 0;
  }

  async #write(): Promise<void> {
    this.#writing = true;
    let alive = true;
    while (alive && (this.#used > 0 || this.#pieces.length > 0)) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        alive = await this.#connection.write(piece);
        continue;
      }
      const group = this.#gathering;
      const length = this.#used;
      this.#gathering = this.#spare;
      this.#used = 0;
      alive = await this.#connection.write(group.subarray(0, length));
      this.#spare = group;
    }
    this.#writing = false;
    if (alive) this.#written();
  }

  #large(bytes: Uint8Array): void {
    this.#seal(FIRST_BUFFER);
    for (let at = 0; at < bytes.length; at += SLICE) {
      this.#pieces.push(bytes.subarray(at, at + SLICE));
    }
    this.#position += bytes.length;
  }

  #reserve(length: number): void {
    if (this.#used + length <= this.#gathering.length) return;
    if (this.#used > GROUP_UP_TO) return this.#seal(length);
    const larger = new Uint8Array(Math.max(this.#gathering.length * 2, this.#used + length));
    larger.set(this.#gathering.subarray(0, this.#used));
    this.#gathering = larger;
  }

  /** Turns what has been gathered into a piece, and starts a new buffer. */
  #seal(length: number): void {
    if (this.#used > 0) this.#pieces.push(this.#gathering.subarray(0, this.#used));
    this.#gathering = new Uint8Array(Math.max(length, FIRST_BUFFER));
    this.#used = 0;
  }

  #advance(length: number): void {
    this.#used += length;
    this.#position += length;
  }
}
