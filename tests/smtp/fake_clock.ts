const REAL = {
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  now: performance.now,
};

/** Lets everything happen that does not wait for a timer: promises settle, and so does what they start. */
export function settled(): Promise<void> {
  return new Promise((resolve) => REAL.setTimeout.call(globalThis, resolve, 0));
}

/**
 * A clock that stands still until `advance()` is called: it replaces setTimeout(), clearTimeout() and
 * performance.now() until it is disposed of.
 */
export class FakeClock implements Disposable {
  readonly #timers = new Map<number, { readonly at: number; readonly ring: () => void }>();
  #now = 0;
  #last = 0;

  constructor() {
    const setTimeout = (ring: () => void, ms = 0): number => {
      this.#timers.set(++this.#last, { at: this.#now + ms, ring });
      return this.#last;
    };
    const clearTimeout = (timer: number | undefined): void => void this.#timers.delete(timer ?? 0);
    Object.assign(globalThis, { setTimeout, clearTimeout });
    performance.now = () => this.#now;
  }

  /** Timers that have not rung yet. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Timers that were started so far. */
  get started(): number {
    return this.#last;
  }

  /** Advances by `ms`; each timer fires at its own time, and its consequences have happened when the next one fires. */
  async advance(ms: number): Promise<void> {
    await settled();
    const end = this.#now + ms;
    for (let next = this.#next(end); next !== undefined; next = this.#next(end)) {
      const [timer, { at, ring }] = next;
      this.#timers.delete(timer);
      this.#now = at;
      ring();
      await settled();
    }
    this.#now = end;
  }

  [Symbol.dispose](): void {
    const { setTimeout, clearTimeout, now } = REAL;
    Object.assign(globalThis, { setTimeout, clearTimeout });
    performance.now = now;
  }

  #next(end: number) {
    return [...this.#timers].filter(([, { at }]) => at <= end)
      .sort(([, a], [, b]) => a.at - b.at)[0];
  }
}
