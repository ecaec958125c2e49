import { judgeReply } from "../../policy/replies/judge_reply.ts";
import type { Attempt, DisconnectCause } from "../../model/attempt.ts";
import type { SmtpClient } from "../../smtp/smtp_client.ts";
import { InFlightLimit } from "./in_flight_limit.ts";
import { MailRefusals } from "./mail_refusals.ts";
import type { SendContext, SessionCounts } from "../consumer/connection_slot.ts";
import { SessionLimit } from "./session_limit.ts";

/** What a relay has shown that it does not support on one connection; it applies to all connections to it. */
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
   * @param relay its name, for the news
   * @param newest the number of the last session opened
   */
  constructor(relay: string, newest: () => number, onNews: (message: string) => void) {
    this.#relay = relay;
    this.#newest = newest;
    this.#onNews = onNews;
  }

  /** It offers PIPELINING but does not support it. */
  get lockStep(): boolean {
    return this.#lockStep;
  }

  /** CHUNKING may be used if it is offered. */
  get chunking(): boolean {
    return this.#inFlight.chunking;
  }

  /** It has shown that it reads chunks that it refuses. */
  get chunkingShown(): boolean {
    return this.#chunkingShown;
  }

  /** Commands may follow a final dot in the same group. */
  get behindDot(): boolean {
    return this.#behindDot;
  }

  /** There has been a session. */
  get met(): boolean {
    return this.#roundTripMs < Infinity;
  }

  /** This session uses an extension that is no longer to be used with the relay. */
  outdated({ chunking, pipelining }: SessionCounts): boolean {
    return (chunking && !this.chunking) || (pipelining && this.#lockStep);
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

  /** Replies to a pipelined group did not come. */
  suspectPipelining(): void {
    if (this.#lockStep) return;
    this.#lockStep = true;
    this.#onNews(`${this.#relay} does not answer pipelined commands; continuing one by one`);
  }

  /** A probe showed whether it reads chunks that it refuses. */
  probedChunking(shown: boolean): void {
    if (shown) this.#chunkingShown = true;
    else if (this.#inFlight.endChunking()) {
      this.#onNews(
        `${this.#relay} does not show that it discards a refused chunk; continuing without CHUNKING`,
      );
    }
  }

  /**
   * Whether this attempt was refused at MAIL because the session has carried its number of mails, as far as can be known yet
   * (`MailRefusals`). The session is not to be used any more then. 421 and those that ask for a login say what they mean.
   */
  refusedAtMail(attempt: Attempt, { session, mailsBefore }: SendContext): boolean {
    if (attempt.kind !== "refused" || attempt.stage !== "mail") return false;
    const { code } = attempt.reply;
    if (code === 421 || (code >= 530 && code <= 538)) return false;
    if (judgeReply("mail", attempt.reply).kind === "suspicion") return false;
    // Some count the mails that they refused, too.
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
   * Takes in what became of a mail on this session.
   *
   * @param client what carried it
   */
  attempted(
    session: SessionCounts,
    attempt: Attempt,
    { dismissed, refusesBehindDot }: Pick<SmtpClient, "dismissed" | "refusesBehindDot">,
  ): void {
    if (refusesBehindDot) this.#refusesBehindDot();
    if (attempt.kind === "broken") {
      // After its own farewell, the end of the connection says nothing.
      if (attempt.cause === "out-of-step" || !dismissed) this.brokenBy(attempt.cause, session);
      return;
    }
    if (session.exhausted) return;
    const accepted = attempt.kind === "accepted";
    // 421, and a refused RSET, answer no mail but end the session.
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
      `${this.#relay} refuses commands behind the end of a mail; continuing with one mail in each group`,
    );
  }

  /** Its replies do not match what was pipelined. */
  #outOfStep({ chunking, pipelining }: SessionCounts): void {
    const way = `${this.#relay} answers out of step with pipelined commands; continuing`;
    if (chunking) {
      if (this.#inFlight.endChunking()) this.#onNews(`${way} without CHUNKING`);
    } else if (pipelining && !this.#lockStep) {
      this.#lockStep = true;
      this.#onNews(`${way} one by one`);
    }
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

  /** The session broke; may be called more than once. */
  brokenBy(cause: DisconnectCause, session: SessionCounts): void {
    if (cause === "out-of-step") this.#outOfStep(session);
    if (cause !== "closed" || session.closed) return;
    session.closed = true;
    this.#session.closedSilently(session, this.#newest());
  }

  /** A session has ended, one way or another. */
  ended(session: SessionCounts): void {
    if (!session.closed) this.#session.left(session, this.#newest());
  }
}
