/** Mails accepted without a loss after which twice as many may be under way on a connection again. */
const ACCEPTED_TO_DOUBLE = 1_000;
/** So many are more than any window: the loss is forgotten. */
const FORGOTTEN_AT = 64;

/**
 * How many mails may be under way on one connection to a relay, learnt from connections that were lost with mails in doubt;
 * for all connections to it alike.
 *
 * After a loss it is one, and more again as mails get through. A further loss before that is forgotten ends CHUNKING for the
 * relay: with DATA a mail is handed over only when the server has said that it listens.
 */
export class InFlightLimit {
  #mails = Infinity;
  #accepted = 0;
  #chunking = true;
  /** Sessions up to this number were there when a loss was noted. */
  #lostUpTo = 0;

  /** Most mails under way on one connection. */
  get mails(): number {
    return this.#mails;
  }

  /** Mails may be sent by CHUNKING. */
  get chunking(): boolean {
    return this.#chunking;
  }

  /** CHUNKING is given up. Returns whether it was in use. */
  endChunking(): boolean {
    const was = this.#chunking;
    this.#chunking = false;
    return was;
  }

  /** A mail was accepted. */
  accepted(): void {
    if (this.#mails === Infinity || ++this.#accepted < ACCEPTED_TO_DOUBLE) return;
    this.#accepted = 0;
    this.#mails *= 2;
    if (this.#mails >= FORGOTTEN_AT) this.#mails = Infinity;
  }

  /**
   * A session was lost with mails in doubt; `newest` is the last one that was opened. What is open together is lost together,
   * so only one that was opened after the last loss is a further one. Returns whether this one ends CHUNKING.
   */
  lost(session: number, newest: number): boolean {
    const further = session > this.#lostUpTo && this.#mails !== Infinity;
    if (session > this.#lostUpTo) this.#lostUpTo = newest;
    this.#mails = 1;
    this.#accepted = 0;
    if (!further || !this.#chunking) return false;
    this.#chunking = false;
    return true;
  }
}
