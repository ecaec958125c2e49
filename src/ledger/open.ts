import type { CampaignFacts, Ledger, Retry } from "./ledger.ts";
import { SqliteLedger } from "./sqlite/sqlite_ledger.ts";

/** Which ledger, and who in it is tried again. */
export interface LedgerOptions {
  /** A file's path. */
  readonly ledger: string;
  readonly retry: Retry;
}

/**
 * Opens the campaign's ledger to send from it, creating it where there is none.
 *
 * @throws {LedgerError} when it is in use, not ours, newer, or cannot be written
 */
export function openLedger(
  { ledger, retry }: LedgerOptions,
  facts: CampaignFacts,
): Promise<Ledger> {
  return new Promise((resolve) => resolve(new SqliteLedger({ path: ledger, facts, retry })));
}
