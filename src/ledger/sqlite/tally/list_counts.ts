import type { SqliteStore } from "../store.ts";
import type { CampaignFacts } from "../../ledger.ts";
import { STATE_NUMBERS } from "../state_numbers.ts";
import * as sql from "../statements.ts";

/** Counts the rows of the list of this revision, without copies of their mails. Reads every row. */
export function countListRows(store: SqliteStore, revision: number): number {
  const text = store.schema < 4 ? sql.COUNT_LIST_ROWS_BEFORE_4 : sql.COUNT_LIST_ROWS;
  return numberOf(store, text, revision);
}

/**
 * Counts the recipients of the list of this revision who were skipped because they are suppressed. They have a key,
 * unlike duplicates; those who were removed from the list keep their earlier revision. An index holds only such rows;
 * in a ledger of an earlier version, which has no such index, it reads every row.
 */
export function countSuppressed(store: SqliteStore, revision: number): number {
  const text = store.schema < 4 ? sql.COUNT_SUPPRESSED_BEFORE_4 : sql.COUNT_SUPPRESSED;
  return numberOf(store, text, revision);
}

/**
 * Returns how many recipients of an earlier list are in no ledger, at least: by how many it has more than the ledger.
 * Reads every row, but only if there is such a list.
 */
export function countLeftBehind(
  store: SqliteStore,
  { earlier }: Pick<CampaignFacts, "earlier">,
): number {
  if (earlier === undefined) return 0;
  const { n } = store.statement(COUNT_RECIPIENTS).get() as { n: number };
  return Math.max(0, earlier.recipients - n);
}

/** A row that is invalid without a key may be a recipient for another template. */
const COUNT_RECIPIENTS = `SELECT count(*) AS n FROM recipient
   WHERE copy_of IS NULL AND (key IS NOT NULL OR state = ${STATE_NUMBERS.invalid})`;

function numberOf(store: SqliteStore, text: string, revision: number): number {
  return (store.statement(text).get(revision) as { n: number }).n;
}
