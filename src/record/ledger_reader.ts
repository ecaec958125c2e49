import type { Tally } from "../report/tally.ts";
import type { CampaignFacts, LedgerRow } from "./ledger.ts";
import { type Holder, isHeld, openForReading } from "./sqlite_file.ts";
import { readRows } from "./sqlite_rows.ts";
import { SqliteStore } from "./sqlite_store.ts";
import { StateCounts } from "./state_counts.ts";
import { READ_TALLY } from "./statements.ts";
import type { State } from "./state.ts";

/** A look into a ledger that disturbs nobody who sends from it. */
export interface LedgerReader extends Disposable {
  /** What the last run was about. */
  readonly facts: CampaignFacts;
  /** As of the last commit; reading it again tells news of a running process. */
  tally(): Tally;
  rows(states?: readonly State[]): AsyncIterable<LedgerRow>;
  /** The process that is sending from it now. */
  holder(): Holder | undefined;
}

/**
 * Opens a ledger to read it.
 *
 * @throws {LedgerError} when there is none, or it is not ours
 */
export function openLedgerReader(path: string): LedgerReader {
  const store = new SqliteStore(openForReading(path), path);
  const facts = store.fact("campaign") as CampaignFacts | undefined;
  const nothing = { campaign: "", columns: [], list: "", template: "", relays: [] };
  return {
    facts: facts ?? nothing,
    tally() {
      const row = store.statement(READ_TALLY).get() as { counts: string };
      const counts = new StateCounts();
      counts.load(JSON.parse(row.counts));
      return counts.tally();
    },
    rows: (states) => readRows(store, states),
    holder: () => isHeld(path) ? store.fact("holder") as Holder | undefined : undefined,
    [Symbol.dispose]: () => store[Symbol.dispose](),
  };
}
