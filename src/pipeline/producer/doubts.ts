/** What the relays' refusals leave open: whether they are about us or about the recipients. */
export interface Doubts {
  /** A relay has refused recipients and accepted nobody since. */
  readonly open: boolean;
  /** A relay in use has accepted mail in this run. */
  readonly taken: boolean;
  /**
   * What was learnt so far: mails accepted, first refusals by a relay, refusals found to be the recipient's own, and relays given
   * up. While it grows, another round may tell more.
   */
  readonly learnt: number;
  /**
   * Everybody else was tried: those set aside are tried again, at relays that take mail. `othersFollow`: all but a few that were
   * held back and are tried after them.
   */
  lastRound(othersFollow: boolean): void;
  /**
   * Nobody is left to try: what is open stays open, and the relays that take nobody are given up; all of them if none accepts
   * mail. Returns whether a relay was given up and others are left, which must be asked about those set aside.
   */
  conclude(): boolean;
}
