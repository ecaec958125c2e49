/** Runs on and on: longer than any run that ends. */
const MOST_STEPS = 400_000;

/** One who acts in virtual time: yields until when it waits at the longest, in ms; it may be woken before, and looks again. */
export type Actor = Generator<number, void>;

interface Event {
  readonly at: number;
  readonly order: number;
  readonly happen: () => void;
}

/**
 * The time of a simulation, in ms: it stands while anybody can act, and then jumps to the next event. Same seed, same
 * history: while `run()` is at work, what reads the clock or draws lots gets this time and these lots.
 */
export class VirtualTime {
  readonly #actors = new Set<{ readonly actor: Actor; until: number }>();
  readonly #events: Event[] = [];
  readonly #random: () => number;
  #now = 0;
  #order = 0;
  #acts = 0;

  constructor(seed: number) {
    this.#random = lots(seed);
  }

  get now(): number {
    return this.#now;
  }

  random(): number {
    return this.#random();
  }

  /** Somebody did something that others may wait for. */
  acted(): void {
    this.#acts++;
  }

  /** Has something happen at a time; what is asked for first happens first. */
  at(at: number, happen: () => void): void {
    const events = this.#events;
    const event = { at: Math.max(at, this.#now), order: this.#order++, happen };
    let place = events.push(event) - 1;
    for (let above; place > 0 && isBefore(event, events[above = (place - 1) >> 1]!);) {
      events[place] = events[above]!;
      events[place = above] = event;
    }
  }

  /** Runs the actors until all have ended; they are made in this time, too. */
  run(actors: () => readonly Actor[]): void {
    const { random } = Math;
    const { now } = performance;
    Math.random = this.#random;
    performance.now = () => this.#now;
    try {
      for (const actor of actors()) this.#actors.add({ actor, until: 0 });
      for (let steps = 0; this.#actors.size > 0; steps++) {
        if (steps > MOST_STEPS) throw new Error(`The run does not end: ${this.#now} ms`);
        this.#letAct();
        if (this.#actors.size > 0) this.#goOn();
      }
    } finally {
      Math.random = random;
      performance.now = now;
      this.#actors.clear();
      this.#events.length = 0;
    }
  }

  #letAct(): void {
    for (let before = -1; before !== this.#acts;) {
      before = this.#acts;
      for (const one of this.#actors) {
        const { done, value } = one.actor.next();
        if (done) {
          this.#actors.delete(one);
          this.#acts++;
        } else one.until = value;
      }
    }
  }

  #goOn(): void {
    let next = this.#events[0]?.at ?? Infinity;
    for (const { until } of this.#actors) next = Math.min(next, until);
    if (next === Infinity) throw new Error(`Everybody waits for somebody: ${this.#now} ms`);
    this.#now = Math.max(this.#now, next);
    while ((this.#events[0]?.at ?? Infinity) <= this.#now) this.#take().happen();
  }

  #take(): Event {
    const events = this.#events;
    const first = events[0]!;
    const last = events.pop()!;
    if (events.length === 0) return first;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= events.length) break;
      if (below + 1 < events.length && isBefore(events[below + 1]!, events[below]!)) below++;
      if (!isBefore(events[below]!, last)) break;
      events[place] = events[below]!;
      place = below;
    }
    events[place] = last;
    return first;
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

/** Mulberry32: uniform in [0, 1), the same for the same seed. */
export function lots(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
