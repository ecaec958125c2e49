import type { Job } from "../../model/recipient.ts";

/** Holds the last few recipients back until the list is through; the others pass in their order. */
export class Reserve {
  readonly #held: Job[] = [];
  readonly #most: number;

  /** @param most how many it holds; 0: none */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#held.length;
  }

  /** Takes a recipient in. Returns those to be offered now. */
  exchange(job: Job): readonly Job[] {
    this.#held.push(job);
    return this.#held.splice(0, Math.max(0, this.#held.length - this.#most));
  }

  /** Takes out the first `count` of them; without it, all. */
  take(count: number = this.#held.length): readonly Job[] {
    return this.#held.splice(0, count);
  }
}
