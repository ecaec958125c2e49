import { monotonic } from "../../time/clock.ts";
import type { ClientContext, Done, Strategy } from "./client_context.ts";
import type { Transaction } from "./transaction.ts";
import type { Window } from "./window.ts";

/**
 * Several mails per round trip (RFC 3030, with RFC 2920): MAIL, RCPT and BDAT with the whole mail, for a window of mails, as
 * many as fill the network (`Window`).
 *
 * BDAT has no reply before its bytes, so nothing waits for one. The price: a mail is on its way before the previous one is
 * answered. After a refused BDAT, the server's state is indeterminate until RSET (RFC 3030, 2), and a transaction that is still
 * open would lend its recipient to the next mail. Therefore RSET comes before every MAIL that follows an unanswered mail: it
 * costs six bytes, and no mail depends on what became of the one before.
 */
export class Chunking implements Strategy {
  readonly pipelined = true;
  readonly refusesBehindDot = false;
  readonly #context: ClientContext;
  readonly #window: Window;
  readonly #mostUnderWay: () => number;
  /** When each mail under way was written: those at the head of the queue. */
  readonly #writtenAt: number[] = [];
  /** The last transaction was left open on the server, and no mail is under way. */
  #leftOpen = false;
  /** The last mail that was given filled the window. Several replies can come before the next mail is given. */
  #full = false;
  #flushing = false;

  constructor(context: ClientContext, window: Window, mostUnderWay: () => number = () => Infinity) {
    this.#context = context;
    this.#window = window;
    this.#mostUnderWay = mostUnderWay;
  }

  get depth(): number {
    return Math.min(this.#window.size, this.#mostUnderWay());
  }

  added(transaction: Transaction): void {
    this.#full = this.#context.queue.length >= this.depth;
    this.#context.handOver(transaction, () => this.#putRecorded());
  }

  /** All of the mail is written already: a reply to its envelope only tells about the round trip. */
  proceed(): void {
    if (!this.#window.near) this.#window.replied(monotonic() - this.#writtenAt[0]!);
  }

  settled({ attempt, leftOpen }: Done): void {
    const writtenAt = this.#writtenAt.shift()!;
    this.#leftOpen = this.#writtenAt.length === 0 && leftOpen;
    const accepted = attempt.kind === "accepted";
    this.#window.answered({ writtenAt, at: monotonic(), accepted, full: this.#full });
    if (attempt.kind === "refused" && attempt.reply.code < 500) this.#window.trouble();
  }

  /** Adds every mail that may leave: in order, each as soon as its hand-over is on record. */
  #putRecorded(): void {
    const { queue } = this.#context;
    const underWay = this.#writtenAt;
    for (let next = queue[underWay.length]; next?.mayLeave; next = queue[underWay.length]) {
      if (!this.#context.mayWrite()) break;
      this.#put(next);
    }
    this.#flushSoon();
  }

  #put(next: Transaction): void {
    const { buffer } = this.#context;
    next.begin("chunk", this.#leftOpen || this.#writtenAt.length > 0);
    this.#leftOpen = false;
    next.asksAt(buffer.position);
    buffer.command(next.commandGroup);
    buffer.chunk(next.mail.bytes);
    next.endsAt(buffer.position);
    this.#writtenAt.push(monotonic());
  }

  /** Hand-overs are recorded in batches and resolve one after another: waiting for the rest of the batch makes one write. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    queueMicrotask(() => {
      this.#flushing = false;
      this.#context.buffer.flush();
    });
  }
}
