/**
 * Exim ends a connection with 554 at the eleventh command that does not belong to a mail (`smtp_accept_max_nonmail`). This many
 * RSETs are safe while two mails are under way, whose RSETs may count as well.
 */
const MOST = 7;
/** One in this many of the mails under way is expected to be refused. */
const REFUSED_ONE_IN = 4;
/** This many RSETs are allowed whatever is under way. */
const LEAST = 3;

/**
 * Counts the RSETs of a connection as Exim does: one is free at the beginning, and one after each mail that got as far as its
 * body, accepted or refused; any other counts. So each recipient refused at RCPT costs at most one.
 */
export class ResetCount {
  #counted = 0;
  #free = true;

  /** Returns whether no mail should follow the `underWay` ones on this connection. */
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
