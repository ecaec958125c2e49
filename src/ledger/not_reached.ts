import type { CampaignFacts } from "./ledger.ts";

/**
 * Returns the number of rows of the scanned list that no run has reached yet, so that they are not in the ledger.
 *
 * @param entered Rows of that list in the ledger.
 * @returns undefined if unknown: for standard input, and for a shard, whose size no scan determines
 */
export function notReached(
  { scan, shard }: Pick<CampaignFacts, "scan" | "shard">,
  entered: number,
): number | undefined {
  if (scan === undefined || shard !== undefined) return undefined;
  return Math.max(0, scan.rows - entered);
}
