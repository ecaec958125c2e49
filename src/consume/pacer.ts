/**
 * Share of the limit that is held back, so that a late timer may catch up without a second ever holding more than the
 * limit: with 98 % as the pace and `CATCH_UP_MS` (2 % of a second) of lateness forgiven, the worst second has exactly
 * 100 %.
 */
const HELD_BACK = 0.02;
const CATCH_UP_MS = 20;

/**
 * One exact limit of events a second, shared by all who reserve: a token bucket with burst 1. Pure arithmetic on the
 * times given; whoever reserves waits by itself.
 */
export class Pacer {
  #intervalMs = 0;
  #last = -Infinity;

  /** @param perSecond the limit; undefined: none */
  constructor(perSecond?: number) {
    this.limit(perSecond);
  }

  /** Changes the limit from the next reservation on. */
  limit(perSecond: number | undefined): void {
    if (perSecond !== undefined && !(perSecond > 0)) {
      throw new RangeError(`Rate must be above 0: found ${perSecond}`);
    }
    this.#intervalMs = perSecond === undefined ? 0 : 1_000 / (perSecond * (1 - HELD_BACK));
  }

  /** When the next place comes, on the clock of `now` (ms); never later than `now` where there is no limit. */
  next(now: number): number {
    if (this.#intervalMs === 0) return -Infinity;
    return Math.max(this.#last + this.#intervalMs, now - CATCH_UP_MS);
  }

  /** Takes the place at a time that is not before `next()`. */
  take(at: number): void {
    this.#last = Math.max(this.#last, at);
  }

  /** Reserves the next place at `now` (ms): how many ms later it comes, 0 for at once. */
  reserve(now: number): number {
    const place = this.next(now);
    this.take(place);
    return Math.max(0, place - now);
  }
}
