import { DATA, RSET } from "../wire/command.ts";
import type { ClientContext, Strategy } from "./client_context.ts";
import { negative, positive } from "../../model/reply.ts";
import type { Reply } from "../../model/reply.ts";
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
  #current: Transaction | undefined;

  constructor(context: ClientContext) {
    this.#context = context;
  }

  added(): void {
    if (this.#current !== undefined) return;
    this.#begin();
    this.#context.buffer.flush();
  }

  reply(reply: Reply): void {
    const transaction = this.#current!;
    if (transaction.step === "data") return this.#answerToData(transaction, reply);
    if (transaction.step === "body") return this.#answerToBody(reply);
    if (!transaction.hear(reply)) {
      return this.#context.misfit(reply, `${transaction.step} was answered ${reply.code}`);
    }
    if (transaction.refusal !== undefined) return this.#done(transaction, transaction.mailAccepted);
    if (transaction.step === "mail") this.#say(transaction, transaction.mailLine);
    else if (transaction.step === "rcpt") this.#say(transaction, transaction.rcptLine);
    else this.#say(transaction, DATA);
  }

  #begin(): void {
    const transaction = this.#context.queue[0];
    this.#current = transaction;
    if (transaction === undefined || this.#context.dismissed) return;
    if (this.#context.dirty) transaction.step = "rset";
    this.#say(transaction, this.#context.dirty ? RSET : transaction.mailLine);
    this.#context.dirty = false;
  }

  /** The lane writes it when it has heard all replies at hand: none of them can be the answer to this. */
  #say(transaction: Transaction, line: string): void {
    if (this.#context.dismissed) return;
    transaction.start = this.#context.buffer.position;
    this.#context.buffer.command(line);
  }

  #answerToData(transaction: Transaction, reply: Reply): void {
    if (negative(reply)) {
      transaction.refuse(reply);
      return this.#done(transaction, true);
    }
    if (positive(reply)) return this.#context.misfit(reply, `DATA was answered ${reply.code}`);
    transaction.step = "body";
    transaction.handOver(() => {
      this.#context.buffer.body(transaction.mail.bytes, transaction.dots);
      transaction.end = this.#context.buffer.position;
      this.#context.buffer.flush();
    }, (reason) => this.#context.fail(transaction, reason));
  }

  #answerToBody(reply: Reply): void {
    if (!positive(reply) && !negative(reply)) {
      return this.#context.misfit(reply, `The body was answered ${reply.code}`);
    }
    // The dot ends the transaction whatever the answer (RFC 5321, 4.1.1.4): nothing is left open.
    if (positive(reply)) this.#context.settle({ kind: "accepted", reply });
    else this.#context.settle({ kind: "refused", stage: "body", reply });
    this.#begin();
  }

  #done(transaction: Transaction, leftOpen: boolean): void {
    this.#context.dirty = leftOpen;
    this.#context.settle(transaction.refusal!);
    this.#begin();
  }
}
