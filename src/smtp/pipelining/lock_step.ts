import type { ClientContext, Done, NextWrite, Strategy } from "./client_context.ts";
import type { Transaction } from "./transaction.ts";

/**
 * One command, one reply: for servers without PIPELINING, or on which it does not work.
 *
 * A second mail may be at hand, so that the consumer works while the server does; it begins when the first is answered.
 */
export class LockStep implements Strategy {
  readonly depth = 2;
  readonly pipelined = false;
  readonly refusesBehindDot = false;
  readonly #context: ClientContext;
  /** The previous transaction was left open on the server. */
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

  /** Begins the head of the queue, unless it is under way. */
  #begin(): void {
    const [transaction] = this.#context.queue;
    if (transaction === undefined || transaction.isBegun || !this.#context.mayWrite()) return;
    transaction.begin("one-by-one", this.#leftOpen);
    this.#leftOpen = false;
    this.#putCommand(transaction);
  }

  /** It is written only when all replies that have come are read: none of them can be the reply to this command. */
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
