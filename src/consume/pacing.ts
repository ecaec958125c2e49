import type { Pacer } from "./pacer.ts";
import { sleep } from "./sleep.ts";

/** Whoever comes so soon after the last one that passed has kept nobody waiting. */
const IDLE_MS = 2;

/**
 * The limits of rate that the mails of one relay pass, one mail at a time: its own ones, and the one of the whole run.
 *
 * One at a time, so that no limit is broken by mails that another one has held up and lets go together, so that a limit
 * which changes holds from the next mail on, however many wait, and so that a slow relay keeps no place of the run's limit
 * from the others.
 */
export class Pacing {
  readonly #own: readonly Pacer[];
  readonly #shared: Pacer;
  readonly #signal: AbortSignal;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;
  #passedAt = -Infinity;

  constructor(own: readonly Pacer[], shared: Pacer, signal: AbortSignal) {
    this.#own = own;
    this.#shared = shared;
    this.#signal = signal;
  }

  /** Resolves when this mail's place has come, first come, first served; at once when the signal is aborted. */
  async pass(): Promise<void> {
    const arrivedAt = performance.now();
    const idle = this.#waiting++ === 0 && arrivedAt - this.#passedAt > IDLE_MS;
    const before = this.#last;
    const turn = Promise.withResolvers<void>();
    this.#last = turn.promise;
    await before;
    await this.#waitTill(this.#next());
    // Late timers are caught up on, but not the time in which no mail was there to go.
    const earliest = idle ? arrivedAt : -Infinity;
    const place = Math.max(this.#shared.next(performance.now()), this.#next(), earliest);
    this.#shared.take(place);
    for (const pacer of this.#own) pacer.take(place);
    await this.#waitTill(place);
    this.#passedAt = performance.now();
    this.#waiting--;
    turn.resolve();
  }

  /** When the relay's own limits let a mail through. */
  #next(): number {
    const now = performance.now();
    return Math.max(...this.#own.map((pacer) => pacer.next(now)));
  }

  /** Less than a millisecond is no wait: a timer could not keep it. */
  async #waitTill(time: number): Promise<void> {
    const wait = time - performance.now();
    if (wait >= 1) await sleep(wait, this.#signal);
  }
}
