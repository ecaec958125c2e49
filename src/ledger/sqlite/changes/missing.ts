import { wallTime } from "../../../time/clock.ts";
import type { Missing } from "../../returning.ts";
import type { SqliteStore } from "../store.ts";
import type { WriterState } from "../writer_state.ts";
import * as sql from "../statements.ts";
import { countLeftBehind } from "../tally/list_counts.ts";
import { forgetEarlier } from "./earlier_list.ts";
import { recount } from "./recovery.ts";

/** Most missing recipients that are named. */
const MISSING_EXAMPLES = 3;

/** Reads the waiting recipients who are not in the current list. */
export function readMissing(
  store: SqliteStore,
  { revision, nobodyWaits, facts }: WriterState,
): Missing {
  const leftBehind = facts.earlier && { leftBehind: countLeftBehind(store, facts) };
  if (nobodyWaits) return { count: 0, examples: [], ...leftBehind };
  const { n } = store.statement(sql.COUNT_MISSING).get(revision) as { n: number };
  const first = store.statement(sql.FIRST_MISSING).all(revision, MISSING_EXAMPLES);
  const examples = first.map((row) => (row as { address: string }).address);
  return { count: n, examples, ...leftBehind };
}

/**
 * Skips them and returns their number; those of an earlier list whom no run has reached are not missed any longer. Call
 * it inside a transaction.
 */
export function skipMissing(store: SqliteStore, writer: WriterState, list: string): number {
  forgetEarlier(store, writer);
  if (writer.nobodyWaits) return 0;
  const reason = `No longer in ${list}`;
  const { changes } = store.statement(sql.SKIP_MISSING).run(wallTime(), reason, writer.revision);
  if (changes !== 0) recount(store, writer);
  return Number(changes);
}

/** Makes the next run treat the list as a new one and enter every row again; call it inside a transaction. */
export function forgetList(store: SqliteStore, writer: WriterState): void {
  writer.upToLine = 0;
  writer.facts = { ...writer.facts, list: "" };
  store.setFact("campaign", writer.facts);
}
