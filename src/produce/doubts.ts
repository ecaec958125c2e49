/** What the relays' refusals leave open: whether they are about us or about the recipients. */
export interface Doubts {
  /** A relay has refused recipients and taken nobody since. */
  readonly open: boolean;
  /**
   * How much was learnt so far: mails taken, relays that refused somebody for the first time, refusals found to be the recipient's
   * own. While it grows, another round may tell more.
   */
  readonly learnt: number;
  /** Everybody else was tried: who was set aside is to be tried again, at relays that take mail. */
  lastRound(): void;
  /**
   * Nobody is left to be tried: what is open stays so, and ends the use of the relays that take nobody; of all, where none does.
   * Returns whether a relay was given up and others are left, who are to be asked about those set aside.
   */
  conclude(): boolean;
}
