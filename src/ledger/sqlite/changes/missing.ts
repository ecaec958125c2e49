import { wallTime } from "../../../time/clock.ts";
import type { CampaignFacts, Missing } from "../../ledger.ts";
import type { SqliteStore } from "../store.ts";
import type { WriterState } from "../writer_state.ts";
import * as sql from "../statements.ts";
import { recount } from "./recovery.ts";

/** How many recipients that a list lacks are named. */
const MISSING_EXAMPLES = 3;

/** Recipients who wait and were not met in the present list. */
export function readMissing(store: SqliteStore, { revision }: WriterState): Missing {
  const { n } = store.statement(sql.COUNT_MISSING).get(revision) as { n: number };
  const first = store.statement(sql.FIRST_MISSING).all(revision, MISSING_EXAMPLES);
  return { count: n, examples: first.map((row) => (row as { address: string }).address) };
}

/** Skips them; inside a transaction. Returns how many. */
export function skipMissing(store: SqliteStore, writer: WriterState, list: string): number {
  const reason = `No longer in ${list}`;
  const { changes } = store.statement(sql.SKIP_MISSING).run(wallTime(), reason, writer.revision);
  if (changes !== 0) recount(store, writer);
  return Number(changes);
}

/** The next run takes the list for another one, and meets every row of it again; inside a transaction. */
export function forgetList(store: SqliteStore, writer: WriterState): void {
  writer.upToLine = 0;
  store.setFact("campaign", { ...store.fact("campaign") as CampaignFacts, list: "" });
}
