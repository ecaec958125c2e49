import { type Clock, currentClock, monotonic, wallTime } from "./clock.ts";

/**
 * The time of a process: it starts at the wall clock's time and then only runs forward.
 *
 * It measures the pauses, due times and rates of a run. The wall clock can change while mails wait (set by a person,
 * or by NTP after a boot with a dead battery): set back by a month, it would hold them up for a month; set ahead, it
 * would use up their time for retries. The values are still milliseconds since the epoch, because due times are stored
 * and compared with the time of the next process. Times shown to people, `--start-at` and `--until` use the wall
 * clock.
 *
 * While the machine sleeps, this time may stand still, which makes a pause that much longer.
 */
export class SteadyTime {
  readonly #elapsed: () => number;
  readonly #beginning: number;

  /**
   * @param wall milliseconds since the epoch; called once
   * @param elapsed milliseconds since an arbitrary fixed moment; never runs backwards
   */
  constructor(wall: () => number = wallTime, elapsed: () => number = monotonic) {
    this.#elapsed = elapsed;
    this.#beginning = wall() - elapsed();
  }

  /** Returns whole milliseconds since the epoch; never less than before. */
  now(): number {
    return Math.floor(this.#beginning + this.#elapsed());
  }
}

let ofTheProcess: { readonly clock: Clock; readonly time: SteadyTime } | undefined;

/** Returns the time of this process; see {@link SteadyTime}. */
export function now(): number {
  const clock = currentClock();
  if (ofTheProcess?.clock !== clock) ofTheProcess = { clock, time: new SteadyTime() };
  return ofTheProcess.time.now();
}
