import type { Mail } from "../model/mail.ts";
import type { Attempt } from "../model/attempt.ts";
import { inspectBody } from "./wire/body.ts";
import type { Disconnect } from "./wire/disconnect.ts";
import { QUIT } from "./wire/command.ts";
import type { Connection } from "./wire/connection.ts";
import { Farewell } from "./session/farewell.ts";
import type { ClientContext, Strategy } from "./pipelining/client_context.ts";
import type { ClientEnd } from "./pipelining/client_end.ts";
import { outOfOrder } from "./pipelining/order.ts";
import { WriteBuffer } from "./wire/write_buffer.ts";
import { negative, replyLine } from "../model/reply.ts";
import type { Reply } from "../model/reply.ts";
import { ResetCount } from "./session/reset_count.ts";
import type { Session } from "./session/session.ts";
import { chooseStrategy, type StrategyOptions } from "./pipelining/strategy.ts";
import { timeoutOf } from "./wire/timeouts.ts";
import {
  type HandOver,
  severalAwaited,
  Transaction,
  unsendableOver,
} from "./pipelining/transaction.ts";

export interface SmtpClientOptions extends StrategyOptions {
  /** Ends the lane as `destroy()` does. */
  readonly signal: AbortSignal;
}

const READY = Promise.resolve(true);
const NO_MORE = Promise.resolve(false);

/**
 * Carries a stream of mails over one session, as fast as the server's extensions allow: a window of mails with CHUNKING, one
 * round trip a mail with PIPELINING, else command by command.
 *
 * One consumer gives the mails: `while (await lane.ready()) void lane.send(...)`. Each attempt says what became of its own
 * mail; a refusal leaves its neighbours whole. When the connection ends, what was under way is settled as `broken`, with
 * `handedOver` telling whether the mail's last byte may have reached the server.
 */
export class SmtpClient implements Disposable {
  /** Why the lane takes no more mail; undefined while it does. */
  end: ClientEnd | undefined;
  /** A reply was missing while several were awaited: PIPELINING may not work with this server. */
  pipeliningSuspect = false;

  readonly #session: Session;
  readonly #connection: Connection;
  readonly #signal: AbortSignal;
  readonly #buffer: WriteBuffer;
  readonly #queue: Transaction[] = [];
  readonly #context: { -readonly [Part in keyof ClientContext]: ClientContext[Part] };
  readonly #strategy: Strategy;
  /** Mails that may still be given (LIMITS MAILMAX). */
  #left: number;
  readonly #resets = new ResetCount();
  readonly #farewell = new Farewell();
  #waiting: PromiseWithResolvers<boolean> | undefined;
  #idle: PromiseWithResolvers<void> | undefined;
  #quit: PromiseWithResolvers<void> | undefined;
  #closed: Promise<void> | undefined;
  readonly #abort = (): void => this.destroy();

