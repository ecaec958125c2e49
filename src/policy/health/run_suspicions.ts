import { type OtherRelays, Suspicion } from "./suspicion.ts";

/** The suspicions about all relays of a run, kept together because one relay may accept whom another refuses. */
export class RunSuspicions implements OtherRelays {
  readonly #relays: Suspicion[] = [];
  /** Nobody else is left to try: whatever is still unknown will stay unknown in this run. */
  lastRound = false;
  /** In the last round, a few recipients are held back and tried after those set aside, which will tell more. */
  othersFollow = false;

  /** Adds a relay and returns the suspicion about it. */
  ofRelay(): Suspicion {
    const suspicion = new Suspicion(this);
    this.#relays.push(suspicion);
    return suspicion;
  }

  /** All relays, including those that were given up. */
  get everyRelay(): readonly Suspicion[] {
    return this.#relays;
  }

  /** Relays in use. */
  get relays(): readonly Suspicion[] {
    return this.#relays.filter(({ retired }) => !retired);
  }

  /** Whether some relay in use has refused recipients and accepted nobody since. */
  get open(): boolean {
    return this.relays.some(({ size }) => size > 0);
  }

  /**
   * Counts what was learnt so far: mails accepted, first refusals of a recipient by a relay, refusals attributed to the
   * recipient, and relays given up, whose recipients the others must be tried for.
   */
  get learnt(): number {
    return this.#relays.reduce((sum, { learnt, retired }) => sum + learnt + Number(retired), 0);
  }
}
