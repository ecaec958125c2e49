import { now } from "../report/clock.ts";

/** The sessions at one relay, in all their stages: the server sees them all. */
export class Sessions {
  #connecting = 0;
  #carrying = 0;
  #leaving = 0;
  #opened = 0;
  #lastAt = now();

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

  /** Time without any session, in ms. */
  get awayMs(): number {
    return this.#carrying > 0 ? 0 : now() - this.#lastAt;
  }

  connecting(): void {
    this.#connecting++;
  }

  /** Answers the session's number, counted from 1. */
  connected(): number {
    this.#connecting--;
    this.#carrying++;
    this.#lastAt = now();
    return ++this.#opened;
  }

  connectFailed(): void {
    this.#connecting--;
  }

  leaving(): void {
    this.#carrying--;
    this.#leaving++;
  }

  left(): void {
    this.#leaving--;
    this.#lastAt = now();
  }
}
