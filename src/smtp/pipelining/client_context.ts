import type { WriteBuffer } from "../wire/write_buffer.ts";
import type { Reply } from "../../model/reply.ts";
import type { Transaction } from "./transaction.ts";

/** How the mails of one connection share its round trips. One of `LockStep`, `DataGroups`, `Chunking`. */
export interface Strategy {
  /** Mails that may be unanswered at once, those included that only lie ready. */
  readonly depth: number;
  /** More than one reply can be awaited at once. */
  readonly pipelined: boolean;
  /** A command was refused because it stood behind a final dot; it was written again on its own. */
  readonly refusesBehindDot: boolean;
  /** A transaction was put at the end of `Flow.queue`. */
  added(): void;
  /** The reply to what the first transaction of `Flow.queue` awaits. */
  reply(reply: Reply): void;
}

/** What a strategy works on and what it can do; the `Lane` stands behind it. */
export interface ClientContext {
  /** Unanswered mails, in the order they were given. */
  readonly queue: readonly Transaction[];
  readonly buffer: WriteBuffer;
  /** An earlier transaction was left open on the server: RSET must come before the next MAIL. */
  dirty: boolean;
  /** The server has said 421: nothing more may be written. */
  readonly dismissed: boolean;
  /** Takes the first transaction out of the queue and says what became of it. */
  settle(attempt: Parameters<Transaction["settle"]>[0]): void;
  /** The reply does not fit what was written: ends the connection. What is in the queue is settled as it stands. */
  misfit(reply: Reply, detail: string): void;
  /** The hand-over of a mail could not be recorded: `send()` rejects with the reason, and the lane is given up. */
  fail(transaction: Transaction, reason: unknown): void;
}
