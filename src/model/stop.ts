/** Why a run ends before all is settled, and what to do about it. */
export interface StopReason {
  readonly reason: string;
  readonly hint: string | undefined;
}

/**
 * The one word that ends a run early. The first to give it is heard: no new mail is begun after that, what is on the wire
 * is finished and settled.
 */
export class Stop {
  readonly #controller = new AbortController();
  #given: StopReason | undefined;

  /** Aborted once a stop is given. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get reason(): StopReason | undefined {
    return this.#given;
  }

  request(reason: string, hint?: string): void {
    if (this.#given !== undefined) return;
    this.#given = { reason, hint };
    this.#controller.abort(new DOMException(reason, "AbortError"));
  }
}
