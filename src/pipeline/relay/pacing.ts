import { monotonic } from "../../time/clock.ts";
import type { Pacer } from "../../policy/pace/pacer.ts";
import { sleep } from "../../time/sleep.ts";
import { Turns } from "../../policy/pace/turns.ts";

/** Whoever comes so soon after the last one that passed has kept nobody waiting. */
const IDLE_MS = 2;

const PASSED = Promise.resolve();
const isLimited = ({ limited }: Pacer): boolean => limited;

/**
 * The limits of rate that the mails of one relay pass, one mail at a time: its own ones, and the one of the whole run.
 *
 * One at a time, so that no limit is broken by mails that another one has held up and lets go together, and so that a slow
 * relay keeps no place of the run's limit from the others. A place is taken when it has come and not before: a limit that
 * changes, up or down, then holds for whoever waits, and no place is lost or given twice.
 */
export class Pacing {
  readonly #own: readonly Pacer[];
  readonly #shared: Pacer;
  readonly #signal: AbortSignal;
  readonly #turns = new Turns();
  #waiting = 0;
  #passedAt = -Infinity;
  /** Ends the present wait; there is one at a time. */
  #waking: AbortController | undefined;

  /** @param signal nobody waits any longer once it is aborted; lives as long as the pacers do */
  constructor(own: readonly Pacer[], shared: Pacer, signal: AbortSignal) {
    this.#own = own;
    this.#shared = shared;
    this.#signal = signal;
    const wake = (): void => this.#waking?.abort();
    signal.addEventListener("abort", wake, { once: true });
    for (const pacer of [...own, shared]) pacer.onChange(wake);
  }

  /** Resolves when this mail's place has come, first come, first served; at once when the signal is aborted. */
  pass(): Promise<void> {
    // The usual case, and 20,000 times a second.
    const free = this.#waiting === 0 && !this.#shared.limited && !this.#own.some(isLimited);
    return free ? PASSED : this.#pass();
  }

  async #pass(): Promise<void> {
    const arrivedAt = monotonic();
    const idle = this.#waiting++ === 0 && arrivedAt - this.#passedAt > IDLE_MS;
    const end = await this.#turns.take();
    // Late timers are caught up on, but not the time in which no mail was there to go.
    const earliest = idle ? arrivedAt : -Infinity;
    do await this.#waitFor((now) => this.#next(now)); while (!await this.#takePlace(earliest));
    this.#passedAt = monotonic();
    this.#waiting--;
    end();
  }

  /**
   * Takes the next place of the run's limit that no other relay has come for before. False where the relay's own limits,
   * lowered meanwhile, let no mail through then: it waits for those again, and the others go first.
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

  /** When the relay's own limits let a mail through. */
  #next(now: number): number {
    return Math.max(...this.#own.map((pacer) => pacer.next(now)));
  }

  /**
   * Waits until a time that may change meanwhile, and returns what it was in the end: where the timer is late, not the later
   * time of that moment. Less than a millisecond is no wait: a timer could not keep it.
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
