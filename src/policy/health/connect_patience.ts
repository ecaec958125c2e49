/** Time without a session after which a relay that has answered before is given up. An MTA restarts well within it. */
export const PATIENCE_MS = 5 * 60_000;
/** Failed connects in a row after which a relay that never answered is given up. */
const TRIES_TO_FIRST_SESSION = 3;

/** A failed connect. */
export interface FailedConnect {
  /** Whether the relay was not even contacted, because of a problem on our machine; this says nothing about the relay. */
  readonly unasked: boolean;
  /** Whether it turned us away in its greeting because of too many connections. */
  readonly busy: boolean;
  /** Whether there has been a session in this run. */
  readonly answered: boolean;
  /** For how long all connects have failed. */
  readonly failingMs: number;
}

/** Decides how long to keep trying a relay to which no session can be opened. Pure: it has no clock. */
export class ConnectPatience {
  readonly #patienceMs: number;
  /** Failed connects that say something about the relay. */
  #unanswered = 0;

  /** @param patienceMs how long a relay that answers may accept nobody */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** Notes a failed connect. Returns whether the relay is to be given up. */
  failed({ unasked, busy, answered, failingMs }: FailedConnect): boolean {
    if (!unasked) this.#unanswered++;
    const silent = !answered && !unasked && this.#unanswered >= TRIES_TO_FIRST_SESSION;
    // A greeting that turns us away shows that the relay is up, but busy.
    const patienceMs = busy ? this.#patienceMs : Math.min(this.#patienceMs, PATIENCE_MS);
    return (silent && !busy) || failingMs > patienceMs;
  }
}
