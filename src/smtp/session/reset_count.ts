/**
 * RSETs that do not belong to a mail, on one connection: Exim ends a connection with 554 at the eleventh
 * (`smtp_accept_max_nonmail`). So many are safe where two mails are under way, whose RSETs may count, too.
 */
const MOST = 7;
/** Of so many more under way one is reckoned to be refused; so many RSETs are allowed whatever is under way. */
const REFUSED_ONE_IN = 4;
const LEAST = 3;

/**
 * Counts the RSETs of a connection as Exim does: one is free at the beginning and after each mail that came as far as its
 * body, whether that was accepted or refused; a further one counts. So each recipient refused at RCPT costs one at most.
 */
export class ResetCount {
  #counted = 0;
  #free = true;

  /** No mail should follow on this connection beside the `underWay` ones. */
  usedUp(underWay: number): boolean {
    return this.#counted >= Math.max(LEAST, MOST - Math.floor(underWay / REFUSED_ONE_IN));
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
