/**
 * After how many mails a relay closes a connection, learnt from where it did. RFC 9422 has a way to say so, which few
 * servers know. Some count the mails they were offered, some those they took.
 */
export class SessionLimit {
  #lastGiven = 0;
  #lastAccepted = 0;
  #mails = Infinity;

  /** Mails to give to one connection. */
  get mails(): number {
    return this.#mails;
  }

  /**
   * The relay closed a connection after so many mails, `accepted` of which it took. The same number twice is its limit;
   * answers whether this may be one, and not a number that keeps moving, which is no limit of the connection.
   */
  closedAfter(given: number, accepted: number): boolean {
    const first = this.#lastGiven === 0;
    const counts = [
      given === this.#lastGiven ? given : Infinity,
      accepted === this.#lastAccepted && accepted > 0 ? accepted : Infinity,
    ];
    [this.#lastGiven, this.#lastAccepted] = [given, accepted];
    const limit = Math.min(...counts);
    if (limit !== Infinity) this.#mails = limit;
    return first || limit !== Infinity;
  }
}
