import type { SqliteStore } from "../store.ts";
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

function numberOf(store: SqliteStore, text: string, revision: number): number {
  return (store.statement(text).get(revision) as { n: number }).n;
}
