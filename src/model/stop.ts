/** Why a run ends before everything is settled, and what to do about it. */
export interface StopReason {
  readonly reason: string;
  readonly hint: string | undefined;
}

/**
 * Ends a run early. Only the first request counts: no new mail is started after it, and mail on the wire is finished
 * and settled.
 */
export class Stop {
  readonly #controller = new AbortController();
  #reason: StopReason | undefined;

  /** Aborted once a stop is requested. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get reason(): StopReason | undefined {
    return this.#reason;
  }

  request(reason: string, hint?: string): void {
    if (this.#reason !== undefined) return;
    this.#reason = { reason, hint };
    this.#controller.abort(new DOMException(reason, "AbortError"));
  }
}
