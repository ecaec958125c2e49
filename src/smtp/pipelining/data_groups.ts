import { DATA, FINAL_DOT, RSET } from "../wire/command.ts";
import type { ClientContext, Strategy } from "./client_context.ts";
import { outOfOrder } from "./order.ts";
import { negative, positive } from "../../model/reply.ts";
import type { Reply } from "../../model/reply.ts";
import type { Transaction } from "./transaction.ts";

/**
 * One round trip a mail (RFC 2920, 3.1): the body of a mail, its final dot and MAIL, RCPT and DATA of the next one are one group.
 *
 * Some servers refuse what stands behind the dot, as it could be smuggled (Haraka, GHSA-rp4q-8m6x-c43c). An envelope so refused is
 * written again on its own, and from then on each waits for the reply to the body before it: two round trips a mail.
 *
 * A group never waits: where the next mail is not there yet, the body goes alone, and the envelope follows when it comes.
 * The body of a mail leaves only when all replies to its envelope are known, so a refusal is always about this mail.
 */
export class DataGroups implements Strategy {
  /** One whose body is under way, one whose envelope is, and one at hand for the moment the second is let in. */
  readonly depth = 3;
  readonly pipelined = true;
  refusesBehindDot = false;
  readonly #context: ClientContext;
  #behindDot: boolean;
  /** Mails of the queue, counted from its front, whose envelope is written. */
  #begun = 0;

  /** @param behindDot An envelope may follow a body in the same group. */
  constructor(context: ClientContext, behindDot = true) {
    this.#context = context;
    this.#behindDot = behindDot;
  }

  added(): void {
    this.#putEnvelope();
    this.#context.buffer.flush();
  }

  reply(reply: Reply): void {
    const transaction = this.#context.queue[0]!;
    if (transaction.step === "data") this.#answerToData(transaction, reply);
    else if (transaction.step === "body") this.#answerToBody(transaction, reply);
    else if (transaction.rcptOutOfOrder(reply) || !transaction.hear(reply)) {
      this.#context.misfit(reply, `${transaction.step} was answered ${reply.code}`);
    }
  }

  /** Puts the next envelope into the group, where there is one and nothing before it is still open. */
  #putEnvelope(): void {
    const { queue, buffer, dismissed } = this.#context;
    const next = queue[this.#begun];
    if (next === undefined || dismissed) return;
    if (this.#begun > 0 && (!this.#behindDot || queue[this.#begun - 1]!.end === Infinity)) return;
    next.behindDot = this.#begun > 0;
    next.start = buffer.position;
    if (this.#context.dirty) next.step = "rset";
    buffer.command((this.#context.dirty ? RSET : "") + next.mailLine + next.rcptLine + DATA);
    this.#context.dirty = false;
    this.#begun++;
  }

  #answerToData(transaction: Transaction, reply: Reply): void {
    if (negative(reply)) return this.#answeredNo(transaction, reply);
    if (positive(reply)) return this.#context.misfit(reply, `DATA was answered ${reply.code}`);
    if (transaction.refusal === undefined) return this.#handOver(transaction);
    if (!transaction.mailAccepted) {
      return this.#context.misfit(reply, "DATA was let in after MAIL had been refused");
    }
    // RCPT was refused and DATA let in: an empty mail to nobody, whatever the server says to it.
    transaction.step = "body";
    this.#end(transaction, () => this.#context.buffer.command(FINAL_DOT));
  }

  #answeredNo(transaction: Transaction, reply: Reply): void {
    const { refusal } = transaction;
    if (refusal === undefined && outOfOrder("data", reply)) {
      return this.#context.misfit(
        reply,
        `DATA was answered ${reply.code} after RCPT had been accepted`,
      );
    }
    if (refusal?.stage === "mail" && transaction.behindDot && outOfOrder("mail", refusal.reply)) {
      return this.#againAlone(transaction);
    }
    transaction.refuse(reply);
    this.#settleUnsent(transaction);
  }

  /** It was refused for its place behind the dot, which says nothing about the mail. */
  #againAlone(transaction: Transaction): void {
    this.#behindDot = false;
    this.refusesBehindDot = true;
    this.#begun--;
    transaction.again();
    this.#putEnvelope();
  }

  #handOver(transaction: Transaction): void {
    transaction.step = "body";
    const { bytes } = transaction.mail;
    transaction.handOver(
      () => this.#end(transaction, () => this.#context.buffer.body(bytes, transaction.dots)),
      (reason) => this.#context.fail(transaction, reason),
    );
  }

  /** Puts what ends the transaction, and the next envelope behind it. */
  #end(transaction: Transaction, put: () => void): void {
    put();
    transaction.end = this.#context.buffer.position;
    this.#putEnvelope();
    this.#context.buffer.flush();
  }

  #answerToBody(transaction: Transaction, reply: Reply): void {
    const { refusal } = transaction;
    if (!positive(reply) && !negative(reply)) {
      return this.#context.misfit(reply, `The body was answered ${reply.code}`);
    }
    this.#begun--;
    // The dot ends the transaction whatever the answer (RFC 5321, 4.1.1.4): nothing is left open.
    if (refusal !== undefined) this.#context.settle(refusal);
    else if (positive(reply)) this.#context.settle({ kind: "accepted", reply });
    else this.#context.settle({ kind: "refused", stage: "body", reply });
    this.#putEnvelope();
  }

  /** DATA was refused, so there is no body; MAIL, if it was accepted, has left a transaction open. */
  #settleUnsent(transaction: Transaction): void {
    this.#begun--;
    this.#context.dirty = transaction.mailAccepted;
    this.#context.settle(transaction.refusal!);
    this.#putEnvelope();
  }
}
