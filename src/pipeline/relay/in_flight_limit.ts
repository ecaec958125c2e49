/** Mails accepted without a loss after which the number of mails under way on a connection is doubled. */
const ACCEPTED_TO_DOUBLE = 1_000;
/** More than any window: the loss is forgotten. */
const FORGOTTEN_AT = 64;

/**
 * Limits how many mails may be under way on each connection to a relay, learnt from connections that were lost with
 * mails in doubt.
 *
 * After a loss the limit is one, and grows as mails get through. Another loss before the first is forgotten ends
 * CHUNKING for the relay: with DATA, a mail is handed over only after the server has said that it is ready.
 */
export class InFlightLimit {
  #mails = Infinity;
  #accepted = 0;
  #chunking = true;
  /** Sessions up to this number had been opened when a loss was noted. */
  #lostUpTo = 0;

  /** Most mails under way on one connection. */
  get mails(): number {
    return this.#mails;
  }

  /** Whether mails may be sent with CHUNKING. */
  get chunking(): boolean {
    return this.#chunking;
  }

  /** Gives up CHUNKING. Returns whether it was in use. */
  endChunking(): boolean {
    const was = this.#chunking;
    this.#chunking = false;
    return was;
  }

  /** Notes that a mail was accepted. */
  accepted(): void {
    if (this.#mails === Infinity || ++this.#accepted < ACCEPTED_TO_DOUBLE) return;
    this.#accepted = 0;
    this.#mails *= 2;
    if (this.#mails >= FORGOTTEN_AT) this.#mails = Infinity;
  }

  /**
   * Notes that a session was lost with mails in doubt; `newest` is the last one opened. Sessions that are open together
   * are lost together, so only one opened after the last loss counts as another loss. Returns whether this one ends
   * CHUNKING.
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
