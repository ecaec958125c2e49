import type { CampaignFacts } from "./ledger.ts";

/**
 * Rows of the list, as it was scanned, that no run has come to yet: nobody knows of them but the list.
 *
 * @param met Rows of that list in the ledger.
 * @returns undefined where nobody knows: standard input, and a part of a list, whose size no scan tells
 */
export function notReached(
  { scan, shard }: Pick<CampaignFacts, "scan" | "shard">,
  met: number,
): number | undefined {
  if (scan === undefined || shard !== undefined) return undefined;
  return Math.max(0, scan.rows - met);
}
