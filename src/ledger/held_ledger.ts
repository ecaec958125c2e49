import type { CampaignFacts, Ledger } from "./ledger.ts";

/**
 * The part of the contract for a process that will send: it holds the ledger, so that no other can, and has not begun.
 * What an earlier process left there is unchanged until it begins.
 *
 * Every method rejects with a `StorageError` when the store cannot be read or written.
 */
export interface HeldLedger extends AsyncDisposable {
  /** Tells those who read the ledger that this process waits until then (ms since the epoch); undefined: not any more. */
  waitUntil(time: number | undefined): Promise<void>;
  /**
   * Takes the campaign over to send. The ledger that it returns has to be closed before this one; from then on nobody
   * is held.
   */
  begin(facts: CampaignFacts): Promise<Ledger>;
}