  constructor(session: Session, options: SmtpClientOptions) {
    this.#session = session;
    this.#connection = session.connection;
    this.#signal = options.signal;
    this.#left = session.capabilities.mailMax ?? Infinity;
    this.#buffer = new WriteBuffer(session.connection, () => this.#expectReply());
    this.#context = {
      queue: this.#queue,
      buffer: this.#buffer,
      dirty: false,
      dismissed: false,
      settle: (attempt) => this.#settle(attempt),
      misfit: (reply, detail) => this.#misfit(reply, detail),
      fail: (transaction, reason) => this.#fail(transaction, reason),
    };
    this.#strategy = chooseStrategy(session, options, this.#context);
    this.#signal.addEventListener("abort", this.#abort, { once: true });
    this.#connection.receive({
      replies: (replies) => this.#replies(replies),
      broken: (why) => this.#broken(why),
    });
    if (this.#signal.aborted) this.destroy();
  }

  /** The server has said that it ends the session: by 421, or by refusing RSET; whatever ended the lane before. */
  get dismissed(): boolean {
    return this.#context.dismissed;
  }

  /** The server refuses what stands behind a final dot in the same group. */
  get refusesBehindDot(): boolean {
    return this.#strategy.refusesBehindDot;
  }

  /** Resolves when another mail may be given: true; or when this lane takes no more: false. */
  ready(): Promise<boolean> {
    if (this.end !== undefined) return NO_MORE;
    if (this.#queue.length < this.#strategy.depth) return READY;
    this.#waiting ??= Promise.withResolvers<boolean>();
    return this.#waiting.promise;
  }

  /**
   * Sends one mail to its one recipient and resolves with what became of it, in the order of the mails; `unsendable` at once.
   *
   * `handOver` is called, and awaited, immediately before bytes that hold the final dot (the last BDAT chunk) are written. When it
   * rejects, the mail is not written, the lane is destroyed, and `send()` rejects with that reason.
   *
   * Rejects with a TypeError, and leaves the lane as it is, where the mail must not go to this wire: an address that is no
   * mailbox, a bare CR, LF or NUL in the bytes, 8-bit bytes where 8BITMIME is not offered.
   */
  send(mail: Mail, handOver: HandOver): Promise<Attempt> {
    const { capabilities } = this.#session;
    const unsendable = unsendableOver(capabilities, mail);
    if (unsendable !== undefined) return Promise.resolve(unsendable);
    let transaction: Transaction;
    try {
      transaction = new Transaction(mail, inspectBody(mail.bytes), handOver, capabilities);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.end !== undefined) {
      transaction.settleBroken("closed", "Connection takes no more mail", false);
      return transaction.attempt;
    }
    this.#queue.push(transaction);
    if (--this.#left === 0) this.#finish({ kind: "limit", mails: capabilities.mailMax! });
    this.#strategy.added();
    return transaction.attempt;
  }

  /** Finishes what is under way, says QUIT and ends the connection; never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Ends the connection at once; what is under way is settled as `broken`, cause "cancelled". */
  destroy(): void {
    this.#connection.end("cancelled", "Connection was given up");
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  async #close(): Promise<void> {
    this.#finish({ kind: "closed" });
    if (this.#queue.length > 0) {
      this.#idle = Promise.withResolvers<void>();
      await this.#idle.promise;
    }
    if (this.#connection.ended === undefined) {
      // All mails are settled: whatever happens now changes nothing (RFC 5321, 4.1.1.10).
      this.#quit = Promise.withResolvers<void>();
      this.#buffer.command(QUIT);
      this.#buffer.flush();
      await this.#quit.promise;
    }
    this.destroy();
  }

  #replies(replies: readonly Reply[]): void {
    for (const reply of replies) {
      if (this.#connection.ended !== undefined) return;
      this.#hear(reply);
    }
    if (this.#connection.ended !== undefined) return;
    if (this.#context.dismissed) this.#leave();
    this.#buffer.flush();
    this.#expectReply();
  }

  #hear(reply: Reply): void {
    const { maybeSent } = this.#connection;
    const head = this.#queue[0];
    this.#farewell.heard(reply);
    if (this.#farewell.misfit !== undefined) return;
    if (reply.code === 421) this.#dismissed(reply);
    if (head === undefined && this.#quit !== undefined) this.#quit.resolve();
    else if (head === undefined || head.start >= maybeSent) this.#unasked(reply);
    else if (head.step === "body" && head.end > maybeSent) this.#early(head, reply);
    else if (head.step === "rset" && reply.code !== 421) this.#heardReset(reply);
    else this.#strategy.reply(reply);
  }

  /**
   * Exim refuses RSET with 554 when it has counted too many commands, and closes. A server that does not close may go on: mails
   * that are handed over are heard to their end, and nothing follows them.
   */
  #heardReset(reply: Reply): void {
    this.#resets.answered();
    if (this.#resets.usedUp(this.#queue.length)) this.#finish({ kind: "resets" });
    if (!negative(reply)) return this.#strategy.reply(reply);
    if (this.#strategy.pipelined && outOfOrder("rset", reply)) {
      return this.#misfit(reply, `RSET was answered ${reply.code}`);
    }
    this.#farewell.refusedReset();
    this.#dismissed(reply);
    this.#strategy.reply(reply);
    this.#leave();
  }

  #dismissed(reply: Reply): void {
    this.#context.dismissed = true;
    this.#finish({ kind: "dismissed", reply });
  }

  /** A reply that no command has asked for is never credited to the next one. A 4yz is how servers part from idle clients. */
  #unasked(reply: Reply): void {
    if (reply.code >= 400 && reply.code < 500) this.#connection.end("closed", replyLine(reply));
    else this.#misfit(reply, `Reply ${reply.code} came while none was awaited`);
  }

  /** Nothing more is written; what was handed over may still be answered, so the server's end is awaited. */
  #misfit(reply: Reply, detail: string): void {
    if (!this.#strategy.pipelined) return this.#connection.end("protocol", detail);
    this.#farewell.fell(reply, detail);
    this.#context.dismissed = true;
    this.#buffer.drop();
    this.#finish({ kind: "broken", cause: "out-of-step", detail });
    this.#leave();
  }

  /** The answer to a mail of which not all bytes are written. A refusal counts; the rest of the mail cannot be taken back. */
  #early(head: Transaction, reply: Reply): void {
    if (negative(reply)) {
      head.refuse(reply);
      this.#connection.end("closed", "Server refused the mail before its end");
    } else {
      this.#misfit(reply, `Reply ${reply.code} came before the end of the mail`);
    }
  }

  /** After a 421, a refused RSET or a misfit nothing more is written; only answers to mails already handed over are worth waiting for. */
  #leave(): void {
    if (this.#queue.some(({ end }) => end <= this.#connection.maybeSent)) return;
    this.#connection.end("closed", "Server ended the session");
  }

  /** The deadline of the reply that is awaited now, where one is; while a mail is being written, the writes have theirs. */
  #expectReply(): void {
    const head = this.#queue[0];
    const { maybeSent } = this.#connection;
    if (head === undefined) {
      this.#connection.expectReply(this.#quit && this.#session.timeouts.quit);
    } else if (this.#farewell.closing) {
      this.#connection.expectReply(this.#session.timeouts.closing);
    } else if (head.start >= maybeSent || (head.step === "body" && head.end > maybeSent)) {
      this.#connection.expectReply(undefined);
    } else {
      this.#connection.expectReply(timeoutOf(head.step, this.#session.timeouts));
    }
  }

  #settle(attempt: Attempt): void {
    if (attempt.kind === "accepted" || (attempt.kind === "refused" && attempt.stage === "body")) {
      this.#resets.bodyJudged();
    }
    this.#queue.shift()?.settle(attempt);
    this.#wake();
  }

  #fail(transaction: Transaction, reason: unknown): void {
    this.#queue.splice(this.#queue.indexOf(transaction), 1);
    transaction.reject(reason);
    const unanswered = this.#queue.some(({ start }) => start !== Infinity);
    // Behind its envelope nothing else can follow; mails before it that are written are worth their answers.
    if (transaction.start !== Infinity || !unanswered) return this.destroy();
    this.#finish({ kind: "broken", cause: "cancelled", detail: "A hand-over was not recorded" });
    this.#wake();
  }

  /** The connection has ended: everything under way is settled with what is known of it. */
  #broken({ cause, detail }: Disconnect): void {
    this.#signal.removeEventListener("abort", this.#abort);
    this.pipeliningSuspect = cause === "timeout" && this.#strategy.pipelined &&
      !this.#context.dismissed && severalAwaited(this.#queue);
    this.#finish({ kind: "broken", cause, detail });
    const { maybeSent } = this.#connection;
    const { misfit } = this.#farewell;
    const silenced = this.#farewell.silences(cause);
    for (const transaction of this.#queue.splice(0)) {
      const handedOver = transaction.end <= maybeSent && !silenced;
      transaction.settleBroken(misfit ? "out-of-step" : cause, misfit ?? detail, handedOver);
    }
    this.#quit?.resolve();
    this.#wake();
  }

  #finish(end: ClientEnd): void {
    this.end ??= end;
    this.#waiting?.resolve(false);
    this.#waiting = undefined;
  }

  #wake(): void {
    if (this.#queue.length === 0) this.#idle?.resolve();
    if (this.#waiting === undefined || this.#queue.length >= this.#strategy.depth) return;
    this.#waiting.resolve(true);
    this.#waiting = undefined;
  }
}
