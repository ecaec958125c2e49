import type { StopKind } from "./stop_kind.ts";

/** Why a run ends before everything is settled, and what to do about it. */
export interface StopReason {
  /** For programs; people read the others. */
  readonly kind: StopKind;
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

  request(kind: StopKind, reason: string, hint?: string): void {
    if (this.#reason !== undefined) return;
    this.#reason = { kind, reason, hint };
    this.#controller.abort(new DOMException(reason, "AbortError"));
  }
}
