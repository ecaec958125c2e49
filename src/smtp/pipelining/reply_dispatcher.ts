import { replyLine } from "../../model/reply.ts";
import type { Reply } from "../../model/reply.ts";
import type { Farewell } from "../session/farewell.ts";
import { ResetCount } from "../session/reset_count.ts";
import type { Session } from "../session/session.ts";
import type { Receiver } from "../wire/connection.ts";
import type { Disconnect } from "../wire/disconnect.ts";
import { timeoutOf } from "../wire/timeouts.ts";
import type { WriteBuffer } from "../wire/write_buffer.ts";
import type { MailAdmission } from "./mail_admission.ts";
import type { Done, Strategy } from "./client_context.ts";
import { severalAwaited, type Transaction } from "./transaction.ts";

export interface DispatcherParts {
  readonly session: Pick<Session, "connection" | "timeouts">;
  readonly buffer: WriteBuffer;
  /** Unanswered mails, in the order in which they were given. Those that are answered are removed. */
  readonly queue: Transaction[];
  readonly strategy: Strategy;
  readonly admission: MailAdmission;
  readonly farewell: Farewell;
}

/**
 * Passes each reply to the mail it is about, and draws the consequences for the session.
 *
 * The `Transaction` decides what a reply means for its mail, the `Strategy` what is written next.
 */
export class ReplyDispatcher implements Receiver {
  readonly #parts: DispatcherParts;
  readonly #resets = new ResetCount();
  #pipeliningSuspect = false;
  #idle: PromiseWithResolvers<void> | undefined;
  #quit: PromiseWithResolvers<void> | undefined;

  constructor(parts: DispatcherParts) {
    this.#parts = parts;
  }

  /** A reply did not come while several were awaited. */
  get pipeliningSuspect(): boolean {
    return this.#pipeliningSuspect;
  }

  /** Resolves when all mails are answered. */
  idle(): Promise<void> {
    this.#idle ??= Promise.withResolvers<void>();
    if (this.#parts.queue.length === 0) this.#idle.resolve();
    return this.#idle.promise;
  }

  /** Resolves when QUIT, the last command, is answered, or the connection has ended. */
  quitAnswered(): Promise<void> {
    this.#quit = Promise.withResolvers<void>();
    return this.#quit.promise;
  }

  replies(replies: readonly Reply[]): void {
    const { session: { connection }, buffer, farewell } = this.#parts;
    for (const reply of replies) {
      if (connection.ended !== undefined) return;
      this.#dispatch(reply);
    }
    if (connection.ended !== undefined) return;
    if (farewell.dismissed) this.#leave();
    buffer.flush();
    this.expectReply();
  }

  /** Settles everything under way with what is known of it. */
  broken({ cause, detail }: Disconnect): void {
    const { session: { connection }, queue, strategy, admission, farewell } = this.#parts;
    this.#pipeliningSuspect = cause === "timeout" && strategy.pipelined &&
      !farewell.dismissed && severalAwaited(queue);
    admission.close({ kind: "broken", cause, detail });
    const { mismatch: misfit } = farewell;
    const silenced = farewell.silences(cause);
    for (const transaction of queue.splice(0)) {
      const handedOver = transaction.isHandedOver(connection.maybeSent) && !silenced;
      transaction.settleBroken(misfit ? "out-of-step" : cause, misfit ?? detail, handedOver);
    }
    this.#quit?.resolve();
    this.removed();
  }

  /** Sets the deadline of the reply that is awaited, if any. While a mail is being written, its writes have deadlines. */
  expectReply(): void {
    this.#parts.session.connection.expectReply(this.#replyTimeout());
  }

  /** A mail was removed from the queue. */
  removed(): void {
    if (this.#parts.queue.length === 0) this.#idle?.resolve();
    this.#parts.admission.recheck();
  }

  #replyTimeout(): number | undefined {
    const { session: { connection, timeouts }, queue: [head], farewell } = this.#parts;
    if (head === undefined) return this.#quit && timeouts.quit;
    if (farewell.closing) return timeouts.closing;
    return head.awaitsReply(connection.maybeSent) ? timeoutOf(head.awaits, timeouts) : undefined;
  }

  #dispatch(reply: Reply): void {
    const { session: { connection }, queue: [head], admission, farewell } = this.#parts;
    farewell.heard(reply);
    if (farewell.mismatch !== undefined) return;
    if (reply.code === 421) admission.close({ kind: "dismissed", reply });
    if (head?.isAsked(connection.maybeSent)) this.#answer(head, reply);
    else if (head === undefined && this.#quit !== undefined) this.#quit.resolve();
    else this.#unasked(reply);
  }

  #answer(head: Transaction, reply: Reply): void {
    const { session: { connection }, queue, strategy } = this.#parts;
    if (head.awaits === "rset" && reply.code !== 421) this.#countReset();
    const next = head.answer(reply, connection.maybeSent);
    switch (next.kind) {
      case "done":
        return this.#settle(next);
      case "violation":
        if (next.attempt !== undefined) queue.shift()!.settle(next.attempt);
        return this.#misfit(reply, next.detail);
      case "refused-early":
        return connection.end("closed", "Server refused the mail before its end");
      case "reset-refused":
        return this.#resetRefused(reply);
      default:
        return strategy.proceed(head, next.kind);
    }
  }

  #settle(done: Done): void {
    const { queue, strategy } = this.#parts;
    const { attempt } = done;
    if (attempt.kind === "accepted" || (attempt.kind === "refused" && attempt.stage === "body")) {
      this.#resets.bodyJudged();
    }
    const transaction = queue.shift()!;
    strategy.settled(done);
    transaction.settle(attempt);
    this.removed();
  }

  #countReset(): void {
    const { queue, admission } = this.#parts;
    this.#resets.answered();
    if (this.#resets.usedUp(queue.length)) admission.close({ kind: "resets" });
  }

  /**
   * Exim refuses RSET with 554 after too many commands, and closes. From a server that does not close, the replies to mails that
   * are handed over are still awaited; nothing is sent after them.
   */
  #resetRefused(reply: Reply): void {
    this.#parts.farewell.refusedReset();
    this.#parts.admission.close({ kind: "dismissed", reply });
    this.#leave();
  }

  /** A reply that no command asked for never counts for the next one. With a 4yz, servers say goodbye to idle clients. */
  #unasked(reply: Reply): void {
    if (reply.code < 400 || reply.code >= 500) {
      return this.#misfit(reply, `Reply ${reply.code} came while none was awaited`);
    }
    this.#parts.session.connection.end("closed", replyLine(reply));
  }

  /** Nothing more is written. What was handed over may still be answered, so the server is left to end the session. */
  #misfit(reply: Reply, detail: string): void {
    const { session: { connection }, buffer, strategy, admission, farewell } = this.#parts;
    if (!strategy.pipelined) return connection.end("protocol", detail);
    farewell.outOfStep(reply, detail);
    buffer.drop();
    admission.close({ kind: "broken", cause: "out-of-step", detail });
    this.#leave();
  }

  /** Ends the connection, unless mails are handed over: their replies are worth waiting for. */
  #leave(): void {
    const { session: { connection }, queue } = this.#parts;
    if (queue.some((transaction) => transaction.isHandedOver(connection.maybeSent))) return;
    connection.end("closed", "Server ended the session");
  }
}
