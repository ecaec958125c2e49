import type { CampaignFacts } from "../record/ledger.ts";
import { openLedgerReader } from "../record/ledger_reader.ts";
import type { Tally } from "../report/tally.ts";

/** What an earlier run left in the ledger, looked at before anything is opened to send. */
export interface Known {
  readonly facts: CampaignFacts;
  readonly tally: Tally;
}

/**
 * Looks into the ledger of an earlier run, where there is one.
 *
 * @throws {LedgerError} when the file is no ledger of ours, or of a newer version
 */
export function lookInto(ledger: string): Known | undefined {
  try {
    if (Deno.statSync(ledger).size === 0) return undefined;
  } catch {
    return undefined; // no ledger yet; one that cannot be read is told of when it is opened to send
  }
  using reader = openLedgerReader(ledger);
  return { facts: reader.facts, tally: reader.tally() };
}
