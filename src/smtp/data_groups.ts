import { DATA, FINAL_DOT, RSET } from "./command.ts";
import type { Flow, Strategy } from "./flow.ts";
import { negative, positive, type Reply } from "./reply.ts";
import type { Transaction } from "./transaction.ts";

/**
 * One round trip a mail (RFC 2920, 3.1): the body of a mail, its final dot and MAIL, RCPT and DATA of the next one are one group.
 *
 * A group never waits: where the next mail is not there yet, the body goes alone, and the envelope follows when it comes.
 * The body of a mail leaves only when all replies to its envelope are known, so a refusal is always about this mail.
 */
export class DataGroups implements Strategy {
  /** One whose body is under way, one whose envelope is, and one at hand for the moment the second is let in. */
  readonly depth = 3;
  readonly pipelined = true;
  readonly #flow: Flow;
  /** Mails of the queue, counted from its front, whose envelope is written. */
  #begun = 0;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  added(): void {
    this.#putEnvelope();
    this.#flow.outbox.flush();
  }

  reply(reply: Reply): void {
    const transaction = this.#flow.queue[0]!;
    if (transaction.step === "data") this.#answerToData(transaction, reply);
    else if (transaction.step === "body") this.#answerToBody(transaction, reply);
    else if (!transaction.hear(reply)) {
      this.#flow.lose("protocol", `${transaction.step} was answered ${reply.code}`);
    }
  }

  /** Puts the next envelope into the group, where there is one and nothing before it is still open. */
  #putEnvelope(): void {
    const { queue, outbox, dismissed } = this.#flow;
    const next = queue[this.#begun];
    if (next === undefined || dismissed) return;
    if (this.#begun > 0 && queue[this.#begun - 1]!.end === Infinity) return;
    next.start = outbox.position;
    if (this.#flow.dirty) next.step = "rset";
    outbox.command((this.#flow.dirty ? RSET : "") + next.mailLine + next.rcptLine + DATA);
    this.#flow.dirty = false;
    this.#begun++;
  }

  #answerToData(transaction: Transaction, reply: Reply): void {
    if (negative(reply)) {
      transaction.refuse(reply);
      return this.#settleUnsent(transaction);
    }
    if (positive(reply)) return this.#flow.lose("protocol", `DATA was answered ${reply.code}`);
    if (transaction.refusal === undefined) return this.#handOver(transaction);
    if (!transaction.mailAccepted) {
      return this.#flow.lose("protocol", "DATA was let in after MAIL had been refused");
    }
    // RCPT was refused and DATA let in: an empty mail to nobody, whatever the server says to it.
    transaction.step = "body";
    this.#end(transaction, () => this.#flow.outbox.command(FINAL_DOT));
  }

  #handOver(transaction: Transaction): void {
    transaction.step = "body";
    const { bytes } = transaction.mail;
    transaction.handOver(
      () => this.#end(transaction, () => this.#flow.outbox.body(bytes, transaction.dots)),
      (reason) => this.#flow.fail(transaction, reason),
    );
  }

  /** Puts what ends the transaction, and the next envelope behind it. */
  #end(transaction: Transaction, put: () => void): void {
    put();
    transaction.end = this.#flow.outbox.position;
    this.#putEnvelope();
    this.#flow.outbox.flush();
  }

  #answerToBody(transaction: Transaction, reply: Reply): void {
    const { refusal } = transaction;
    if (!positive(reply) && !negative(reply)) {
      return this.#flow.lose("protocol", `The body was answered ${reply.code}`);
    }
    this.#begun--;
    // The dot ends the transaction whatever the answer (RFC 5321, 4.1.1.4): nothing is left open.
    if (refusal !== undefined) this.#flow.settle(refusal);
    else if (positive(reply)) this.#flow.settle({ kind: "accepted", reply });
    else this.#flow.settle({ kind: "refused", stage: "body", reply });
    this.#putEnvelope();
  }

  /** DATA was refused, so there is no body; MAIL, if it was accepted, has left a transaction open. */
  #settleUnsent(transaction: Transaction): void {
    this.#begun--;
    this.#flow.dirty = transaction.mailAccepted;
    this.#flow.settle(transaction.refusal!);
    this.#putEnvelope();
  }
}
