import type { Reply } from "../../model/reply.ts";

/** A refusal that may be about us. */
export interface Refusal {
  /** The recipient's row in the ledger. */
  readonly id: number;
  readonly domain: string;
  readonly reply: Reply;
  /** The connection it was heard on, by its number. */
  readonly session: number;
  /** When it was heard, ms. */
  readonly at: number;
}

/**
 * Whom a refusal is about:
 *
 * - `recipient`: this recipient alone. The relay refused it twice and took others in between.
 * - `elsewhere`: not known, and another relay has not been asked yet.
 * - `unclear`: not known. Others go first.
 */
export type Blame = "recipient" | "elsewhere" | "unclear";
