/**
 * After how many mails a relay closes a connection, learnt from where it did. RFC 9422 has a way to say so, which few
 * servers know.
 */
export class SessionLimit {
  #last = 0;
  #mails = Infinity;

  /** Mails to give to one connection. */
  get mails(): number {
    return this.#mails;
  }

  /**
   * The relay closed a connection after so many mails. The same number twice is its limit; answers whether this may be one,
   * and not a number that keeps moving, which is no limit of the connection.
   */
  closedAfter(mails: number): boolean {
    const last = this.#last;
    this.#last = mails;
    if (mails === last) this.#mails = mails;
    return last === 0 || mails === last;
  }
}
