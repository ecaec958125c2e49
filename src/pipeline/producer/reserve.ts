import type { Job } from "../../model/recipient.ts";

/** Holds back the last few recipients until the end of the list; the others pass through in order. */
export class Reserve {
  readonly #held: Job[] = [];
  readonly #most: number;

  /** @param most how many it holds back; 0 for none */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#held.length;
  }

  /** Adds a recipient and returns those to be offered now. */
  holdBack(job: Job): readonly Job[] {
    this.#held.push(job);
    return this.#held.splice(0, Math.max(0, this.#held.length - this.#most));
  }

  /** Removes and returns the first `count` of them, by default all. */
  take(count: number = this.#held.length): readonly Job[] {
    return this.#held.splice(0, count);
  }
}
