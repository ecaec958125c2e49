import type { Retry } from "../../returning.ts";
import { isNamedIn } from "../../../model/recipient.ts";
import type { SqliteStore } from "../store.ts";
import type { WriterState } from "../writer_state.ts";
import * as sql from "../statements.ts";
import type { State } from "../../../model/state.ts";
import { stateNumber, stateOf } from "../state_numbers.ts";

/** States from which a named recipient can be queued again: nobody who was sent a mail gets a second one, nor anybody who was replaced. */
const BY_NAME: readonly State[] = ["deferred", "failed", "in-doubt", "invalid", "skipped"];

interface NamedRow {
  readonly state: number;
  readonly revision: number;
  readonly replaced_by: string | null;
}

/**
 * Queues the recipients to be tried again, with the full number of attempts; call it inside the transaction that opens
 * the ledger. Recipients of an earlier list follow when they are found in the current one, see `isRetried()`; so do all if the
 * run has a condition, which may not choose them.
 */
export function queueAgain(store: SqliteStore, writer: WriterState, retry: Retry): void {
  writer.retry = retry;
  if (writer.facts.choice !== undefined) return;
  const { counts, revision } = writer;
  const { states, keys } = retry;
  for (const state of states) {
    const { changes } = store.statement(sql.RETRY_STATE).run(stateNumber(state), revision);
    counts.move(state, "queued", Number(changes));
  }
  for (const id of keys.flatMap((name) => writer.keys.rowsOf(name))) {
    const row = store.statement(sql.READ_KNOWN).get(id) as unknown as NamedRow;
    if (row.replaced_by !== null) continue;
    if (row.revision !== revision || !BY_NAME.includes(stateOf(row.state))) continue;
    queueOne(store, writer, { id, state: stateOf(row.state) });
  }
}

/** Returns whether a recipient in the ledger is to be tried again. */
export function isRetried(
  { retry: { states, keys } }: WriterState,
  key: string,
  state: State,
): boolean {
  return states.some((one) => one === state) ||
    (keys.length > 0 && isNamedIn(new Set(keys), key) && BY_NAME.includes(state));
}

/** Queues one recipient, with the full number of attempts. */
export function queueOne(
  store: SqliteStore,
  { counts }: WriterState,
  { id, state }: { readonly id: number; readonly state: State },
): void {
  store.statement(sql.RETRY_ONE).run(id);
  counts.move(state, "queued");
}
