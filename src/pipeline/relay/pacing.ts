import { monotonic } from "../../time/clock.ts";
import type { Pacer } from "../../policy/pace/pacer.ts";
import { sleep } from "../../time/sleep.ts";
import { Turns } from "../../policy/pace/turns.ts";

/** A mail that arrives later than this after the last one has found the relay idle. */
const IDLE_MS = 2;

const PASSED = Promise.resolve();
const isLimited = ({ limited }: Pacer): boolean => limited;

/**
 * Applies the rate limits to the mails of one relay, one mail at a time: the relay's own limits, and that of the whole
 * run.
 *
 * One at a time, so that mails held up by one limit and released together cannot break another, and so that a slow
 * relay does not keep places of the run's limit from the others. A place is taken only when its time has come: a
 * changed limit then applies to waiting mails too, and no place is lost or given twice.
 */
export class Pacing {
  readonly #own: readonly Pacer[];
  readonly #shared: Pacer;
  readonly #signal: AbortSignal;
  readonly #turns = new Turns();
  #waiting = 0;
  #passedAt = -Infinity;
  /** Ends the current wait; there is only one at a time. */
  #waking: AbortController | undefined;

  /** @param signal ends all waiting when aborted; must live as long as the pacers */
  constructor(own: readonly Pacer[], shared: Pacer, signal: AbortSignal) {
    this.#own = own;
    this.#shared = shared;
    this.#signal = signal;
    const wake = (): void => this.#waking?.abort();
    signal.addEventListener("abort", wake, { once: true });
    for (const pacer of [...own, shared]) pacer.onChange(wake);
  }

  /** Resolves when this mail's turn has come, first come, first served; at once if the signal is aborted. */
  pass(): Promise<void> {
    // The usual case, and 20,000 times a second.
    const free = this.#waiting === 0 && !this.#shared.limited && !this.#own.some(isLimited);
    return free ? PASSED : this.#pass();
  }

  async #pass(): Promise<void> {
    const arrivedAt = monotonic();
    const idle = this.#waiting++ === 0 && arrivedAt - this.#passedAt > IDLE_MS;
    const end = await this.#turns.take();
    // Late timers are compensated for, but not the time without a mail to send.
    const earliest = idle ? arrivedAt : -Infinity;
    do await this.#waitFor((now) => this.#next(now)); while (!await this.#takePlace(earliest));
    this.#passedAt = monotonic();
    this.#waiting--;
    end();
  }

  /**
   * Takes the next place of the run's limit. Returns false if the relay's own limits have been lowered in the meantime
   * and let no mail through: it waits for them again, and other relays go first.
   */
  async #takePlace(earliest: number): Promise<boolean> {
    const end = await this.#shared.turns.take();
    const shared = await this.#waitFor((now) => this.#shared.next(now));
    const now = monotonic();
    const own = this.#next(now);
    const come = own - now < 1 || this.#signal.aborted;
    if (come) {
      const place = Math.max(shared, own, earliest);
      for (const pacer of [this.#shared, ...this.#own]) pacer.take(place);
    }
    end();
    return come;
  }

  /** Returns when the relay's own limits let a mail through. */
  #next(now: number): number {
    return Math.max(...this.#own.map((pacer) => pacer.next(now)));
  }

  /**
   * Waits until a time that may change in the meantime, and returns that time, even if the timer is late. A wait of less
   * than a millisecond is skipped, because a timer could not keep it.
   */
  async #waitFor(time: (now: number) => number): Promise<number> {
    for (;;) {
      const now = monotonic();
      const at = time(now);
      if (at - now < 1 || this.#signal.aborted) return at;
      const waking = this.#waking = new AbortController();
      await sleep(at - now, waking.signal);
      this.#waking = undefined;
      if (!waking.signal.aborted) return at;
    }
  }
}
