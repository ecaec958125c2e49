import { now } from "../../time/steady_time.ts";

/** Counts the sessions at one relay in all stages, as the server sees them. */
export class Sessions {
  #connecting = 0;
  #carrying = 0;
  #leaving = 0;
  #opened = 0;
  /** Since when all connects have failed. */
  #failingSince: number | undefined;
  readonly #now: () => number;

  /** @param time Returns the milliseconds of a clock that never runs backwards. */
  constructor(time: () => number = now) {
    this.#now = time;
  }

  /** Sessions that may carry mail. */
  get carrying(): number {
    return this.#carrying;
  }

  /** All sessions, including those being opened or ended. */
  get all(): number {
    return this.#connecting + this.#carrying + this.#leaving;
  }

  /** Number of sessions opened so far. */
  get opened(): number {
    return this.#opened;
  }

  /** For how long all connects have failed, in ms; 0 while there is a session, or none was requested. */
  get failingMs(): number {
    return this.#carrying > 0 || this.#failingSince === undefined
      ? 0
      : this.#now() - this.#failingSince;
  }

  connecting(): void {
    this.#connecting++;
  }

  /** Returns the session's number, counted from 1. */
  connected(): number {
    this.#connecting--;
    this.#carrying++;
    this.#failingSince = undefined;
    return ++this.#opened;
  }

  connectFailed(): void {
    this.#connecting--;
    this.#failingSince ??= this.#now();
  }

  leaving(): void {
    this.#carrying--;
    this.#leaving++;
  }

  left(): void {
    this.#leaving--;
  }
}
