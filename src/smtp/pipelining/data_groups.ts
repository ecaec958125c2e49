import { FINAL_DOT } from "../wire/command.ts";
import type { ClientContext, Done, NextWrite, Strategy } from "./client_context.ts";
import type { Transaction } from "./transaction.ts";

/**
 * One round trip per mail (RFC 2920, 3.1): the body of a mail, its final dot, and MAIL, RCPT and DATA of the next are one group.
 *
 * Some servers refuse what follows the dot, as it could be smuggled (Haraka, GHSA-rp4q-8m6x-c43c). An envelope that was refused
 * for that is written again on its own, and from then on each waits for the reply to the previous body: two round trips per mail.
 *
 * A group never waits: if there is no next mail yet, the body leaves alone, and the next envelope follows when it comes.
 * A body leaves only when all replies to its envelope are here, so a refusal is always about this mail.
 */
export class DataGroups implements Strategy {
  /** One whose body is under way, one whose envelope is, and one at hand for when the second gets its 354. */
  readonly depth = 3;
  readonly pipelined = true;
  readonly #context: ClientContext;
  #behindDot: boolean;
  #refusesBehindDot = false;
  /** How many mails at the head of the queue have begun. */
  #begun = 0;
  /** The previous transaction was left open on the server. */
  #leftOpen = false;

  /** @param behindDot An envelope may follow a final dot in the same group. */
  constructor(context: ClientContext, behindDot = true) {
    this.#context = context;
    this.#behindDot = behindDot;
  }

  get refusesBehindDot(): boolean {
    return this.#refusesBehindDot;
  }

  added(): void {
    this.#putEnvelope();
    this.#context.buffer.flush();
  }

  proceed(transaction: Transaction, next: NextWrite): void {
    const { buffer } = this.#context;
    switch (next) {
      case "next-command":
        return; // It is written already.
      case "write-body":
        return this.#context.handOver(transaction, () => {
          buffer.body(transaction.mail.bytes, transaction.dots);
          this.#endGroup(transaction);
        });
      case "write-dot":
        buffer.command(FINAL_DOT);
        return this.#endGroup(transaction);
      case "write-again":
        this.#behindDot = false;
        this.#refusesBehindDot = true;
        this.#begun--;
        this.#putEnvelope();
    }
  }

  settled({ leftOpen }: Done): void {
    this.#begun--;
    this.#leftOpen = leftOpen;
    this.#putEnvelope();
  }

  /** The final dot is in the buffer: the next envelope may follow it. */
  #endGroup(transaction: Transaction): void {
    transaction.endsAt(this.#context.buffer.position);
    this.#putEnvelope();
    this.#context.buffer.flush();
  }

  /** Adds the next envelope to the group, if there is one and the mail before it is complete. */
  #putEnvelope(): void {
    const { queue, buffer } = this.#context;
    const next = queue[this.#begun];
    if (next === undefined || !this.#context.mayWrite()) return;
    const previous = queue[this.#begun - 1];
    if (previous !== undefined && !(this.#behindDot && previous.isWhole)) return;
    next.begin(previous === undefined ? "group" : "behind-dot", this.#leftOpen);
    this.#leftOpen = false;
    next.asksAt(buffer.position);
    buffer.command(next.commandGroup);
    this.#begun++;
  }
}
