import type { Recipient } from "../../../model/recipient.ts";
import type { LeftOut } from "../../returning.ts";
import { readCopied } from "./copies.ts";
import { LEFT_OUT, STATE_NUMBERS, stateNumber } from "../state_numbers.ts";
import type { SqliteStore } from "../store.ts";
import { READ_VERSION } from "../statements.ts";

const ROW = `id, key, line, address, fields, attempts, first_tried_at, state, copy_of`;

/** An index answers which rows these are (see `CREATE_TABLES`); a condition with exactly this text uses it. */
const LEFT_OUT_NOW = `${LEFT_OUT} AND replaced_by IS NULL AND revision = ?`;

/** Uses the index alone, apart from the key. */
export const LEFT_OUT_IN_STATE =
  `SELECT id, key FROM recipient WHERE ${LEFT_OUT_NOW} AND state = ? AND id > ? ORDER BY id LIMIT ?`;

const OF_ROWS =
  `SELECT ${ROW} FROM recipient WHERE ${LEFT_OUT_NOW} AND id IN (SELECT value FROM json_each(?)) ORDER BY id`;

const WHOLE_ROWS =
  `SELECT ${ROW} FROM recipient WHERE ${LEFT_OUT_NOW} AND state = ? AND id > ? ORDER BY id LIMIT ?`;

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
export interface LeftOutRow {
  readonly id: number;
  readonly state: LeftOut["state"];
  readonly recipient: Recipient;
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
  const { user_version } = store.statement(READ_VERSION).get() as { user_version: number };
  if (user_version < 4) return [];
  const rows = store.statement(WHOLE_ROWS).all(revision, stateNumber(state), after, limit);
  return rows.map((row) => {
    const { id, key, line, address, fields, copy_of } = row as unknown as StoredRow;
    const cells = JSON.parse(fields) as string[];
    const copied = readCopied(store, copy_of);
    const recipient = { kind: "recipient", key, line, address, fields: cells, ...copied } as const;
    return { id, state, recipient };
  });
}

interface StoredRow {
  readonly id: number;
  readonly key: string;
  readonly line: number;
  readonly address: string;
  readonly fields: string;
  readonly copy_of: number | null;
}
