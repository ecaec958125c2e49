import type { LeftOutRecipient } from "../../reader.ts";
import type { LeftOut } from "../../returning.ts";
import { LEFT_OUT, STATE_NUMBERS, stateNumber } from "../state_numbers.ts";
import type { SqliteStore } from "../store.ts";
import { SELECT_RECIPIENT } from "../statements.ts";
import { readRecipient, type StoredRecipient } from "./stored_recipient.ts";

/** An index answers which rows these are (see `CREATE_TABLES`); a condition with exactly this text uses it. */
const LEFT_OUT_NOW = `${LEFT_OUT} AND replaced_by IS NULL AND revision = ?`;

/** Uses the index alone, apart from the key. */
export const LEFT_OUT_IN_STATE =
  `SELECT id, key FROM recipient WHERE ${LEFT_OUT_NOW} AND state = ? AND id > ? ORDER BY id LIMIT ?`;

const OF_ROWS =
  `${SELECT_RECIPIENT} WHERE ${LEFT_OUT_NOW} AND id IN (SELECT value FROM json_each(?)) ORDER BY id`;

const WHOLE_ROWS =
  `${SELECT_RECIPIENT} WHERE ${LEFT_OUT_NOW} AND state = ? AND id > ? ORDER BY id LIMIT ?`;

/**
 * Claims a recipient who was left out. With a due time, whatever an earlier try has recorded, the recipient is queued,
 * and not in doubt, if the run ends before it is settled.
 */
export const CLAIM_LEFT_OUT =
  `UPDATE recipient SET state = ${STATE_NUMBERS.claimed}, not_before = 0,
   first_tried_at = min(first_tried_at, ?), reason = NULL WHERE id = ?`;

/** Returns the recipients of a list in this state who were left out, after the row `after`, in row order. */
export function leftOut(
  store: SqliteStore,
  revision: number,
  { state, after, limit }: {
    readonly state: LeftOut["state"];
    readonly after: number;
    readonly limit: number;
  },
): LeftOut[] {
  const rows = store.statement(LEFT_OUT_IN_STATE).all(revision, stateNumber(state), after, limit);
  return rows.map((row) => {
    const { id, key } = row as { id: number; key: string };
    return { id, key, state };
  });
}

/** Returns the rows among `ids` that are left out, to be claimed. */
export function leftOutOf(
  store: SqliteStore,
  revision: number,
  ids: readonly number[],
): unknown[] {
  return store.statement(OF_ROWS).all(revision, JSON.stringify(ids));
}

/** A row that was left out, and what it holds. */
export interface LeftOutRow extends LeftOutRecipient {
  readonly id: number;
}

/** Returns up to `limit` of them with their cells; none in a ledger of a version that kept no index of them. */
export function leftOutRows(
  store: SqliteStore,
  revision: number,
  { state, after, limit }: {
    readonly state: LeftOut["state"];
    readonly after: number;
    readonly limit: number;
  },
): readonly LeftOutRow[] {
  if (store.schema < 4) return [];
  const rows = store.statement(WHOLE_ROWS).all(revision, stateNumber(state), after, limit);
  return rows.map((row) => {
    const stored = row as unknown as StoredRecipient;
    return { id: stored.id, state, recipient: readRecipient(store, stored) };
  });
}
