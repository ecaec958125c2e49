/** The right to one connection to a relay. */
export interface ConnectionSlot {
  /** Counted from 0; the trial begins with the first slot. */
  readonly number: number;
  /** Whether it holds a session. */
  readonly connected: boolean;
  /** Ends the session properly. */
  leave(): Promise<void>;
}

/** What a session has done so far. */
export interface SessionCounts {
  /** Its number, as `RelayController.connected()` gave it. */
  readonly number: number;
  /** Whether it uses CHUNKING. */
  readonly chunking: boolean;
  /** Whether it uses PIPELINING. */
  readonly pipelining: boolean;
  /** Mails given to it. */
  given: number;
  /** Mails the relay accepted or refused on it. */
  answered: number;
  /** Mails the relay accepted on it. */
  accepted: number;
  /** Whether the relay has accepted MAIL for any mail on it. */
  carried: boolean;
  /** Whether the relay closed it without a reply. */
  closed: boolean;
  /** Whether the relay refused MAIL on it after other mails, so that it takes no more. */
  exhausted: boolean;
}

/** Returns the counts of a new session. */
export function newSession(
  number: number,
  uses: Pick<SessionCounts, "chunking" | "pipelining">,
): SessionCounts {
  const { chunking, pipelining } = uses;
  const nothing = { given: 0, answered: 0, accepted: 0 };
  const neither = { carried: false, closed: false, exhausted: false };
  return { number, chunking, pipelining, ...nothing, ...neither };
}

/** Session and time of an attempt. */
export interface SendContext {
  readonly session: SessionCounts;
  /** Mails given to the same session before. */
  readonly mailsBefore: number;
  /** Time at which it was given to the session, ms since the epoch by `SteadyTime`. */
  readonly sentAt: number;
}
