const BUCKET_MS = 200;
const BUCKETS = 10;

const LAST_SECOND = 5;

/** Measures the rate of events over the last two seconds. Pure arithmetic on the times given. */
export class RateMeter {
  readonly #counts = new Float64Array(BUCKETS);
  #bucket = 0;

  note(now: number): void {
    this.#advance(now);
    this.#counts[this.#bucket % BUCKETS]!++;
  }

  /**
   * Returns the events per second over the last second or the last two, whichever is higher, so that a burst that has
   * just begun is not averaged with the silence before it.
   */
  perSecond(now: number): number {
    this.#advance(now);
    let [lastSecond, all] = [0, 0];
    for (let back = 0; back < BUCKETS; back++) {
      const count = this.#counts[(this.#bucket - back + BUCKETS) % BUCKETS]!;
      all += count;
      if (back < LAST_SECOND) lastSecond += count;
    }
    return Math.max(lastSecond, all / 2);
  }

  #advance(now: number): void {
    const bucket = Math.floor(now / BUCKET_MS);
    const gone = Math.min(BUCKETS, bucket - this.#bucket);
    for (let step = 1; step <= gone; step++) this.#counts[(bucket - gone + step) % BUCKETS] = 0;
    if (bucket > this.#bucket) this.#bucket = bucket;
  }
}
