import {
  type HandDecision,
  type HandResult,
  type HandState,
  SETTLED_BY_HAND,
} from "../../by_hand/settle_by_hand.ts";
import { wallTime } from "../../../time/clock.ts";
import { KeyIndex } from "../key_index.ts";
import { openForWriting } from "../file/ledger_file.ts";
import { SqliteStore } from "../store.ts";
import type { StateCounts } from "../tally/state_counts.ts";
import { READ_KNOWN, SETTLE_BY_HAND, START_OVER, WRITE_COUNTS } from "../statements.ts";
import { readTally } from "../tally/stored_tally.ts";
import { type State, withoutHolder } from "../../../model/state.ts";
import { stateNumber, stateOf } from "../state_numbers.ts";

/** Records the decisions of a person; see `HandDecision`. */
export function settleByHand(
  path: string,
  keys: readonly string[],
  to: HandState,
  from: readonly State[] = SETTLED_BY_HAND,
  exact = false,
): readonly HandResult[] {
  using file = openForWriting(path, "refuse");
  const store = new SqliteStore(file.database, path);
  const rows = new KeyIndex(store);
  const results = store.commit(() => {
    const { counts } = readTally(store);
    const results = keys.flatMap((key): HandResult[] => {
      const ids = exact ? [rows.find(key)].filter((id) => id !== undefined) : rows.rowsOf(key);
      if (ids.length === 0) return [{ key, kind: "unknown" }];
      return ids.map((id) => settleOne(store, counts, { id, to, from }));
    });
    store.statement(WRITE_COUNTS).run(JSON.stringify(counts));
    return results;
  });
  file.check();
  return results;
}

function settleOne(
  store: SqliteStore,
  counts: StateCounts,
  { id, to, from }: { readonly id: number } & Pick<HandDecision, "to" | "from">,
): HandResult {
  const row = store.statement(READ_KNOWN).get(id) as unknown as KnownRow;
  const key = row.key.trim();
  if (row.replaced_by !== null) return { key, kind: "replaced", by: row.replaced_by };
  // A process that died left its rows unchanged; the next run will read them the same way.
  const state = withoutHolder(stateOf(row.state));
  if (!isSettledByHand(state) || !from.includes(state)) return { key, kind: "refused", state };
  const due = to === "queued" ? 0 : null;
  store.statement(SETTLE_BY_HAND).run(stateNumber(to), due, wallTime(), "Settled by hand", row.id);
  if (to === "queued") store.statement(START_OVER).run(row.id);
  counts.move(stateOf(row.state), to);
  return { key, kind: "settled", before: state };
}

/** The columns read of a recipient. */
interface KnownRow {
  readonly id: number;
  /** That of an invalid row that was replaced begins with a space. */
  readonly key: string;
  readonly state: number;
  readonly replaced_by: string | null;
}

function isSettledByHand(state: State): boolean {
  return SETTLED_BY_HAND.some((one) => one === state);
}
