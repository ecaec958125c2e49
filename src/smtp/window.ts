/** Mails under way at the beginning: enough to use a round trip, few enough to be in doubt. */
const FIRST = 4;

/** Where nothing else is said. Each mail more is one more that can be in doubt. */
const LARGEST = 32;

/** A reply is prompt when it took no longer than this many times the fastest one. */
const PROMPT = 2;

/**
 * How many mails may be under way on one connection: one more for each window of prompt answers, half on trouble.
 *
 * Beyond what the round trip needs, a larger window only makes each answer slower; that is what stops it from growing.
 * Pure arithmetic: it is told how long answers took and knows no clock.
 */
export class Window {
  size: number;
  readonly #largest: number;
  #fastest = Infinity;
  #prompt = 0;

  constructor(largest = LARGEST) {
    if (!Number.isInteger(largest) || largest < 1) {
      throw new RangeError(`Window must be a whole number over 0: found ${largest}`);
    }
    this.#largest = largest;
    this.size = Math.min(FIRST, largest);
  }

  /** A mail was accepted this many ms after it was written. */
  accepted(latencyMs: number): void {
    this.#fastest = Math.min(this.#fastest, latencyMs);
    if (latencyMs > PROMPT * this.#fastest) return;
    if (++this.#prompt < this.size) return;
    this.#prompt = 0;
    if (this.size < this.#largest) this.size++;
  }

  /** The server wants less, for now (4yz). */
  trouble(): void {
    this.#prompt = 0;
    this.size = Math.max(1, Math.floor(this.size / 2));
  }
}
