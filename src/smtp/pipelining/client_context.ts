import type { WriteBuffer } from "../wire/write_buffer.ts";
import type { Next } from "./progress.ts";
import type { Transaction } from "./transaction.ts";

/** What can be written next for the head of the queue. */
export type NextWrite = Extract<
  Next["kind"],
  "next-command" | "write-body" | "write-dot" | "write-again"
>;

/** The end of a transaction whose replies have all come. */
export type Done = Extract<Next, { kind: "done" }>;

/**
 * How the mails of one connection share its round trips: the order in which their bytes go into the buffer. It reads no
 * replies. One of `LockStep`, `DataGroups` and `Chunking`.
 */
export interface Strategy {
  /** Most mails that may be unanswered at once, including those that are only at hand. */
  readonly depth: number;
  /** More than one reply can be awaited at once. */
  readonly pipelined: boolean;
  /** A command was refused because it followed a final dot; it was written again on its own. */
  readonly refusesBehindDot: boolean;
  /** A transaction was added to the queue. */
  added(transaction: Transaction): void;
  /** The head of the queue can go one step further. */
  proceed(transaction: Transaction, next: NextWrite): void;
  /** The head of the queue has ended and left it; the next transaction may begin. */
  settled(done: Done): void;
}

/** What a strategy works with; `SmtpClient` provides it. */
export interface ClientContext {
  /** Unanswered mails, in the order in which they were given. */
  readonly queue: readonly Transaction[];
  readonly buffer: WriteBuffer;
  /** Returns false once the server has said 421 or refused RSET, or a reply did not fit. */
  mayWrite(): boolean;
  /**
   * Calls `write` when it is on record that the mail's last bytes may leave. If that cannot be recorded, `send()` rejects with
   * the reason, and the client takes no more mails.
   */
  handOver(transaction: Transaction, write: () => void): void;
}
