/**
 * RSETs that do not belong to a mail, on one connection: Exim ends a connection with 554 at the eleventh
 * (`smtp_accept_max_nonmail`). So many are safe, with those that are under way already.
 */
const MOST = 7;

/**
 * Counts the RSETs of a connection as Exim does: one is free at the beginning and after each mail that came as far as its
 * body, whether that was accepted or refused; a further one counts. So each recipient refused at RCPT costs one at most.
 */
export class ResetCount {
  #counted = 0;
  #free = true;

  /** No more of them should follow on this connection. */
  get usedUp(): boolean {
    return this.#counted >= MOST;
  }

  /** The server has answered a RSET. */
  answered(): void {
    if (!this.#free) this.#counted++;
    this.#free = false;
  }

  /** The server has judged a mail by its body. */
  bodyJudged(): void {
    this.#free = true;
  }
}
