import { type OtherRelays, Suspicion } from "./suspicion.ts";

/** What the relays of a run have refused for reasons that may be about us; all of them, as one may take whom another refuses. */
export class RunSuspicions implements OtherRelays {
  readonly #relays: Suspicion[] = [];
  /** Nobody else is left to be tried: what is not known by now will not be known in this run. */
  lastRound = false;
  /** In the last round: a few are held back and tried after those set aside; whether they are taken will tell more. */
  othersFollow = false;

  /** The suspicion about one more relay. */
  ofRelay(): Suspicion {
    const suspicion = new Suspicion(this);
    this.#relays.push(suspicion);
    return suspicion;
  }

  /** Relays in use, and those that were given up. */
  get everyRelay(): readonly Suspicion[] {
    return this.#relays;
  }

  /** Relays in use. */
  get relays(): readonly Suspicion[] {
    return this.#relays.filter(({ retired }) => !retired);
  }

  /** Some relay in use has refused recipients and taken nobody since. */
  get open(): boolean {
    return this.relays.some(({ size }) => size > 0);
  }

  /**
   * What was learnt so far: mails taken, relays that refused somebody for the first time, refusals found to be the recipient's
   * own, and relays given up, whose recipients the others have to be asked about.
   */
  get learnt(): number {
    return this.#relays.reduce((sum, { learnt, retired }) => sum + learnt + Number(retired), 0);
  }
}
