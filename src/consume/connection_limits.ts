import { InFlightLimit } from "./in_flight_limit.ts";
import type { SessionCounts } from "./seat.ts";
import { SessionLimit } from "./session_limit.ts";

/** What a relay has shown it does not bear on one connection; it holds for all connections to it. */
export class ConnectionLimits {
  readonly #relay: string;
  readonly #onNews: (message: string) => void;
  readonly #session = new SessionLimit();
  readonly #inFlight = new InFlightLimit();
  #lockStep = false;

  /** @param relay its name, for the news */
  constructor(relay: string, onNews: (message: string) => void) {
    this.#relay = relay;
    this.#onNews = onNews;
  }

  /** It offers PIPELINING and cannot do it (FAULTS 1, 29). */
  get lockStep(): boolean {
    return this.#lockStep;
  }

  /** CHUNKING may be used where it is offered. */
  get chunking(): boolean {
    return this.#inFlight.chunking;
  }

  /** Mails under way on one connection, at the most. */
  get mailsInFlight(): number {
    return this.#inFlight.mails;
  }

  /** Mails after which it is known to close a connection. */
  get mailsPerSession(): number {
    return this.#session.mails;
  }

  /** Mails to give to this session. */
  mailsOn(session: SessionCounts): number {
    return this.#session.mailsOn(session.number);
  }

  /** Replies to a pipelined group stayed out. */
  suspectPipelining(): void {
    if (this.#lockStep) return;
    this.#lockStep = true;
    this.#onNews(`${this.#relay} does not answer pipelined commands; going on one by one`);
  }

  /** A mail was answered on a session. */
  answered(session: SessionCounts, accepted: boolean): void {
    this.#session.answered(session);
    if (accepted) this.#inFlight.accepted();
  }

  /** The session was lost with mails in doubt; `newest` is the last session opened. */
  lost({ number }: SessionCounts, newest: number): void {
    if (!this.#inFlight.lost(number, newest)) return;
    this.#onNews(
      `${this.#relay} closes connections without answering the mails on them; continuing without CHUNKING`,
    );
  }

  /** It closed a connection with 421 after so many mails. Answers whether that may be its limit (`SessionLimit`). */
  dismissedAfter(mails: number, { accepted }: SessionCounts): boolean {
    return this.#session.closedAfter(mails, accepted);
  }

  /** A session has ended: closed by the relay without a word, or otherwise. */
  ended(session: SessionCounts, silently: boolean, newest: number): void {
    if (silently) this.#session.closedSilently(session, newest);
    else this.#session.left(session, newest);
  }
}
