/**
 * After so long without an answer the trial's mail no longer keeps the run waiting. Content filters answer within
 * seconds; a lost reply would otherwise take the ten minutes of RFC 5321, 4.5.3.2.6.
 */
const SLOW_MS = 10_000;

/**
 * The beginning of a run at a relay: one connection, one mail at a time, until the relay has judged a mail by its merits. A mail
 * that stays without an answer for long is joined by one more, on the next connection.
 */
export class Trial {
  #over = false;
  /** Slots whose mail is under way, with the time at which it began, in ms. */
  readonly #held = new Map<number, number>();

  get over(): boolean {
    return this.#over;
  }

  /** The relay has judged a mail by its merits. */
  end(): void {
    this.#over = true;
  }

  /** A mail of this slot is under way. */
  hold(slot: number, now: number): void {
    this.#held.set(slot, now);
  }

  /** It has come to its end. */
  release(slot: number): void {
    this.#held.delete(slot);
  }

  /** Returns whether this slot may begin a mail: when all mails under way are slow, the first slot without one. */
  admits(slot: number, now: number): boolean {
    if (this.#over) return true;
    for (const since of this.#held.values()) if (now - since < SLOW_MS) return false;
    let turn = 0;
    while (this.#held.has(turn)) turn++;
    return slot === turn;
  }

  /** When the next slot may have its turn by time alone, in ms; `Infinity`: time alone changes nothing. */
  nextTurnMs(now: number): number {
    let latest = -Infinity;
    for (const since of this.#held.values()) latest = Math.max(latest, since);
    const left = latest + SLOW_MS - now;
    return left > 0 ? left : Infinity;
  }
}
