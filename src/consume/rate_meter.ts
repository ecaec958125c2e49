const BUCKET_MS = 200;
const BUCKETS = 10;

/** Counts events of the last two seconds; pure arithmetic on the times given. */
export class RateMeter {
  readonly #counts = new Float64Array(BUCKETS);
  #bucket = 0;

  note(now: number): void {
    this.#advance(now);
    this.#counts[this.#bucket % BUCKETS]!++;
  }

  /** Events a second over the last two seconds. */
  perSecond(now: number): number {
    this.#advance(now);
    return this.#counts.reduce((sum, count) => sum + count, 0) * 1_000 / (BUCKET_MS * BUCKETS);
  }

  #advance(now: number): void {
    const bucket = Math.floor(now / BUCKET_MS);
    const gone = Math.min(BUCKETS, bucket - this.#bucket);
    for (let step = 1; step <= gone; step++) this.#counts[(bucket - gone + step) % BUCKETS] = 0;
    if (bucket > this.#bucket) this.#bucket = bucket;
  }
}
