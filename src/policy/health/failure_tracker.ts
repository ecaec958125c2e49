/** Pause after a failed connect, doubled with each, with jitter, up to the longest. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/**
 * How often in a row a relay has failed us, and how long it is left alone for that. Pure arithmetic on the times given.
 *
 * A connection that breaks is replaced at once; one that breaks again before a mail got through counts as a failure like a
 * connect that fails. Otherwise a relay that drops every connection would be dialled without end.
 */
export class FailureTracker {
  #inARow = 0;
  /** Sessions up to this number were there when a loss was noted. */
  #lostUpTo = 0;
  #pausedUntil = -Infinity;
  #wellAt: number;

  constructor(now: number) {
    this.#wellAt = now;
  }

  /** Failures since a mail was last judged. */
  get inARow(): number {
    return this.#inARow;
  }

  /** Time since the relay last did its work, in ms. */
  sinceSuccess(now: number): number {
    return now - this.#wellAt;
  }

  /** Time left of the present pause, in ms; 0: none. */
  pause(now: number): number {
    return Math.max(0, this.#pausedUntil - now);
  }

  /** Leaves the relay alone for at least this long, in ms. */
  pauseFor(now: number, ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, now + ms);
  }

  /** The relay did its work. */
  succeeded(now: number): void {
    this.#inARow = 0;
    this.#wellAt = now;
  }

  /** A connect failed. Returns the pause that follows, in ms; undefined: it began before the present pause, and is no news. */
  failed(now: number, random: number): number | undefined {
    return this.pause(now) > 0 ? undefined : this.#pauseAfter(++this.#inARow, now, random);
  }

  /**
   * A session broke; sessions are numbered as they came, and `newest` is the last one. What is open together breaks
   * together, so only a session that was opened after the last loss brings another one. Returns whether this one did.
   */
  lost(session: number, newest: number, now: number, random: number): boolean {
    if (session <= this.#lostUpTo) return false;
    this.#lostUpTo = newest;
    this.#inARow++;
    if (this.#inARow > 1) this.#pauseAfter(this.#inARow - 1, now, random);
    return true;
  }

  #pauseAfter(failures: number, now: number, random: number): number {
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
    const pause = longest * (0.5 + random / 2);
    this.pauseFor(now, pause);
    return pause;
  }
}
