import type { SqliteStore } from "../store.ts";
import * as sql from "../statements.ts";

/** Counts the rows of the list of this revision. Reads every row. */
export function countListRows(store: SqliteStore, revision: number): number {
  return numberOf(store, sql.COUNT_LIST_ROWS, revision);
}

/**
 * Counts the recipients of the list of this revision who were skipped because they are suppressed. They have a key,
 * unlike duplicates; those who were removed from the list keep their earlier revision. An index holds only such rows;
 * in a ledger of an earlier version, which has no such index, it reads every row.
 */
export function countSuppressed(store: SqliteStore, revision: number): number {
  const { user_version } = store.statement(sql.READ_VERSION).get() as { user_version: number };
  const text = user_version < 4 ? sql.COUNT_SUPPRESSED_BEFORE_4 : sql.COUNT_SUPPRESSED;
  return numberOf(store, text, revision);
}

function numberOf(store: SqliteStore, text: string, revision: number): number {
  return (store.statement(text).get(revision) as { n: number }).n;
}
