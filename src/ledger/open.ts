import type { SendOptions } from "../cli/options/send_options.ts";
import type { CampaignFacts, Ledger } from "./ledger.ts";
import { SqliteLedger } from "./sqlite/sqlite_ledger.ts";

/**
 * Opens the campaign's ledger to send from it, creating it where there is none.
 *
 * @throws {LedgerError} when it is in use, not ours, newer, or cannot be written
 */
export function openLedger(
  { ledger, retry }: Pick<SendOptions, "ledger" | "retry">,
  facts: CampaignFacts,
): Promise<Ledger> {
  return new Promise((resolve) => resolve(new SqliteLedger({ path: ledger, facts, retry })));
}
