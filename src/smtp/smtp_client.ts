import type { Attempt } from "../model/attempt.ts";
import type { Mail } from "../model/mail.ts";
import { Admission } from "./pipelining/admission.ts";
import type { Strategy } from "./pipelining/client_context.ts";
import type { ClientEnd } from "./pipelining/client_end.ts";
import { ReplyDispatcher } from "./pipelining/reply_dispatcher.ts";
import { chooseStrategy, type StrategyOptions } from "./pipelining/strategy.ts";
import { type HandOver, Transaction } from "./pipelining/transaction.ts";
import { unsendableOver } from "./pipelining/unsendable.ts";
import type { Capabilities } from "./session/capabilities.ts";
import { Farewell } from "./session/farewell.ts";
import type { Session } from "./session/session.ts";
import { inspectBody } from "./wire/body.ts";
import { QUIT } from "./wire/command.ts";
import type { Connection } from "./wire/connection.ts";
import { WriteBuffer } from "./wire/write_buffer.ts";

export interface SmtpClientOptions extends StrategyOptions {
  /** Ends the client as `destroy()` does. */
  readonly signal: AbortSignal;
}

/**
 * Carries a stream of mails over one session, as fast as the server's extensions allow: a window of mails with CHUNKING, one
 * round trip a mail with PIPELINING, else command by command.
 *
 * One consumer gives the mails: `while (await client.ready()) void client.send(...)`. Each attempt says what became of its own
 * mail; a refusal leaves its neighbours whole. When the connection ends, what was under way is settled as `broken`, with
 * `handedOver` telling whether the mail's last byte may have reached the server.
 *
 * Four parts share the work: the `Strategy` orders the bytes, a `Transaction` knows what a reply means to its mail, the
 * `ReplyDispatcher` brings the two together, and `Admission` lets mails in.
 */
export class SmtpClient implements Disposable {
  readonly #capabilities: Capabilities;
  readonly #connection: Connection;
  readonly #buffer: WriteBuffer;
  readonly #queue: Transaction[] = [];
  readonly #farewell = new Farewell();
  readonly #strategy: Strategy;
  readonly #admission: Admission;
  readonly #dispatcher: ReplyDispatcher;
  #closed: Promise<void> | undefined;

  constructor(session: Session, options: SmtpClientOptions) {
    const { connection, capabilities } = session;
    this.#connection = connection;
    this.#capabilities = capabilities;
    this.#buffer = new WriteBuffer(connection, () => this.#dispatcher.expectReply());
    this.#strategy = chooseStrategy(session, options, {
      queue: this.#queue,
      buffer: this.#buffer,
      mayWrite: () => !this.#farewell.dismissed,
      handOver: (transaction, write) =>
        transaction.handOver(write, (reason) => this.#fail(transaction, reason)),
    });
    const hasRoom = () => this.#queue.length < this.#strategy.depth;
    this.#admission = new Admission(capabilities.mailMax, hasRoom);
    this.#dispatcher = new ReplyDispatcher({
      session,
      buffer: this.#buffer,
      queue: this.#queue,
      strategy: this.#strategy,
      admission: this.#admission,
      farewell: this.#farewell,
    });
    this.#receive(options.signal);
  }

  /** Why the client takes no more mail; undefined while it does. */
  get end(): ClientEnd | undefined {
    return this.#admission.end;
  }

  /** The server has said that it ends the session, by 421 or by refusing RSET, whatever else ended the client before. */
  get dismissed(): boolean {
    return this.#farewell.dismissed;
  }

  /** A reply was missing while several were awaited: PIPELINING may not work with this server. */
  get pipeliningSuspect(): boolean {
    return this.#dispatcher.pipeliningSuspect;
  }

  /** The server refuses what stands behind a final dot in the same group. */
  get refusesBehindDot(): boolean {
    return this.#strategy.refusesBehindDot;
  }

  /** Resolves with true when another mail may be given, with false when this client takes no more. */
  ready(): Promise<boolean> {
    return this.#admission.ready();
  }

  /**
   * Sends one mail to its one recipient and resolves with what became of it, in the order of the mails; `unsendable` at once.
   *
   * `handOver` is called, and awaited, immediately before bytes that hold the final dot (the last BDAT chunk) are written. When it
   * rejects, the mail is not written, the client is destroyed, and `send()` rejects with that reason.
   *
   * Rejects with a TypeError, and leaves the client as it is, where the mail must not go to this wire: an address that is no
   * mailbox, a bare CR, LF or NUL in the bytes, 8-bit bytes where 8BITMIME is not offered.
   */
  send(mail: Mail, handOver: HandOver): Promise<Attempt> {
    const unsendable = unsendableOver(this.#capabilities, mail);
    if (unsendable !== undefined) return Promise.resolve(unsendable);
    let transaction: Transaction;
    try {
      transaction = new Transaction(mail, inspectBody(mail.bytes), handOver, this.#capabilities);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.end !== undefined) {
      transaction.settleBroken("closed", "Connection takes no more mail", false);
      return transaction.attempt;
    }
    this.#queue.push(transaction);
    this.#admission.taken();
    this.#strategy.added(transaction);
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
    this.#admission.close({ kind: "closed" });
    if (this.#queue.length > 0) await this.#dispatcher.idle();
    if (this.#connection.ended === undefined) {
      // All mails are settled: whatever happens now changes nothing (RFC 5321, 4.1.1.10).
      const answered = this.#dispatcher.quitAnswered();
      this.#buffer.command(QUIT);
      this.#buffer.flush();
      await answered;
    }
    this.destroy();
  }

  #receive(signal: AbortSignal): void {
    const abort = () => this.destroy();
    signal.addEventListener("abort", abort, { once: true });
    this.#connection.receive({
      replies: (replies) => this.#dispatcher.replies(replies),
      broken: (why) => {
        signal.removeEventListener("abort", abort);
        this.#dispatcher.broken(why);
      },
    });
    if (signal.aborted) this.destroy();
  }

  /** The hand-over of the mail could not be recorded. */
  #fail(transaction: Transaction, reason: unknown): void {
    this.#queue.splice(this.#queue.indexOf(transaction), 1);
    transaction.reject(reason);
    // Behind its envelope nothing else can follow; mails before it that are written are worth their answers.
    if (transaction.isBegun || !this.#queue.some(({ isBegun }) => isBegun)) return this.destroy();
    const detail = "A hand-over was not recorded";
    this.#admission.close({ kind: "broken", cause: "cancelled", detail });
    this.#dispatcher.taken();
  }
}
