import { after, monotonic } from "../../time/clock.ts";

/** Longest time that one timer can hold, in ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Slots that wait until their relay lets them begin. They are woken by whoever changes what they wait for, and where time alone
 * changes it, by one timer for all of them: a poll for each would wake a run with 1,000 connections 50,000 times a second.
 */
export class WaitingSlots {
  /** First come, first woken. */
  readonly #waiting = new Set<() => void>();
  #timer: Disposable | undefined;
  #timerAt = Infinity;

  /** @param signal nobody waits any longer once it is aborted; it lives as long as this does */
  constructor(signal: AbortSignal) {
    signal.addEventListener("abort", () => this.wake(), { once: true });
  }

  /** Resolves when it is woken, or after `ms`; `Infinity`: time alone changes nothing. */
  wait(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    if (ms < Infinity) this.#arm(Math.min(ms, LONGEST_TIMER_MS));
    return promise;
  }

  /** Wakes those who have waited longest; each looks again whether it may begin, and waits again if not. */
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
