import { type Clock, currentClock, monotonic, wallTime } from "./clock.ts";

/**
 * Time as a process sees it: it begins at the wall clock's time and from then on only runs forward.
 *
 * Pauses, due times and rates of a run are measured by it. The wall clock may be set while mails wait (by a person, or by
 * NTP after a boot with a dead battery): set back by a month it would hold them up for a month, and set ahead it would take
 * the time for retries from them. The numbers are milliseconds since the epoch all the same, since due times are stored, and
 * the next process compares them with its own. What is told to people, and `--start-at` and `--until`, are by the wall clock.
 *
 * While the machine sleeps, this time may stand still: a pause is then as much longer.
 */
export class SteadyTime {
  readonly #elapsed: () => number;
  readonly #beginning: number;

  /**
   * @param wall milliseconds since the epoch; asked once
   * @param elapsed milliseconds since any fixed moment; never runs backwards
   */
  constructor(wall: () => number = wallTime, elapsed: () => number = monotonic) {
    this.#elapsed = elapsed;
    this.#beginning = wall() - elapsed();
  }

  /** Milliseconds since the epoch, a whole number; never less than before. */
  now(): number {
    return Math.floor(this.#beginning + this.#elapsed());
  }
}

let ofTheProcess: { readonly clock: Clock; readonly time: SteadyTime } | undefined;

/** The time of this process, see {@link SteadyTime}. */
export function now(): number {
  const clock = currentClock();
  if (ofTheProcess?.clock !== clock) ofTheProcess = { clock, time: new SteadyTime() };
  return ofTheProcess.time.now();
}
