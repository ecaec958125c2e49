import type { SessionCounts } from "../consumer/connection_slot.ts";

/** Sessions that have kept to a learnt limit before one is let go beyond it; twice as many each further time. */
const FIRST_TRIAL_AFTER = 100;
/** So many mails beyond a limit show that it is none; one or two may get through before a relay closes. */
const BEYOND = 10;

/**
 * After how many mails a relay closes a connection, learnt from where it did. RFC 9422 has a way to say so, which few
 * servers know. Some count the mails they were offered, some those they took; some say 421, some nothing.
 */
export class SessionLimit {
  #lastGiven = 0;
  #lastAccepted = 0;
  #mails = Infinity;
  /** The limit comes from connections that were closed without a word, which can have other reasons. */
  #silent = false;
  readonly #closed = { answered: 0, accepted: 0, upTo: 0 };
  #kept = 0;
  #trialAfter = FIRST_TRIAL_AFTER;
  /** The session that may go beyond the limit; 0: none. */
  #trial = 0;

  /** Mails to give to one connection. */
  get mails(): number {
    return this.#mails;
  }

  /** Mails to give to this session; one is let go beyond the limit now and then, to see whether it holds. */
  mailsOn(session: number): number {
    return session === this.#trial ? Infinity : this.#mails;
  }

  /**
   * The relay closed a connection with 421 after so many mails, `accepted` of which it took. The same number twice is its
   * limit; returns whether this may be one, and not a number that keeps moving, which is no limit of the connection.
   */
  closedAfter(given: number, accepted: number): boolean {
    const first = this.#lastGiven === 0;
    const limit = sameCount(
      { answered: this.#lastGiven, accepted: this.#lastAccepted },
      { answered: given, accepted },
    );
    [this.#lastGiven, this.#lastAccepted] = [given, accepted];
    if (limit !== Infinity) this.#learn(limit, false);
    return first || limit !== Infinity;
  }

  /**
   * The relay closed this session without a word; `newest` is the last one that was opened. The same number twice is its
   * limit, but not where both were open at the same time: a relay that stops closes all its connections at once.
   */
  closedSilently({ number, answered, accepted }: SessionCounts, newest: number): void {
    // The limit has held, within what may get through.
    if (number === this.#trial) return this.#endTrial();
    if (accepted === 0 || number <= this.#closed.upTo) return;
    const limit = sameCount(this.#closed, { answered, accepted });
    Object.assign(this.#closed, { answered, accepted, upTo: newest });
    if (limit !== Infinity) this.#learn(limit, true);
  }

  /** A mail was answered on this session. Where it has gone well beyond the limit, the limit was none. */
  answered({ number, answered }: SessionCounts): void {
    if (number !== this.#trial || answered < this.#mails + BEYOND) return;
    this.#endTrial();
    this.#mails = Infinity;
    this.#trialAfter = FIRST_TRIAL_AFTER;
  }

  /** A session was ended in order; `newest` is the last one that was opened. */
  left({ number, given }: SessionCounts, newest: number): void {
    if (number === this.#trial) this.#endTrial();
    if (!this.#silent || this.#trial > 0 || given < this.#mails) return;
    if (++this.#kept < this.#trialAfter) return;
    this.#kept = 0;
    this.#trialAfter *= 2;
    this.#trial = newest + 1;
  }

  #learn(mails: number, silent: boolean): void {
    this.#mails = mails;
    this.#silent = silent;
  }

  #endTrial(): void {
    this.#trial = 0;
  }
}

interface Counts {
  readonly answered: number;
  readonly accepted: number;
}

/** The count that is the same in both, the lower one where both are; Infinity where none is. */
function sameCount(a: Counts, b: Counts): number {
  return Math.min(
    a.answered === b.answered ? b.answered : Infinity,
    a.accepted === b.accepted && b.accepted > 0 ? b.accepted : Infinity,
  );
}
