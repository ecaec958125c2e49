/** Time without any session after which a relay that did answer is given up: an MTA restarts well within it. */
export const PATIENCE_MS = 5 * 60_000;
/** Failed connects in a row after which a relay that never answered is given up. */
const TRIES_TO_FIRST_SESSION = 3;

/** A connect that failed. */
export interface FailedConnect {
  /** The relay was not asked at all, as our own machine could not: it says nothing about the relay. */
  readonly unasked: boolean;
  /** It sent us away in its greeting, as too many are connected. */
  readonly busy: boolean;
  /** There has been a session in this run. */
  readonly answered: boolean;
  /** For how long every connect has failed. */
  readonly failingMs: number;
}

/** How long a relay to which no session comes about is tried. Pure: it has no clock. */
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
    // A greeting that sends us away tells how busy the relay is: it is there.
    const patienceMs = busy ? this.#patienceMs : Math.min(this.#patienceMs, PATIENCE_MS);
    return (silent && !busy) || failingMs > patienceMs;
  }
}
