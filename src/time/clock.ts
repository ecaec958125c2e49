import { SYSTEM_CLOCK } from "./system_clock.ts";

/** The program's only source of time and randomness, so that whole campaigns can run in virtual time. */
export interface Clock {
  /** Milliseconds since the epoch. The wall clock can be changed at any time, also backwards. */
  wall(): number;
  /** Fractional milliseconds since an arbitrary fixed moment; never runs backwards. */
  monotonic(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** Calls `call` once after `ms` milliseconds (at most 2^31 - 1), unless disposed first. */
  after(ms: number, call: () => void): Disposable;
  /** Calls `call` every `ms` milliseconds (at most 2^31 - 1) until disposed. */
  every(ms: number, call: () => void): Disposable;
}

let clock: Clock = SYSTEM_CLOCK;

/** Returns the clock in use: the system clock, unless a simulation has replaced it. */
export function currentClock(): Clock {
  return clock;
}

/** Replaces the clock of the whole process until disposed; for simulations. */
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
