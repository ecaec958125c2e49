import type { ClientContext, Done, NextWrite, Strategy } from "./client_context.ts";
import type { Transaction } from "./transaction.ts";

/**
 * One command, one reply: for servers without PIPELINING, or where it does not work.
 *
 * A second mail may lie ready, so that the consumer works while the server does; it is begun when the first one is answered.
 */
export class LockStep implements Strategy {
  readonly depth = 2;
  readonly pipelined = false;
  readonly refusesBehindDot = false;
  readonly #context: ClientContext;
  /** The transaction before was left open on the server. */
  #leftOpen = false;

  constructor(context: ClientContext) {
    this.#context = context;
  }

  added(): void {
    this.#begin();
    this.#context.buffer.flush();
  }

  proceed(transaction: Transaction, next: NextWrite): void {
    if (next === "next-command") this.#putCommand(transaction);
    else this.#context.handOver(transaction, () => this.#putBody(transaction));
  }

  settled({ leftOpen }: Done): void {
    this.#leftOpen = leftOpen;
    this.#begin();
  }

  /** Begins the first mail of the queue, where that is not under way. */
  #begin(): void {
    const [transaction] = this.#context.queue;
    if (transaction === undefined || transaction.isBegun || !this.#context.mayWrite()) return;
    transaction.begin("one-by-one", this.#leftOpen);
    this.#leftOpen = false;
    this.#putCommand(transaction);
  }

  /** The client writes it when it has read all replies at hand: none of them can be the answer to this. */
  #putCommand(transaction: Transaction): void {
    if (!this.#context.mayWrite()) return;
    transaction.asksAt(this.#context.buffer.position);
    this.#context.buffer.command(transaction.command);
  }

  #putBody(transaction: Transaction): void {
    this.#context.buffer.body(transaction.mail.bytes, transaction.dots);
    transaction.endsAt(this.#context.buffer.position);
    this.#context.buffer.flush();
  }
}
