/** One connection's worth of sending at a relay. */
export interface ConnectionSlot {
  /** From 0; the trial begins with the first one. */
  readonly number: number;
  /** It holds a session. */
  readonly connected: boolean;
  /** Ends the session, in order. */
  leave(): Promise<void>;
}

/** What a session has done so far. */
export interface SessionCounts {
  /** Its number, as `RelayController.connected()` gave it. */
  readonly number: number;
  /** It uses CHUNKING. */
  readonly chunking: boolean;
  /** It uses PIPELINING. */
  readonly pipelining: boolean;
  /** Mails given to it. */
  given: number;
  /** Mails the relay accepted or refused on it. */
  answered: number;
  /** Mails the relay accepted on it. */
  accepted: number;
  /** The relay let a mail on it pass MAIL, whatever became of it then. */
  carried: boolean;
  /** The relay closed it without a reply. */
  closed: boolean;
  /** The relay refused MAIL on it after other mails: it takes no more. */
  exhausted: boolean;
}

/** A session that has carried nothing yet. */
export function newSession(
  number: number,
  uses: Pick<SessionCounts, "chunking" | "pipelining">,
): SessionCounts {
  const { chunking, pipelining } = uses;
  const nothing = { given: 0, answered: 0, accepted: 0 };
  const neither = { carried: false, closed: false, exhausted: false };
  return { number, chunking, pipelining, ...nothing, ...neither };
}

/** Where and when a mail was sent from. */
export interface SendContext {
  readonly session: SessionCounts;
  /** Mails given to the same session before. */
  readonly mailsBefore: number;
  /** When it was given to the session, ms since the epoch by `SteadyTime`. */
  readonly sentAt: number;
}
