import type { CampaignFacts, Ledger } from "./ledger.ts";
import type { Holder } from "./reader.ts";

/**
 * The part of the contract for a process that will send: it holds the ledger, so that no other can, and has not begun.
 * What an earlier process left there is unchanged until it begins.
 *
 * Every method rejects with a `StorageError` when the store cannot be read or written.
 */
export interface HeldLedger extends AsyncDisposable {
  /** Shows to readers of the ledger that this process waits until then (ms since the epoch); undefined: no longer. */
  waitUntil(time: number | undefined): Promise<void>;
  /**
   * Returns whether another process asked this one to stop. Cheap enough to be called every second, before and after
   * the campaign is begun.
   */
  isStopRequested(): Promise<boolean>;
  /**
   * Takes the campaign over to send. The ledger that it returns has to be closed before this one; from then on nobody
   * is held.
   */
  begin(facts: CampaignFacts): Promise<Ledger>;
}

/** What one process asks of another: to stop sending from a ledger. */
export interface StopRequest {
  /** The process that was asked. */
  readonly holder: Holder;
  /** Returns whether it does not hold the ledger any more. */
  hasEnded(): Promise<boolean>;
  /** Takes the request back. Returns false if the process has taken it already. */
  withdraw(): Promise<boolean>;
}
