/** One who sends through a gate. */
export interface Seat {
  /** From 0; the first one has the trial. */
  readonly number: number;
  /** It holds a session. */
  readonly connected: boolean;
  /** Ends the session, in order. */
  leave(): Promise<void>;
}

/** Where a mail was sent from. */
export interface Place {
  /** Number of the session, as `Gate.connected()` gave it. */
  readonly session: number;
  /** Mails given to the same session before. */
  readonly mailsBefore: number;
}
