import type { Tally } from "../../model/tally.ts";
import type { CampaignFacts } from "../ledger.ts";
import { LEFT_OUT_STATES, type LeftOut, type Retry } from "../returning.ts";
import type { LedgerReader, TakenBy, WaitingRecipient } from "../reader.ts";
import { isNamedIn } from "../../model/recipient.ts";
import { guarded } from "../../sqlite/guarded.ts";
import { promised } from "../../sqlite/promised.ts";
import { type RowsLeft, rowsLeft } from "../rows_left.ts";
import { holderOf } from "./file/holder.ts";
import { ledgerPath } from "./file/ledger_path.ts";
import { leftOut } from "./changes/left_out.ts";
import { openForReading } from "./file/ledger_file.ts";
import { readRows, readRowsAtRest } from "./rows.ts";
import { SqliteStore } from "./store.ts";
import {
  COUNT_RETRIED,
  COUNT_RETRIED_BEFORE_4,
  COUNT_TAKEN,
  FIND_SENT,
  WAITING,
  WAITS_ELSEWHERE,
} from "./statements.ts";
import { countLeftBehind, countListRows, countSuppressed } from "./tally/list_counts.ts";
import { readLaggingTally, readTally, releaseClaimed } from "./tally/stored_tally.ts";
import { type State, withoutHolder } from "../../model/state.ts";
import { stateNumber, stateOf } from "./state_numbers.ts";

/** A ledger reader that can also be closed synchronously. */
export interface SqliteLedgerReader extends LedgerReader, Disposable {}

/**
 * Opens a ledger to read it.
 *
 * @throws {StorageError} if there is none, or the file is no ledger
 */
export function openLedgerReader(path: string): SqliteLedgerReader {
  const files = ledgerPath(path);
  const database = openForReading(files);
  const store = new SqliteStore(database, path);
  const read = <T>(run: () => T): T => guarded(`Cannot read the ledger '${path}'`, run);
  const answer = <T>(run: () => T): Promise<T> => promised(() => read(run));
  /** Looked up each time, because the process may end in the meantime. */
  const holder = () => read(() => holderOf(files, store.fact("holder")));
  try {
    const facts = read(() => store.fact("campaign")) as CampaignFacts | undefined;
    return {
      facts: facts ?? NOTHING_YET,
      tally: () => answer(() => tallyOf(store, holder() !== undefined)),
      rowsLeft: () => answer(() => rowsLeftIn(store, facts)),
      countLeftBehind: () => answer(() => leftBehindIn(store, facts)),
      countSuppressed: () => answer(() => countSuppressed(store, revisionOf(store))),
      rows: (states) =>
        holder() !== undefined
          ? readRows(store, path, states)
          : readRowsAtRest(store, path, states),
      countRetried: (retry) => answer(() => retriedIn(store, retry)),
      findSent: (names) => answer(() => sentOf(store, names)),
      takenBy: () => answer(() => takenIn(store)),
      waiting: () => waitingOf(store, path),
      leftOut: () => leftOutOf(store, path),
      waitsElsewhere: () => answer(() => waitsElsewhere(store)),
      holder: () => answer(holder),
      [Symbol.dispose]: () => database.close(),
      [Symbol.asyncDispose]: () => answer(() => database.close()),
    };
  } catch (error) {
    database.close();
    throw error;
  }
}

/** The facts of a ledger whose first run ended before recording any. */
const NOTHING_YET: CampaignFacts = {
  campaign: "",
  columns: [],
  list: "",
  template: "",
  relays: [],
};

/** Waiting recipients read at a time, so that no statement stays open while the caller is busy with them. */
const PAGE = 1_000;

function revisionOf(store: SqliteStore): number {
  return Number(store.fact("revision") ?? 1);
}

function rowsLeftIn(store: SqliteStore, facts: CampaignFacts | undefined): RowsLeft {
  if (facts === undefined) return { notReached: undefined, notChosen: 0 };
  return rowsLeft(facts, countListRows(store, revisionOf(store)));
}

/** Rows of the current list that are not reached yet may be those of the earlier list. */
function leftBehindIn(store: SqliteStore, facts: CampaignFacts | undefined): number {
  if (facts?.earlier === undefined) return 0;
  const { notReached = 0 } = rowsLeftIn(store, facts);
  return Math.max(0, countLeftBehind(store, facts) - notReached);
}

function retriedIn(store: SqliteStore, { states, keys }: Retry): Map<State, number> {
  const numbers = JSON.stringify(states.map(stateNumber));
  const text = store.schema < 4 ? COUNT_RETRIED_BEFORE_4 : COUNT_RETRIED;
  const rows = store.statement(text).all(JSON.stringify(keys), numbers);
  return new Map(rows.map((row) => {
    const { state, n } = row as { state: number; n: number };
    return [withoutHolder(stateOf(state)), n];
  }));
}

function sentOf(store: SqliteStore, names: readonly string[]): string | undefined {
  const rows = store.statement(FIND_SENT).all(JSON.stringify(names));
  const sent = rows as unknown as readonly { readonly key: string; readonly sent: number }[];
  return names.find((name) => {
    const own = sent.filter(({ key }) => isNamedIn(new Set([name]), key));
    return own.length > 0 && own.every((row) => row.sent === 1);
  });
}

function takenIn(store: SqliteStore): TakenBy {
  const { sandbox, real } = store.statement(COUNT_TAKEN).get() as Record<string, number>;
  return { sandbox: sandbox ?? 0, real: real ?? 0 };
}

function waitsElsewhere(store: SqliteStore): boolean {
  return (store.statement(WAITS_ELSEWHERE).get(revisionOf(store)) as { n: number }).n > 0;
}

async function* waitingOf(
  store: SqliteStore,
  path: string,
): AsyncGenerator<readonly WaitingRecipient[]> {
  for (let after = 0;;) {
    const rows = guarded(
      `Cannot read the ledger '${path}'`,
      () => store.statement(WAITING).all(after, PAGE),
    ) as unknown as readonly (WaitingRecipient & { readonly id: number })[];
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.id;
  }
}

async function* leftOutOf(store: SqliteStore, path: string): AsyncGenerator<LeftOut> {
  for (const state of LEFT_OUT_STATES) {
    for (let after = 0;;) {
      const place = { state, after, limit: PAGE };
      const rows = guarded(
        `Cannot read the ledger '${path}'`,
        () => leftOut(store, revisionOf(store), place),
      );
      yield* rows;
      if (rows.length < PAGE) break;
      after = rows.at(-1)!.id;
    }
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
