import type { CampaignFacts } from "./ledger.ts";

/** The part of the facts that says which rows of the list are not in the ledger. */
type ListFacts = Pick<CampaignFacts, "scan" | "shard" | "choice">;

/** Rows of the list that are not in the ledger. */
export interface RowsLeft {
  /** No run has reached them yet; undefined: unknown. */
  readonly notReached: number | undefined;
  /** No run has chosen them; undefined: unknown. */
  readonly notChosen: number | undefined;
}

/** @param entered Rows of the list in the ledger. */
export function rowsLeft(facts: ListFacts, entered: number): RowsLeft {
  return { notReached: notReached(facts, entered), notChosen: notChosen(facts, entered) };
}

/**
 * Returns the number of rows of the scanned list that no run has reached yet, so that they are not in the ledger. Of the rows that
 * the last condition chose, those that an earlier run had entered count as well until the list has been read to its end.
 *
 * @param entered Rows of that list in the ledger.
 * @returns undefined if unknown: for standard input, and for a shard, whose size no scan determines
 */
function notReached(facts: ListFacts, entered: number): number | undefined {
  const { scan, shard, choice } = facts;
  if (scan === undefined || shard !== undefined) return undefined;
  if (choice?.notChosen !== undefined) return 0;
  const absent = scan.rows + (scan.notChosen ?? 0) - entered;
  const chosen = choice === undefined ? absent : scan.rows - (entered - choice.enteredBefore);
  return Math.max(0, Math.min(absent, chosen));
}

/**
 * Returns the number of rows that are not in the ledger because no run has chosen them; of standard input, those that the last
 * run left out.
 *
 * @returns undefined if unknown: standard input was not read to its end, or the ledger is about a shard
 */
function notChosen(facts: ListFacts, entered: number): number | undefined {
  const { scan, shard, choice } = facts;
  if (choice === undefined) return 0;
  if (shard !== undefined) return undefined;
  if (scan === undefined) return choice.notChosen;
  const absent = scan.rows + (scan.notChosen ?? 0) - entered;
  return Math.max(0, absent - (notReached(facts, entered) ?? 0));
}
