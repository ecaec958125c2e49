import { monotonic } from "../../time/clock.ts";

/** Time for all questions of one check: about forty names at the pace of a slow server. */
const TOTAL_MS = 30_000;
/** Octets of all its answers; a real domain takes about ten thousand. */
const MAX_OCTETS = 8_000_000;

/** The time and octets that all questions of a check can use, so that no number of records can keep it busy. */
export class DnsBudget {
  readonly #totalMs: number;
  readonly #until: number;
  #octets: number;

  /** Time starts now. */
  constructor(totalMs: number = TOTAL_MS, octets: number = MAX_OCTETS) {
    this.#totalMs = totalMs;
    this.#until = monotonic() + totalMs;
    this.#octets = octets;
  }

  /** Milliseconds left; 0: none. */
  get leftMs(): number {
    return Math.max(0, this.#until - monotonic());
  }

  /** Counts an answer. */
  spend(octets: number): void {
    this.#octets -= octets;
  }

  /** Why no more questions can be asked; undefined if they can. */
  get exhausted(): string | undefined {
    if (this.#octets < 0) return "the answers to this check are too large";
    if (this.leftMs > 0) return undefined;
    return `the DNS took longer than the ${this.#totalMs / 1000} s that a check allows`;
  }
}
