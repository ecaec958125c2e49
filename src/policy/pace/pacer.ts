import { Turns } from "./turns.ts";

/**
 * Share of the limit that is held back. A late timer may catch up on `CATCH_UP_MS`, 2 % of a second: with 97 % as the
 * pace, the worst second of ours has 99 % of the limit. The rest is for what the way to the server pushes together: 10 ms
 * between two mails may vanish on it without a second by the server's clock ever holding more than the limit.
 */
const HELD_BACK = 0.03;
const CATCH_UP_MS = 20;

/**
 * One exact limit of events a second, shared by all who reserve: a token bucket with burst 1. Pure arithmetic on the
 * times given; whoever reserves waits by itself.
 */
export class Pacer {
  /** Whoever waits for a place of this limit, where several wait in places of their own. */
  readonly turns = new Turns();
  readonly #listeners: (() => void)[] = [];
  #intervalMs = 0;
  #last = -Infinity;

  /** @param perSecond the limit; undefined: none */
  constructor(perSecond?: number) {
    this.limit(perSecond);
  }

  /** Whether there is a limit now. */
  get limited(): boolean {
    return this.#intervalMs !== 0;
  }

  /** Has `listener` called whenever the limit changes, for as long as the pacer lives. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Changes the limit from the next reservation on. */
  limit(perSecond: number | undefined): void {
    if (perSecond !== undefined && !(perSecond > 0)) {
      throw new RangeError(`Rate must be above 0: found ${perSecond}`);
    }
    const interval = perSecond === undefined ? 0 : 1_000 / (perSecond * (1 - HELD_BACK));
    if (interval === this.#intervalMs) return;
    this.#intervalMs = interval;
    for (const listener of this.#listeners) listener();
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
