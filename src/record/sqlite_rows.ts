import type { LedgerRow } from "./ledger.ts";
import type { SqliteStore } from "./sqlite_store.ts";
import { ALL_ROWS, ROWS_IN_STATES } from "./statements.ts";
import { type State, stateNumber, stateOf } from "./state.ts";

/** The recipients in the order of the list, one at a time, however many there are. */
export async function* readRows(
  store: SqliteStore,
  states?: readonly State[],
): AsyncGenerator<LedgerRow> {
  const rows = states === undefined
    ? store.statement(ALL_ROWS).iterate()
    : store.statement(ROWS_IN_STATES).iterate(JSON.stringify(states.map(stateNumber)));
  for (const row of rows) yield toLedgerRow(row as unknown as StoredRow);
}

interface StoredRow {
  readonly id: number;
  readonly line: number;
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

function toLedgerRow(row: StoredRow): LedgerRow {
  return {
    id: row.id,
    line: row.line,
    address: row.address,
    fields: JSON.parse(row.fields) as string[],
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
