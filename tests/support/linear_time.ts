import assert from "node:assert/strict";

/** Work that grows with the square of 100,000 characters takes thousands of times as long; a busy machine, a few times. */
const MOST_TIMES = 50;
/** A single slow run can be the machine's fault, but not one slower than this. */
const RUNS = 3;
const HOPELESS_TIMES = 10 * MOST_TIMES;

/** Compares work on texts designed to be slow with the same work on an ordinary text. */
export class LinearTime<T> {
  readonly #work: (text: string) => T | Promise<T>;
  readonly #ordinary: string;
  #msPerCharacter: number | undefined;

  constructor(work: (text: string) => T | Promise<T>, ordinary: string) {
    this.#work = work;
    this.#ordinary = ordinary;
  }

  /** Asserts that a text takes no longer than `MOST_TIMES` ordinary ones of its length. Returns the result. */
  async assert(text: string, what: string): Promise<T> {
    const usual = await this.#usual() * text.length;
    for (let run = 1;; run++) {
      const { ms, result } = await this.#timed(text);
      const times = ms / usual;
      if (times <= MOST_TIMES) return result;
      if (run === RUNS || times > HOPELESS_TIMES) {
        assert.fail(`${what} takes ${times.toFixed()} times as long`);
      }
    }
  }

  async #usual(): Promise<number> {
    if (this.#msPerCharacter === undefined) {
      const runs = [await this.#timed(this.#ordinary), await this.#timed(this.#ordinary)];
      this.#msPerCharacter = Math.max(...runs.map(({ ms }) => ms)) / this.#ordinary.length;
    }
    return this.#msPerCharacter;
  }

  async #timed(text: string): Promise<{ readonly ms: number; readonly result: T }> {
    const begin = performance.now();
    const result = await this.#work(text);
    return { ms: performance.now() - begin, result };
  }
}
