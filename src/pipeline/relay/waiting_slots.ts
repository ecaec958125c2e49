import { after, monotonic } from "../../time/clock.ts";

/** The longest timer, in ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Slots that wait until their relay lets them begin. They are woken by any change, and by a single timer if time alone
 * brings the change: polling in each slot would cause 50,000 wake-ups a second in a run with 1,000 connections.
 */
export class WaitingSlots {
  /** First come, first woken. */
  readonly #waiting = new Set<() => void>();
  #timer: Disposable | undefined;
  #timerAt = Infinity;

  /** @param signal ends all waiting when aborted; must live as long as this object */
  constructor(signal: AbortSignal) {
    signal.addEventListener("abort", () => this.wake(), { once: true });
  }

  /** Resolves when woken, or after `ms`; `Infinity` for no timeout. */
  wait(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    if (ms < Infinity) this.#arm(Math.min(ms, LONGEST_TIMER_MS));
    return promise;
  }

  /** Wakes up to `most` slots, those that have waited longest first. Each checks whether it may begin, and waits again if not. */
  wake(most = Infinity): void {
    let left = most;
    for (const resolve of this.#waiting) {
      if (left-- <= 0) break;
      this.#waiting.delete(resolve);
      resolve();
    }
    if (this.#waiting.size === 0) this.#disarm();
  }

  #arm(ms: number): void {
    const at = monotonic() + ms;
    if (at >= this.#timerAt) return;
    this.#disarm();
    this.#timerAt = at;
    this.#timer = after(ms, () => {
      this.#disarm();
      this.wake();
    });
  }

  #disarm(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    this.#timerAt = Infinity;
  }
}
