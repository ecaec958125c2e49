import type { SessionCounts } from "../consumer/connection_slot.ts";

/** Sessions within a learnt limit before one may exceed it; doubled each time. */
const FIRST_TRIAL_AFTER = 100;
/** This many mails beyond a limit disprove it; one or two can get through before a relay closes. */
const BEYOND = 10;

/**
 * Learns after how many mails a relay closes a connection. RFC 9422 lets servers announce it, but few do. Some count
 * the mails they were offered, some those they accepted; some reply with 421, some just close.
 */
export class SessionLimit {
  #lastGiven = 0;
  #lastAccepted = 0;
  #mails = Infinity;
  /** Whether the limit comes from connections that were closed without a reply, which can have other reasons. */
  #silent = false;
  readonly #closed = { answered: 0, accepted: 0, upTo: 0 };
  #kept = 0;
  #trialAfter = FIRST_TRIAL_AFTER;
  /** The session that may exceed the limit; 0 for none. */
  #trial = 0;

  /** Mails to give to one connection. */
  get mails(): number {
    return this.#mails;
  }

  /**
   * Returns the number of mails to give to this session. From time to time one may exceed the limit, to see whether it
   * still holds.
   */
  mailsOn(session: number): number {
    return session === this.#trial ? Infinity : this.#mails;
  }

  /**
   * Notes that the relay closed a connection with 421 after `given` mails, of which it accepted `accepted`. The same
   * number twice is its limit. Returns whether this may be a limit; a number that varies is not a limit per connection.
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
   * Notes that the relay closed this session without a reply; `newest` is the last one opened. The same number twice is
   * its limit, unless both sessions were open at the same time: a relay that shuts down closes all its connections at
   * once.
   */
  closedSilently({ number, answered, accepted }: SessionCounts, newest: number): void {
    // The limit has been confirmed, within the tolerance.
    if (number === this.#trial) return this.#endTrial();
    if (accepted === 0 || number <= this.#closed.upTo) return;
    const limit = sameCount(this.#closed, { answered, accepted });
    Object.assign(this.#closed, { answered, accepted, upTo: newest });
    if (limit !== Infinity) this.#learn(limit, true);
  }

  /** Notes that a mail was answered on this session. If it is well beyond the limit, the limit is disproved. */
  answered({ number, answered }: SessionCounts): void {
    if (number !== this.#trial || answered < this.#mails + BEYOND) return;
    this.#endTrial();
    this.#mails = Infinity;
    this.#trialAfter = FIRST_TRIAL_AFTER;
  }

  /** Notes that a session ended properly; `newest` is the last one opened. */
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

/** Returns the count that is the same in both, the lower one if both are; Infinity if neither is. */
function sameCount(a: Counts, b: Counts): number {
  return Math.min(
    a.answered === b.answered ? b.answered : Infinity,
    a.accepted === b.accepted && b.accepted > 0 ? b.accepted : Infinity,
  );
}
