import type { Reply } from "../../model/reply.ts";

/** A refusal that may be about us. */
export interface Refusal {
  /** The recipient's row in the ledger. */
  readonly id: number;
  readonly domain: string;
  readonly reply: Reply;
  /** Number of the connection on which it was received. */
  readonly session: number;
  /** Time at which it was received, ms. */
  readonly at: number;
}

/**
 * Whom a refusal is about:
 *
 * - `recipient`: only this recipient. The relay refused it twice and accepted others in between.
 * - `elsewhere`: unknown, and another relay has not been tried yet.
 * - `unclear`: unknown. Others go first.
 */
export type Blame = "recipient" | "elsewhere" | "unclear";
