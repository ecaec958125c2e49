import type { Tally } from "../../model/tally.ts";
import type { CampaignFacts, LedgerRow, Retry } from "../ledger.ts";
import { guarded } from "../../sqlite/guarded.ts";
import { notReached } from "../not_reached.ts";
import { type Holder, holderOf } from "./file/holder.ts";
import { ledgerPath } from "./file/ledger_path.ts";
import { openForReading } from "./file/ledger_file.ts";
import { readRows, readRowsAtRest } from "./rows.ts";
import { SqliteStore } from "./store.ts";
import {
  COUNT_MET,
  COUNT_RETRIED,
  COUNT_TAKEN,
  FIND_SENT,
  WAITING,
  WAITS_ELSEWHERE,
} from "./statements.ts";
import { readLaggingTally, readTally, releaseClaimed } from "./tally/stored_tally.ts";
import { type State, withoutHolder } from "../../model/state.ts";
import { stateNumber, stateOf } from "./state_numbers.ts";

/** A look into a ledger that disturbs nobody who sends from it; where nobody does, recipients are as the next run finds them. */
export interface LedgerReader extends Disposable {
  /** What the last run was about. */
  readonly facts: CampaignFacts;
  /** Of a running process as of a moment ago; reading it again tells its news. */
  tally(): Tally;
  /** Rows of the list that no run has come to yet; undefined where nobody knows. Reads the whole ledger. */
  notReached(): number | undefined;
  rows(states?: readonly State[]): AsyncIterable<LedgerRow>;
  /** How many of those to be tried again are in which state. Reads the whole ledger. */
  countRetried(retry: Retry): ReadonlyMap<State, number>;
  /** Of these keys one that was sent a mail. Reads the whole ledger. */
  findSent(keys: readonly string[]): string | undefined;
  /** Mails that the sandbox took, and mails that a real relay took. Reads the whole ledger. */
  takenBy(): { readonly sandbox: number; readonly real: number };
  /** Recipients who wait, of the present list and of earlier ones. */
  waiting(): Iterable<{ readonly key: string; readonly address: string }>;
  /** Whether some of them were not met in the present list. */
  waitsElsewhere(): boolean;
  /** The process that is sending from it now. */
  holder(): Holder | undefined;
}

/**
 * Opens a ledger to read it.
 *
 * @throws {LedgerError} when there is none, or it is not ours
 */
export function openLedgerReader(path: string): LedgerReader {
  const files = ledgerPath(path);
  const database = openForReading(files);
  const store = new SqliteStore(database, path);
  const read = <T>(run: () => T): T => guarded(`Cannot read the ledger '${path}'`, run);
  /** Looked up each time: the process may end while this one looks on. */
  const holder = () => read(() => holderOf(files, store.fact("holder")));
  try {
    const facts = read(() => store.fact("campaign")) as CampaignFacts | undefined;
    return {
      facts: facts ?? NOTHING_YET,
      tally: () => read(() => tallyOf(store, holder() !== undefined)),
      notReached: () => facts && read(() => notReached(facts, metOf(store))),
      rows: (states) =>
        holder() !== undefined
          ? readRows(store, path, states)
          : readRowsAtRest(store, path, states),
      countRetried: (retry) => read(() => retriedIn(store, retry)),
      findSent: (keys) =>
        read(() =>
          (store.statement(FIND_SENT).get(JSON.stringify(keys)) as { key: string } | undefined)?.key
        ),
      takenBy: () =>
        read(() => {
          const { sandbox, real } = store.statement(COUNT_TAKEN).get() as Record<string, number>;
          return { sandbox: sandbox ?? 0, real: real ?? 0 };
        }),
      waiting: () => waitingOf(store, path),
      waitsElsewhere: () =>
        read(() =>
          (store.statement(WAITS_ELSEWHERE).get(revisionOf(store)) as { n: number }).n > 0
        ),
      holder,
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

function revisionOf(store: SqliteStore): number {
  return Number(store.fact("revision") ?? 1);
}

function metOf(store: SqliteStore): number {
  return (store.statement(COUNT_MET).get(revisionOf(store)) as { n: number }).n;
}

function retriedIn(store: SqliteStore, { states, keys }: Retry): Map<State, number> {
  const numbers = JSON.stringify(states.map(stateNumber));
  const rows = store.statement(COUNT_RETRIED).all(numbers, JSON.stringify(keys));
  return new Map(rows.map((row) => {
    const { state, n } = row as { state: number; n: number };
    return [withoutHolder(stateOf(state)), n];
  }));
}

function* waitingOf(
  store: SqliteStore,
  path: string,
): Generator<{ readonly key: string; readonly address: string }> {
  const rows = store.statement(WAITING).iterate();
  for (;;) {
    const { done, value } = guarded(`Cannot read the ledger '${path}'`, () => rows.next());
    if (done) return;
    yield value as { key: string; address: string };
  }
}

function tallyOf(store: SqliteStore, held: boolean): Tally {
  const { counts: states } = held ? readLaggingTally(store) : readTally(store);
  if (!held) {
    releaseClaimed(store, states);
    states.move("handed-over", "in-doubt", states.of("handed-over"));
  }
  return states.tally();
}
