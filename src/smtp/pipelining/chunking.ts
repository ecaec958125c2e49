import { monotonic } from "../../time/clock.ts";
import { bdatLast, RSET } from "../wire/command.ts";
import type { ClientContext, Strategy } from "./client_context.ts";
import { outOfOrder } from "./order.ts";
import { negative, positive } from "../../model/reply.ts";
import type { Reply } from "../../model/reply.ts";
import type { Transaction } from "./transaction.ts";
import type { Window } from "./window.ts";

/**
 * Several mails a round trip (RFC 3030, with RFC 2920): MAIL, RCPT and BDAT with the whole mail for a window of mails, as
 * many as fill the network (`Window`).
 *
 * BDAT asks nothing before the bytes follow, so nothing is waited for. The price: a mail is on its way before its predecessor
 * has been answered. After a refused BDAT the server's state is indeterminate until RSET (RFC 3030, 2), and a transaction that
 * is still open would lend its recipient to the next mail. Therefore RSET stands before every MAIL that follows an unanswered
 * mail; six bytes, and each mail stands for itself whatever became of the one before.
 */
export class Chunking implements Strategy {
  readonly pipelined = true;
  readonly refusesBehindDot = false;
  readonly #context: ClientContext;
  readonly #window: Window;
  readonly #mostUnderWay: () => number;
  /** Mails of the queue, counted from its front, that are written. */
  #begun = 0;
  /** The last mail that was given has filled the window; several answers can come before the next one is. */
  #full = false;
  readonly #recorded = new WeakSet<Transaction>();
  #flushing = false;

  constructor(context: ClientContext, window: Window, mostUnderWay: () => number = () => Infinity) {
    this.#context = context;
    this.#window = window;
    this.#mostUnderWay = mostUnderWay;
  }

  get depth(): number {
    return Math.min(this.#window.size, this.#mostUnderWay());
  }

  added(): void {
    const transaction = this.#context.queue.at(-1)!;
    this.#full = this.#context.queue.length >= this.depth;
    transaction.handOver(
      () => {
        this.#recorded.add(transaction);
        this.#putRecorded();
      },
      (reason) => this.#context.fail(transaction, reason),
    );
  }

  reply(reply: Reply): void {
    const transaction = this.#context.queue[0]!;
    if (transaction.step === "body") return this.#answerToChunk(transaction, reply);
    if (!this.#window.near) this.#window.replied(monotonic() - transaction.writtenAt);
    if (transaction.rcptOutOfOrder(reply) || !transaction.hear(reply)) {
      return this.#context.misfit(reply, `${transaction.step} was answered ${reply.code}`);
    }
    // There is no reply to BDAT before its bytes: what follows RCPT is the answer to the mail.
    if (transaction.step === "data") transaction.step = "body";
  }

  /** Puts every mail whose turn it is: in order, each as soon as its hand-over is on record. */
  #putRecorded(): void {
    const { queue } = this.#context;
    for (let next = queue[this.#begun]; next !== undefined; next = queue[this.#begun]) {
      if (this.#context.dismissed || !this.#recorded.has(next)) break;
      this.#put(next);
    }
    this.#flushSoon();
  }

  #put(next: Transaction): void {
    const { buffer } = this.#context;
    const { bytes } = next.mail;
    const reset = this.#context.dirty || this.#begun > 0;
    if (reset) next.step = "rset";
    this.#context.dirty = false;
    next.start = buffer.position;
    buffer.command((reset ? RSET : "") + next.mailLine + next.rcptLine + bdatLast(bytes.length));
    buffer.chunk(bytes);
    next.end = buffer.position;
    next.writtenAt = monotonic();
    this.#begun++;
  }

  /** Hand-overs are recorded in batches and resolve one after another: waiting for the others makes one write of them. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#context.buffer.flush();
    });
  }

  #answerToChunk(transaction: Transaction, reply: Reply): void {
    if (!positive(reply) && !negative(reply)) {
      return this.#context.misfit(reply, `BDAT was answered ${reply.code}`);
    }
    if (transaction.refusal === undefined && outOfOrder("body", reply)) {
      const detail = `BDAT was answered ${reply.code} after RCPT had been accepted`;
      // Its chunk was not taken; what became of those behind it is not known yet.
      this.#context.settle(transaction.notTaken("out-of-step", detail));
      return this.#context.misfit(reply, detail);
    }
    if (positive(reply) && !transaction.mailAccepted && transaction.rcptAccepted) {
      // MAIL refused, yet a recipient and a mail taken: into whose transaction, nobody can tell.
      transaction.refusal = undefined;
      return this.#context.misfit(reply, "BDAT was accepted after MAIL had been refused");
    }
    if (negative(reply)) transaction.refuse(reply);
    this.#begun--;
    this.#context.dirty = this.#begun === 0 && transaction.refusal !== undefined;
    this.#measure(transaction);
    this.#context.settle(transaction.refusal ?? { kind: "accepted", reply });
  }

  #measure({ refusal, writtenAt }: Transaction): void {
    const accepted = refusal === undefined;
    this.#window.answered({ writtenAt, at: monotonic(), accepted, full: this.#full });
    if (refusal !== undefined && refusal.reply.code < 500) this.#window.trouble();
  }
}
