import { SYSTEM_CLOCK } from "./system_clock.ts";

/** Time and chance, as all of the program gets them: one door, so that whole campaigns can run in virtual time. */
export interface Clock {
  /** Milliseconds since the epoch; the wall clock may be set, back as well. */
  wall(): number;
  /** Milliseconds since any fixed moment, with fractions; never runs backwards. */
  monotonic(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** Calls once, after `ms` milliseconds (at most 2^31 - 1), unless it is disposed of before. */
  after(ms: number, call: () => void): Disposable;
  /** Calls every `ms` milliseconds (at most 2^31 - 1) until it is disposed of. */
  every(ms: number, call: () => void): Disposable;
}

let clock: Clock = SYSTEM_CLOCK;

/** The clock in use; the machine's unless a simulation has put its own in place. */
export function currentClock(): Clock {
  return clock;
}

/** Puts another clock in place for the whole process, until it is disposed of: for simulations. */
export function useClock(other: Clock): Disposable {
  const before = clock;
  clock = other;
  return {
    [Symbol.dispose]() {
      clock = before;
    },
  };
}

/** See {@link Clock.wall}. */
export function wallTime(): number {
  return clock.wall();
}

/** See {@link Clock.monotonic}. */
export function monotonic(): number {
  return clock.monotonic();
}

/** See {@link Clock.random}. */
export function random(): number {
  return clock.random();
}

/** See {@link Clock.after}. */
export function after(ms: number, call: () => void): Disposable {
  return clock.after(ms, call);
}

/** See {@link Clock.every}. */
export function every(ms: number, call: () => void): Disposable {
  return clock.every(ms, call);
}
