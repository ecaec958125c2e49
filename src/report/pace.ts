/** Long enough to even out batches and retries, short enough to follow changes of the relay. */
const SPAN_MS = 20_000;
/** Two readings closer than this say little; they are merged, which also bounds the memory. */
const STEP_MS = 500;

interface Reading {
  readonly at: number;
  readonly settled: number;
}

/** How fast recipients are being settled now, as opposed to the average of the whole run. No clock: readings carry the time. */
export class Pace {
  /** Oldest first, never empty: a run begins with nobody settled. */
  #readings: Reading[] = [{ at: 0, settled: 0 }];

  /**
   * Takes a reading and returns the speed over the last 20 seconds.
   *
   * @param elapsedMs Time since the run began; never runs backwards.
   * @returns Recipients a second; 0 while it is unknown.
   */
  observe(settled: number, elapsedMs: number): number {
    if (elapsedMs - (this.#readings.at(-1)?.at ?? 0) >= STEP_MS) {
      this.#readings.push({ at: elapsedMs, settled });
    }
    // The newest reading older than the span stays: the speed is measured against it.
    while ((this.#readings[1]?.at ?? Infinity) <= elapsedMs - SPAN_MS) this.#readings.shift();
    const { at, settled: before } = this.#readings[0] ?? { at: 0, settled: 0 };
    return elapsedMs > at ? (settled - before) * 1_000 / (elapsedMs - at) : 0;
  }
}
