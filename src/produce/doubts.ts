/** What the relays' refusals leave open: whether they are about us or about the recipients. */
export interface Doubts {
  /** A relay has refused recipients and taken nobody since. */
  readonly open: boolean;
  /** Mails taken so far, and refusals found to be the recipient's own: while it grows, another round may tell more. */
  readonly settled: number;
  /** Everybody else was tried: who was set aside is to be tried again, at relays that take mail. */
  lastRound(): void;
  /** Nobody is left to be tried: what is open stays so, and ends the run. */
  conclude(): void;
}
