import type { Tally } from "../report/tally.ts";
import type { CampaignFacts, LedgerRow } from "./ledger.ts";
import { guarded } from "./guarded.ts";
import { notReached } from "./not_reached.ts";
import { type Holder, openForReading } from "./sqlite_file.ts";
import { isHeld } from "./sqlite_lock.ts";
import { readRows, readRowsAtRest } from "./sqlite_rows.ts";
import { SqliteStore } from "./sqlite_store.ts";
import { COUNT_MET } from "./statements.ts";
import { readLaggingTally, readTally } from "./stored_tally.ts";
import type { State } from "./state.ts";

/** A look into a ledger that disturbs nobody who sends from it; where nobody does, recipients are as the next run finds them. */
export interface LedgerReader extends Disposable {
  /** What the last run was about. */
  readonly facts: CampaignFacts;
  /** Of a running process as of a moment ago; reading it again tells its news. */
  tally(): Tally;
  /** Rows of the list that no run has come to yet; undefined where nobody knows. Reads the whole ledger. */
  notReached(): number | undefined;
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
  const database = openForReading(path);
  const store = new SqliteStore(database, path);
  const read = <T>(run: () => T): T => guarded(`Cannot read the ledger '${path}'`, run);
  try {
    const facts = read(() => store.fact("campaign")) as CampaignFacts | undefined;
    return {
      facts: facts ?? NOTHING_YET,
      tally: () => read(() => tallyOf(store, isHeld(path))),
      notReached: () => facts && read(() => notReached(facts, metOf(store))),
      rows: (states) =>
        isHeld(path) ? readRows(store, path, states) : readRowsAtRest(store, path, states),
      holder: () =>
        isHeld(path) ? read(() => store.fact("holder")) as Holder | undefined : undefined,
      [Symbol.dispose]: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The facts of a ledger whose first run ended before it had noted them. */
const NOTHING_YET: CampaignFacts = {
  campaign: "",
  columns: [],
  list: "",
  template: "",
  relays: [],
};

function metOf(store: SqliteStore): number {
  const revision = Number(store.fact("revision") ?? 1);
  return (store.statement(COUNT_MET).get(revision) as { n: number }).n;
}

function tallyOf(store: SqliteStore, held: boolean): Tally {
  const { counts: states } = held ? readLaggingTally(store) : readTally(store);
  if (!held) {
    states.move("claimed", "queued", states.of("claimed"));
    states.move("handed-over", "in-doubt", states.of("handed-over"));
  }
  return states.tally();
}
