import { judgeReply } from "../../policy/replies/judge_reply.ts";
import type { Attempt, DisconnectCause } from "../../model/attempt.ts";
import type { SmtpClient } from "../../smtp/smtp_client.ts";
import { InFlightLimit } from "./in_flight_limit.ts";
import { MailRefusals } from "./mail_refusals.ts";
import type { SendContext, SessionCounts } from "../consumer/connection_slot.ts";
import { SessionLimit } from "./session_limit.ts";

/** Limits that a relay has shown on one connection and that apply to all connections to it. */
export class ConnectionLimits {
  readonly #relay: string;
  readonly #newest: () => number;
  readonly #onNews: (message: string) => void;
  readonly #session = new SessionLimit();
  readonly #inFlight = new InFlightLimit();
  readonly #mailRefusals = new MailRefusals();
  #chunkingShown = false;
  #behindDot = true;
  #lockStep = false;
  #roundTripMs = Infinity;

  /**
   * @param relay its name, for messages
   * @param newest the number of the last session opened
   */
  constructor(relay: string, newest: () => number, onNews: (message: string) => void) {
    this.#relay = relay;
    this.#newest = newest;
    this.#onNews = onNews;
  }

  /** Whether it offers PIPELINING but does not support it. */
  get lockStep(): boolean {
    return this.#lockStep;
  }

  /** Whether CHUNKING may be used if it is offered. */
  get chunking(): boolean {
    return this.#inFlight.chunking;
  }

  /** Whether it has shown that it reads the chunks that it refuses. */
  get chunkingShown(): boolean {
    return this.#chunkingShown;
  }

  /** Whether commands may follow a final dot in the same group. */
  get behindDot(): boolean {
    return this.#behindDot;
  }

  /** Whether there has been a session. */
  get hadSession(): boolean {
    return this.#roundTripMs < Infinity;
  }

  /** Returns whether this session uses an extension that must no longer be used with the relay. */
  outdated({ chunking, pipelining }: SessionCounts): boolean {
    return (chunking && !this.chunking) || (pipelining && this.#lockStep);
  }

  /** Most mails under way on one connection. */
  get mailsInFlight(): number {
    return this.#inFlight.mails;
  }

  /** Number of mails after which the relay closes a connection, as far as known. */
  get mailsPerSession(): number {
    return this.#session.mails;
  }

  /** Returns the number of mails to give to this session. */
  mailsOn(session: SessionCounts): number {
    return this.#session.mailsOn(session.number);
  }

  /**
   * Returns the shortest round trip of all sessions, in ms, including the one `measured` now: longer ones include delays
   * of an event loop, ours or the server's.
   */
  roundTrip(measured: number): number {
    this.#roundTripMs = Math.min(this.#roundTripMs, measured);
    return this.#roundTripMs;
  }

  /** Notes that replies to a pipelined group did not come. */
  suspectPipelining(): void {
    if (this.#lockStep) return;
    this.#lockStep = true;
    this.#onNews(`${this.#relay} does not answer pipelined commands; continuing one by one`);
  }

  /** Notes whether a probe showed that it reads the chunks that it refuses. */
  probedChunking(shown: boolean): void {
    if (shown) this.#chunkingShown = true;
    else if (this.#inFlight.endChunking()) {
      this.#onNews(
        `${this.#relay} has not shown that it discards refused chunks; continuing without CHUNKING`,
      );
    }
  }

  /**
   * Returns whether this attempt was probably refused at MAIL because the session has carried its number of mails
   * (`MailRefusals`). The session must not be used any more then. Replies with 421, or that ask for a login, are
   * unambiguous.
   */
  refusedAtMail(attempt: Attempt, { session, mailsBefore }: SendContext): boolean {
    if (attempt.kind !== "refused" || attempt.stage !== "mail") return false;
    const { code } = attempt.reply;
    if (code === 421 || (code >= 530 && code <= 538)) return false;
    if (judgeReply("mail", attempt.reply).kind === "suspicion") return false;
    // Some servers also count the mails that they refused.
    if (!session.carried) {
      this.#mailRefusals.onFresh(session.number);
      return false;
    }
    if (session.exhausted) return true;
    const counts = { given: mailsBefore, accepted: session.accepted };
    session.exhausted = this.#mailRefusals.onUsed(counts, this.#newest(), code < 500);
    return session.exhausted;
  }

  /**
   * Notes the result of a mail on this session.
   *
   * @param client the client that carried it
   */
  attempted(
    session: SessionCounts,
    attempt: Attempt,
    { dismissed, refusesBehindDot }: Pick<SmtpClient, "dismissed" | "refusesBehindDot">,
  ): void {
    if (refusesBehindDot) this.#refusesBehindDot();
    if (attempt.kind === "broken") {
      // After a 421 or a similar farewell, the end of the connection tells nothing.
      if (attempt.cause === "out-of-step" || !dismissed) this.brokenBy(attempt.cause, session);
      return;
    }
    if (session.exhausted) return;
    const accepted = attempt.kind === "accepted";
    // A 421 or a refused RSET is not about a mail, but ends the session.
    const refused = attempt.kind === "refused" && attempt.stage !== "rset" &&
      attempt.reply.code !== 421;
    if (!accepted && !refused) return;
    session.answered++;
    if (attempt.kind !== "refused" || attempt.stage !== "mail") session.carried = true;
    if (accepted) session.accepted++;
    this.#session.answered(session);
    if (!accepted) return;
    this.#inFlight.accepted();
    const proved = this.#mailRefusals.accepted(session.number);
    if (proved !== undefined) this.#session.closedAfter(proved.given, proved.accepted);
  }

  #refusesBehindDot(): void {
    if (!this.#behindDot) return;
    this.#behindDot = false;
    this.#onNews(
      `${this.#relay} refuses commands after the end of a mail; continuing with one mail in each group`,
    );
  }

  /** Notes that its replies do not match what was pipelined. */
  #outOfStep({ chunking, pipelining }: SessionCounts): void {
    const way = `${this.#relay} answers out of step with pipelined commands; continuing`;
    if (chunking) {
      if (this.#inFlight.endChunking()) this.#onNews(`${way} without CHUNKING`);
    } else if (pipelining && !this.#lockStep) {
      this.#lockStep = true;
      this.#onNews(`${way} one by one`);
    }
  }

  /** Notes that the session was lost with mails in doubt. With DATA there is at most one, and nothing to learn. */
  lost({ number, chunking }: SessionCounts): void {
    if (!chunking || !this.#inFlight.lost(number, this.#newest())) return;
    this.#onNews(
      `${this.#relay} drops connections while mails are unanswered; continuing without CHUNKING`,
    );
  }

  /** Notes that it closed a connection with 421 after this many mails. Returns whether that may be its limit (`SessionLimit`). */
  dismissedAfter(mails: number, { accepted }: SessionCounts): boolean {
    return this.#session.closedAfter(mails, accepted);
  }

  /** Notes that the session broke; may be called more than once. */
  brokenBy(cause: DisconnectCause, session: SessionCounts): void {
    if (cause === "out-of-step") this.#outOfStep(session);
    if (cause !== "closed" || session.closed) return;
    session.closed = true;
    this.#session.closedSilently(session, this.#newest());
  }

  /** Notes that a session has ended, one way or another. */
  ended(session: SessionCounts): void {
    if (!session.closed) this.#session.left(session, this.#newest());
  }
}
