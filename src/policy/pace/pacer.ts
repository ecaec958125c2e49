import { Turns } from "./turns.ts";

/**
 * Share of the limit that is held back. A late timer can catch up `CATCH_UP_MS`, 2 % of a second, so with a pace of 97
 * % the worst second on our side has 99 % of the limit. The rest allows for jitter on the way to the server: mails can
 * move closer together by 10 ms without exceeding the limit in any second of the server's clock.
 */
const HELD_BACK = 0.03;
const CATCH_UP_MS = 20;

/**
 * An exact limit of events per second, shared by all callers: a token bucket with burst 1. Pure arithmetic on the
 * times given; the caller does the waiting.
 */
export class Pacer {
  /** Serializes several queues that wait for a place of this limit. */
  readonly turns = new Turns();
  readonly #listeners: (() => void)[] = [];
  #intervalMs = 0;
  #last = -Infinity;

  /** @param perSecond the limit; undefined for none */
  constructor(perSecond?: number) {
    this.limit(perSecond);
  }

  /** Whether there is a limit now. */
  get limited(): boolean {
    return this.#intervalMs !== 0;
  }

  /** Registers a listener for changes of the limit, for the lifetime of the pacer. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Changes the limit, starting with the next reservation. */
  limit(perSecond: number | undefined): void {
    if (perSecond !== undefined && !(perSecond > 0)) {
      throw new RangeError(`Rate must be above 0: found ${perSecond}`);
    }
    const interval = perSecond === undefined ? 0 : 1_000 / (perSecond * (1 - HELD_BACK));
    if (interval === this.#intervalMs) return;
    this.#intervalMs = interval;
    for (const listener of this.#listeners) listener();
  }

  /** Returns the time of the next place, on the clock of `now` (ms); never later than `now` if there is no limit. */
  next(now: number): number {
    if (this.#intervalMs === 0) return -Infinity;
    return Math.max(this.#last + this.#intervalMs, now - CATCH_UP_MS);
  }

  /** Takes the place at a time not before `next()`. */
  take(at: number): void {
    this.#last = Math.max(this.#last, at);
  }

  /** Reserves the next place and returns how many ms after `now` it comes; 0 for at once. */
  reserve(now: number): number {
    const place = this.next(now);
    this.take(place);
    return Math.max(0, place - now);
  }
}
