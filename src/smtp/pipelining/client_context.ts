import type { WriteBuffer } from "../wire/write_buffer.ts";
import type { Next } from "./progress.ts";
import type { Transaction } from "./transaction.ts";

/** What can be written next for the first transaction of the queue, now that its reply is read. */
export type NextWrite = Extract<
  Next["kind"],
  "next-command" | "write-body" | "write-dot" | "write-again"
>;

/** How a transaction ended that was heard to its end. */
export type Done = Extract<Next, { kind: "done" }>;

/**
 * How the mails of one connection share its round trips: the order in which their bytes are put into the buffer. It reads no
 * reply. One of `LockStep`, `DataGroups`, `Chunking`.
 */
export interface Strategy {
  /** Mails that may be unanswered at once, those included that only lie ready. */
  readonly depth: number;
  /** More than one reply can be awaited at once. */
  readonly pipelined: boolean;
  /** A command was refused because it stood behind a final dot; it was written again on its own. */
  readonly refusesBehindDot: boolean;
  /** A transaction was put at the end of the queue. */
  added(transaction: Transaction): void;
  /** The first transaction of the queue can go one step further. */
  proceed(transaction: Transaction, next: NextWrite): void;
  /** The first transaction has ended and left the queue; the next one may be begun. */
  settled(done: Done): void;
}

/** What a strategy works on; the `SmtpClient` stands behind it. */
export interface ClientContext {
  /** Unanswered mails, in the order they were given. */
  readonly queue: readonly Transaction[];
  readonly buffer: WriteBuffer;
  /** false: the server has said 421 or refused RSET, or its replies do not fit. */
  mayWrite(): boolean;
  /**
   * Calls `write` when it is on record that the mail's last bytes may leave. When that cannot be recorded, `send()` rejects with
   * the reason and the client takes no more mail.
   */
  handOver(transaction: Transaction, write: () => void): void;
}
