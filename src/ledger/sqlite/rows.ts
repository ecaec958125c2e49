import { guarded } from "../../sqlite/guarded.ts";
import type { LedgerRow } from "../ledger.ts";
import { cellsByPresentColumns } from "./list_columns.ts";
import type { SqliteStore } from "./store.ts";
import { ALL_ROWS, ROWS_IN_STATES } from "./statements.ts";
import { type State, STATES, withoutHolder } from "../../model/state.ts";
import { stateNumber, stateOf } from "./state_numbers.ts";

/** Yields the recipients in list order, in constant memory. */
export async function* readRows(
  store: SqliteStore,
  path: string,
  states?: readonly State[],
): AsyncGenerator<LedgerRow> {
  const read = <T>(run: () => T): T => guarded(`Cannot read the ledger '${path}'`, run);
  const cellsOf = read(() => cellsByPresentColumns(store));
  let after = 0;
  for (;;) {
    const rows = read(() => page(store, after, states));
    for (const row of rows) yield read(() => toLedgerRow(row, cellsOf));
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.id;
  }
}

/** Yields them in the states in which the next run will find them: what a dead process held is queued or in doubt. */
export async function* readRowsAtRest(
  store: SqliteStore,
  path: string,
  states?: readonly State[],
): AsyncGenerator<LedgerRow> {
  // A claimed row may have been in doubt before.
  const stored = states &&
    STATES.filter((state) => states.includes(withoutHolder(state)) || state === "claimed");
  for await (const row of readRows(store, path, stored)) {
    const state = stateAtRest(row);
    if (states !== undefined && !states.includes(state)) continue;
    if (state === row.state) yield row;
    else yield { ...row, state, ...(row.state === "handed-over" ? { reason: ABANDONED } : {}) };
  }
}

function stateAtRest({ state, relay, notBefore }: LedgerRow): State {
  const wasInDoubt = state === "claimed" && relay !== undefined && notBefore === undefined;
  return wasInDoubt ? "in-doubt" : withoutHolder(state);
}

const ABANDONED = "Handed over when the process ended; no reply was recorded";

/**
 * Rows read at a time. A statement left open while its reader waits would block checkpoints, and two readers of one
 * statement would get each other's rows.
 */
const PAGE = 500;

function page(store: SqliteStore, after: number, states?: readonly State[]): StoredRow[] {
  const rows = states === undefined
    ? store.statement(ALL_ROWS).all(after, PAGE)
    : store.statement(ROWS_IN_STATES).all(after, JSON.stringify(states.map(stateNumber)), PAGE);
  return rows as unknown as StoredRow[];
}

interface StoredRow {
  readonly id: number;
  readonly key: string | null;
  readonly line: number;
  readonly revision: number;
  readonly address: string;
  readonly fields: string;
  readonly state: number;
  readonly attempts: number;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly reply: string | null;
  readonly stage: string | null;
  readonly relay: string | null;
  readonly message_id: string | null;
  readonly at: number | null;
  readonly not_before: number | null;
  readonly reason: string | null;
}

function toLedgerRow(
  row: StoredRow,
  cellsOf: ReturnType<typeof cellsByPresentColumns>,
): LedgerRow {
  const { revision, address } = row;
  return {
    id: row.id,
    key: row.key ?? undefined,
    line: row.line,
    address: row.address,
    fields: cellsOf({ revision, address, fields: JSON.parse(row.fields) as string[] }),
    state: stateOf(row.state),
    attempts: row.attempts,
    code: row.code ?? undefined,
    enhanced: row.enhanced ?? undefined,
    reply: row.reply ?? undefined,
    stage: row.stage ?? undefined,
    relay: row.relay ?? undefined,
    messageId: row.message_id ?? undefined,
    at: row.at ?? undefined,
    notBefore: row.not_before ?? undefined,
    reason: row.reason ?? undefined,
  };
}
