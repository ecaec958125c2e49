import type { Clock } from "../../../../src/time/clock.ts";

/** The owner of events, which are dropped when it is gone. */
export interface Owner {
  readonly alive: boolean;
}

/** The relays and the network outlive every process. */
export const THE_WORLD: Owner = { alive: true };

/** Monday, 2 November 2026, 08:00 UTC. */
const BEGINNING = Date.UTC(2026, 10, 2, 8);

interface Event {
  at: number;
  order: number;
  readonly owner: Owner;
  /** undefined: cancelled. */
  call: (() => void) | undefined;
}

/**
 * The time of a simulated world, in ms: it stands still while anything can run, and then jumps to the next event. Events of one
 * moment come in the order in which they were scheduled, so that a seed always gives the same history.
 */
export class WorldTime {
  now = 0;
  readonly #heap: Event[] = [];
  #order = 0;

  /** The time of a wall clock that is right. */
  get wall(): number {
    return BEGINNING + Math.floor(this.now);
  }

  /** Calls `call` after `ms`. */
  after(ms: number, owner: Owner, call: () => void): Disposable {
    const event = this.#add({ at: this.now + Math.max(0, ms), order: 0, owner, call });
    return { [Symbol.dispose]: () => event.call = undefined };
  }

  /** Calls `call` every `ms`. */
  every(ms: number, owner: Owner, call: () => void): Disposable {
    const again = (event: Event): void => {
      event.at = this.now + ms;
      this.#add(event);
    };
    const event: Event = { at: this.now + ms, order: 0, owner, call: undefined };
    event.call = () => {
      again(event);
      call();
    };
    this.#add(event);
    return { [Symbol.dispose]: () => event.call = undefined };
  }

  /** Runs the next event and returns its owner; undefined: no event is left. */
  step(): Owner | undefined {
    for (;;) {
      const event = this.#take();
      if (event === undefined) return undefined;
      if (event.call === undefined || !event.owner.alive) continue;
      this.now = event.at;
      event.call();
      return event.owner;
    }
  }

  /** Lets time pass, and the events in it happen. */
  pass(ms: number): void {
    let over = false;
    this.after(ms, THE_WORLD, () => over = true);
    while (!over) this.step();
  }

  /** How many events of the owner are still to come. */
  pending(owner: Owner): number {
    return this.#heap.filter((event) => event.owner === owner && event.call !== undefined).length;
  }

  /** The clock of a process: its timers end with it. */
  clockOf(owner: Owner, random: () => number, wall: () => number): Clock {
    return {
      wall,
      monotonic: () => this.now,
      random,
      after: (ms, call) => this.after(ms, owner, call),
      every: (ms, call) => this.every(ms, owner, call),
    };
  }

  #add(event: Event): Event {
    const heap = this.#heap;
    event.order = this.#order++;
    let place = heap.push(event) - 1;
    for (let above; place > 0 && isBefore(event, heap[above = (place - 1) >> 1]!); place = above) {
      heap[place] = heap[above]!;
      heap[above] = event;
    }
    return event;
  }

  #take(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || last === undefined) return first;
    for (let place = 0;;) {
      let below = 2 * place + 1;
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++;
      if (below >= heap.length || !isBefore(heap[below]!, last)) {
        heap[place] = last;
        return first;
      }
      heap[place] = heap[below]!;
      place = below;
    }
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
