interface Timer {
  readonly id: number;
  readonly at: number;
  readonly everyMs: number | undefined;
  readonly ring: () => void;
}

const TIMERS = ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] as const;

/**
 * Time that moves when a test says so: `performance.now()` and all timers go by it, and `Math.random()` is always the same.
 * Sockets work as ever. Holds from its making until it is disposed of.
 */
export class FakeTime implements Disposable {
  /** The value of `Math.random()`. */
  random: number;
  /** How much later than asked for timers ring, in ms. */
  lateMs = 0;
  #elapsed = 0;
  #last = 0;
  readonly #timers = new Map<number, Timer>();
  readonly #begin = performance.now();
  readonly #real = {
    now: performance.now,
    random: Math.random,
    timers: Object.fromEntries(TIMERS.map((name) => [name, globalThis[name]])),
    setTimeout: globalThis.setTimeout,
  };

  constructor({ random = 0 } = {}) {
    this.random = random;
    performance.now = () => this.#begin + this.#elapsed;
    Math.random = () => this.random;
    const clear = (id?: number): void => void this.#timers.delete(id!);
    Object.assign(globalThis, {
      setTimeout: (ring: () => void, ms = 0) => this.#set(ring, ms),
      setInterval: (ring: () => void, ms = 0) => this.#set(ring, ms, ms),
      clearTimeout: clear,
      clearInterval: clear,
    });
  }

  /** Timers that are still to ring. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Lets this many ms pass, and fires each timer at its time; waiting promises are settled in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await this.settle();
    for (let next; (next = this.#next(end)) !== undefined;) {
      this.#elapsed = Math.max(this.#elapsed, next.at + this.lateMs);
      this.#timers.delete(next.id);
      if (next.everyMs !== undefined) this.#add({ ...next, at: next.at + next.everyMs });
      next.ring();
      await this.settle();
    }
    this.#elapsed = Math.max(this.#elapsed, end);
  }

  /** Lets this many ms pass without firing any timer. */
  pass(ms: number): void {
    this.#elapsed += ms;
    if (this.#next(this.#elapsed - 1) !== undefined) throw new Error("A timer was to ring");
  }

  /** Lets everything continue that waits only for a promise. */
  settle(): Promise<void> {
    return new Promise((resolve) => this.#real.setTimeout.call(globalThis, resolve, 0));
  }

  [Symbol.dispose](): void {
    performance.now = this.#real.now;
    Math.random = this.#real.random;
    Object.assign(globalThis, this.#real.timers);
  }

  #set(ring: () => void, ms: number, everyMs?: number): number {
    const id = ++this.#last;
    this.#add({ id, at: this.#elapsed + ms, everyMs, ring });
    return id;
  }

  #add(timer: Timer): void {
    this.#timers.set(timer.id, timer);
  }

  #next(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers.values()) {
      if (timer.at <= end && (first === undefined || timer.at < first.at)) first = timer;
    }
    return first;
  }
}
