import type { Attempt } from "../smtp/attempt.ts";
import { InFlightLimit } from "./in_flight_limit.ts";
import type { SessionCounts } from "./seat.ts";
import { SessionLimit } from "./session_limit.ts";

/** What a relay has shown it does not bear on one connection; it holds for all connections to it. */
export class ConnectionLimits {
  readonly #relay: string;
  readonly #newest: () => number;
  readonly #onNews: (message: string) => void;
  readonly #session = new SessionLimit();
  readonly #inFlight = new InFlightLimit();
  #lockStep = false;
  #roundTripMs = Infinity;

  /**
   * @param relay its name, for the news
   * @param newest the number of the last session opened
   */
  constructor(relay: string, newest: () => number, onNews: (message: string) => void) {
    this.#relay = relay;
    this.#newest = newest;
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

  /** Most mails under way on one connection. */
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

  /** The least round trip of all sessions, in ms, `measured` on a new one: what was longer was our own event loop, or the server's. */
  roundTrip(measured: number): number {
    this.#roundTripMs = Math.min(this.#roundTripMs, measured);
    return this.#roundTripMs;
  }

  /** Replies to a pipelined group stayed out. */
  suspectPipelining(): void {
    if (this.#lockStep) return;
    this.#lockStep = true;
    this.#onNews(`${this.#relay} does not answer pipelined commands; going on one by one`);
  }

  /**
   * Notes what became of a mail on this session.
   *
   * @param dismissed the relay has said that it ends the session
   */
  attempted(session: SessionCounts, attempt: Attempt, dismissed: boolean): void {
    if (attempt.kind === "broken" && attempt.cause === "closed" && !dismissed) {
      return this.closedSilently(session);
    }
    const accepted = attempt.kind === "accepted";
    // 421, and a refused RSET, answer no mail but end the session.
    const refused = attempt.kind === "refused" && attempt.stage !== "rset" &&
      attempt.reply.code !== 421;
    if (!accepted && !refused) return;
    session.answered++;
    if (accepted) session.accepted++;
    this.#session.answered(session);
    if (accepted) this.#inFlight.accepted();
  }

  /** The session was lost with mails in doubt. With DATA there is at most one of them, and nothing to learn. */
  lost({ number, chunking }: SessionCounts): void {
    if (!chunking || !this.#inFlight.lost(number, this.#newest())) return;
    this.#onNews(
      `${this.#relay} loses connections with mails unanswered on them; continuing without CHUNKING`,
    );
  }

  /** It closed a connection with 421 after so many mails. Returns whether that may be its limit (`SessionLimit`). */
  dismissedAfter(mails: number, { accepted }: SessionCounts): boolean {
    return this.#session.closedAfter(mails, accepted);
  }

  /** It has closed this session without a word; may be told more than once. */
  closedSilently(session: SessionCounts): void {
    if (session.closed) return;
    session.closed = true;
    this.#session.closedSilently(session, this.#newest());
  }

  /** A session has ended, one way or another. */
  ended(session: SessionCounts): void {
    if (!session.closed) this.#session.left(session, this.#newest());
  }
}
