import { now } from "../../time/steady_time.ts";

/** The sessions at one relay, in all their stages: the server sees them all. */
export class Sessions {
  #connecting = 0;
  #carrying = 0;
  #leaving = 0;
  #opened = 0;
  /** Connects have failed since then, and none has come about. */
  #failingSince: number | undefined;
  readonly #now: () => number;

  /** @param time Milliseconds of a clock that never goes back. */
  constructor(time: () => number = now) {
    this.#now = time;
  }

  /** Sessions that may carry mail. */
  get carrying(): number {
    return this.#carrying;
  }

  /** Those, and the ones that are being opened or ended. */
  get all(): number {
    return this.#connecting + this.#carrying + this.#leaving;
  }

  /** Sessions there have been so far. */
  get opened(): number {
    return this.#opened;
  }

  /** For how long every connect has failed, in ms; 0 while there is a session, or none has been asked for. */
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
