/** Pause after a failed connect, doubled each time up to the longest, with jitter. */
const FIRST_PAUSE_MS = 500;
const LONGEST_CONNECT_PAUSE_MS = 30_000;

/**
 * Tracks consecutive failures of a relay, and the pauses they cause. Pure arithmetic on the times given.
 *
 * A connection that breaks is replaced at once. If the next one breaks too before a mail gets through, that counts
 * like a failed connect. Otherwise a relay that drops every connection would be dialled endlessly.
 */
export class FailureTracker {
  #inARow = 0;
  /** Sessions up to this number had been opened when a loss was noted. */
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

  /** Returns the time since the relay last worked, in ms. */
  sinceSuccess(now: number): number {
    return now - this.#wellAt;
  }

  /** Returns the remaining time of the current pause, in ms; 0 if there is none. */
  pause(now: number): number {
    return Math.max(0, this.#pausedUntil - now);
  }

  /** Pauses for at least this long, in ms. */
  pauseFor(now: number, ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, now + ms);
  }

  /** Notes that the relay worked. */
  succeeded(now: number): void {
    this.#inARow = 0;
    this.#wellAt = now;
  }

  /**
   * Notes a failed connect. Returns the pause that follows, in ms; undefined if the connect began before the current
   * pause and does not count.
   */
  failed(now: number, random: number): number | undefined {
    return this.pause(now) > 0 ? undefined : this.#pauseAfter(++this.#inARow, now, random);
  }

  /**
   * Notes that a session broke. Sessions are numbered in order, and `newest` is the last one opened. Sessions that are
   * open together break together, so only one opened after the last loss counts as another. Returns whether this one
   * does.
   */
  lost(session: number, newest: number, now: number, random: number): boolean {
    if (session <= this.#lostUpTo) return false;
    this.#lostUpTo = newest;
    this.#inARow++;
    if (this.#inARow > 1) this.#pauseAfter(this.#inARow - 1, now, random);
    return true;
  }

  #pauseAfter(failures: number, now: number, random: number): number {
    const longest = Math.min(LONGEST_CONNECT_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
    const pause = longest * (0.5 + random / 2);
    this.pauseFor(now, pause);
    return pause;
  }
}
