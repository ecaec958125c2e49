import type { Attempt } from "../model/attempt.ts";
import type { Mail } from "../model/mail.ts";
import { MailAdmission } from "./pipelining/mail_admission.ts";
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
  /** Ends the client, as `destroy()` does. */
  readonly signal: AbortSignal;
}

/**
 * Carries a stream of mails over one session, as fast as the server's extensions allow: a window of mails with
 * CHUNKING, one round trip per mail with PIPELINING, else command by command.
 *
 * One consumer gives the mails: `while (await client.ready()) void client.send(...)`. Each attempt is about its own
 * mail; a refusal does not affect the others. When the connection ends, what was under way is settled as `broken`, and
 * `handedOver` says whether the mail's last byte may have reached the server.
 *
 * Four parts share the work: the `Strategy` orders the bytes, a `Transaction` knows what a reply means for its mail,
 * the `ReplyDispatcher` connects the two, and `MailAdmission` lets mails in.
 */
export class SmtpClient implements Disposable {
  readonly #capabilities: Capabilities;
  readonly #connection: Connection;
  readonly #buffer: WriteBuffer;
  readonly #queue: Transaction[] = [];
  readonly #farewell = new Farewell();
  readonly #strategy: Strategy;
  readonly #admission: MailAdmission;
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
    this.#admission = new MailAdmission(capabilities.mailMax, hasRoom);
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

  /** Why the client takes no more mails; undefined while it does. */
  get end(): ClientEnd | undefined {
    return this.#admission.end;
  }

  /** The server accepts no more commands: it said 421, refused RSET, or sent a reply that does not fit. */
  get dismissed(): boolean {
    return this.#farewell.dismissed;
  }

  /** A reply did not come while several were awaited: PIPELINING may not work on this server. */
  get pipeliningSuspect(): boolean {
    return this.#dispatcher.pipeliningSuspect;
  }

  /** The server refuses what follows a final dot in the same group. */
  get refusesBehindDot(): boolean {
    return this.#strategy.refusesBehindDot;
  }

  /** Resolves with true when another mail may be given, or with false when this client takes no more. */
  ready(): Promise<boolean> {
    return this.#admission.ready();
  }

  /**
   * Sends a mail to its recipient and resolves with the result, in the order of the mails; `unsendable` at once.
   *
   * `handOver` is called, and awaited, immediately before the bytes with the final dot (or the BDAT chunk) are written.
   * If it rejects, the mail is not written, the client is given up, and `send()` rejects with that reason.
   *
   * Rejects with a TypeError, and leaves the client as it is, if the mail must not go to this wire: an address that is
   * not a mailbox, a bare CR, LF or NUL in the bytes, or 8-bit bytes without 8BITMIME.
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
      transaction.settleBroken("closed", "Connection takes no more mails", false);
      return transaction.attempt;
    }
    this.#queue.push(transaction);
    this.#admission.taken();
    this.#strategy.added(transaction);
    return transaction.attempt;
  }

  /** Finishes what is under way, sends QUIT and ends the connection; never rejects. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** Ends the connection at once; what is under way is settled as `broken` with the cause "cancelled". */
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
      // All mails are settled, so nothing depends on the reply (RFC 5321, 4.1.1.10).
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
    // After its envelope nothing else can follow. Otherwise, the replies to mails that are under way are worth waiting for.
    if (transaction.isBegun || !this.#queue.some(({ isBegun }) => isBegun)) return this.destroy();
    const detail = "A hand-over was not recorded";
    this.#admission.close({ kind: "broken", cause: "cancelled", detail });
    this.#dispatcher.removed();
  }
}
