/** Tracks whether the relays' refusals may be about us rather than about the recipients. */
export interface RelayDoubts {
  /** Whether a relay has refused recipients and accepted nobody since. */
  readonly open: boolean;
  /** Whether a relay in use has accepted mail in this run. */
  readonly taken: boolean;
  /**
   * Counts what was learnt so far: mails accepted, first refusals by a relay, refusals attributed to the recipient, and
   * relays given up. While it grows, another round can tell more.
   */
  readonly learnt: number;
  /**
   * Begins the last round: everybody else was tried, and those set aside are tried again at relays that accept mail.
   * With `othersFollow`, a few others were held back and are tried after them.
   */
  lastRound(othersFollow: boolean): void;
  /**
   * Ends the rounds because nobody is left to try: open questions stay open, and relays that accept nobody are given up,
   * even if none remains. Returns whether a relay was given up and others remain, which must be tried for those set
   * aside.
   */
  conclude(): boolean;
}
