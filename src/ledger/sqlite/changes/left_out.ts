import type { LeftOut, LeftOutPlace } from "../../returning.ts";
import { LEFT_OUT, STATE_NUMBERS, stateNumber, stateOf } from "../state_numbers.ts";
import type { SqliteStore } from "../store.ts";
import { SELECT_RECIPIENT } from "../statements.ts";
import { readRecipient, type StoredRecipient } from "./stored_recipient.ts";

/** An index answers which rows these are (see `CREATE_TABLES`); a condition with exactly this text uses it. */
const LEFT_OUT_NOW = `${LEFT_OUT} AND replaced_by IS NULL AND revision = ?`;

export const LEFT_OUT_IN_STATE =
  `${SELECT_RECIPIENT} WHERE ${LEFT_OUT_NOW} AND state = ? AND id > ? ORDER BY id LIMIT ?`;

const LEFT_OUT_OF_ROWS =
  `${SELECT_RECIPIENT} WHERE ${LEFT_OUT_NOW} AND id IN (SELECT value FROM json_each(?)) ORDER BY id`;

/**
 * Claims a recipient who was left out. With a due time, whatever an earlier try has recorded, the recipient is queued,
 * and not in doubt, if the run ends before it is settled.
 */
export const CLAIM_LEFT_OUT =
  `UPDATE recipient SET state = ${STATE_NUMBERS.claimed}, not_before = 0,
   first_tried_at = min(first_tried_at, ?), reason = NULL WHERE id = ?`;

/**
 * Returns the recipients of a list who were left out, in row order; none in a ledger of a version that kept no index of
 * them.
 */
export function leftOut(
  store: SqliteStore,
  revision: number,
  place: LeftOutPlace,
): readonly LeftOut[] {
  if (store.schema < 4) return [];
  const rows = "rows" in place
    ? leftOutOf(store, revision, place.rows)
    : store.statement(LEFT_OUT_IN_STATE)
      .all(revision, stateNumber(place.state), place.after, place.limit);
  return rows.map((row) => {
    const stored = row as unknown as StoredLeftOut;
    return {
      id: stored.id,
      recipient: readRecipient(store, stored),
      state: stateOf(stored.state) as LeftOut["state"],
      reason: stored.reason ?? undefined,
    };
  });
}

/** Returns the rows among `ids` that are left out, to be claimed. */
export function leftOutOf(
  store: SqliteStore,
  revision: number,
  ids: readonly number[],
): unknown[] {
  return store.statement(LEFT_OUT_OF_ROWS).all(revision, JSON.stringify(ids));
}

interface StoredLeftOut extends StoredRecipient {
  readonly state: number;
  readonly reason: string | null;
}
