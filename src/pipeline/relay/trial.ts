/**
 * After this time without a reply, the mail of the trial no longer holds up the run. Content filters reply within
 * seconds; a lost reply would otherwise take the ten minutes of RFC 5321, 4.5.3.2.6.
 */
const SLOW_MS = 10_000;

/**
 * The start of a run at a relay: one connection and one mail at a time, until the relay has judged a mail on its
 * merits. If a mail is not answered for long, another one is sent on the next connection.
 */
export class Trial {
  #over = false;
  /** Slots with a mail under way, and when it began, in ms. */
  readonly #held = new Map<number, number>();

  get over(): boolean {
    return this.#over;
  }

  /** Ends the trial, because the relay has judged a mail on its merits. */
  end(): void {
    this.#over = true;
  }

  /** Notes that a mail of this slot is under way. */
  hold(slot: number, now: number): void {
    this.#held.set(slot, now);
  }

  /** Notes that it has ended. */
  release(slot: number): void {
    this.#held.delete(slot);
  }

  /** Returns whether this slot may begin a mail: it is the first without one, and all mails under way are slow. */
  admits(slot: number, now: number): boolean {
    if (this.#over) return true;
    for (const since of this.#held.values()) if (now - since < SLOW_MS) return false;
    let turn = 0;
    while (this.#held.has(turn)) turn++;
    return slot === turn;
  }

  /** Returns when the next slot gets its turn just by time passing, in ms; `Infinity` if it does not. */
  nextTurnMs(now: number): number {
    let latest = -Infinity;
    for (const since of this.#held.values()) latest = Math.max(latest, since);
    const left = latest + SLOW_MS - now;
    return left > 0 ? left : Infinity;
  }
}
