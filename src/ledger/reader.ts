import type { State } from "../model/state.ts";
import type { Tally } from "../model/tally.ts";
import type { CampaignFacts, LedgerRow } from "./ledger.ts";
import type { LeftOut, Retry } from "./returning.ts";
import type { RowsLeft } from "./rows_left.ts";

/** The process that is sending from a ledger. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
  /** When it begins to send, ISO 8601; only while it waits for that time. */
  readonly waitingUntil?: string;
}

/** Mails accepted, or possibly accepted, by the sandbox and by real relays. */
export interface TakenBy {
  readonly sandbox: number;
  readonly real: number;
}

/** A recipient who waits for a mail. */
export interface WaitingRecipient {
  readonly key: string;
  readonly address: string;
}

/**
 * The part of the contract for reading. It does not disturb a process that sends from the ledger. If there is none,
 * recipients are in the states in which the next run will find them.
 *
 * Every method rejects with a `StorageError` when the store cannot be read.
 */
export interface LedgerReader extends AsyncDisposable {
  /** The facts of the last run. */
  readonly facts: CampaignFacts;
  /** Lags slightly behind a running process. */
  tally(): Promise<Tally>;
  /** Counts the rows of the list that are not in the ledger. Reads all of it. */
  rowsLeft(): Promise<RowsLeft>;
  /** Counts the recipients of an earlier list who are in no ledger, at least. Reads all of it if there is such a list. */
  countLeftBehind(): Promise<number>;
  /** Counts the skipped recipients of the current list who are suppressed. */
  countSuppressed(): Promise<number>;
  rows(states?: readonly State[]): AsyncIterable<LedgerRow>;
  /** Counts by state the recipients to be tried again. Reads the whole ledger. */
  countRetried(retry: Retry): Promise<ReadonlyMap<State, number>>;
  /**
   * Returns one of these names, see `isNamedIn()`, all of whose recipients were sent a mail. Reads the whole ledger.
   */
  findSent(names: readonly string[]): Promise<string | undefined>;
  /** Reads the whole ledger. */
  takenBy(): Promise<TakenBy>;
  /** Yields the waiting recipients of the current list and of earlier ones, many at a time. */
  waiting(): AsyncIterable<readonly WaitingRecipient[]>;
  /** Yields the recipients of the current list whom earlier runs left out, as `Ledger.leftOut()` does; none in a ledger of an earlier version. */
  leftOut(): AsyncIterable<LeftOut>;
  /** Returns whether some of the waiting recipients are not in the current list. */
  waitsElsewhere(): Promise<boolean>;
  /** Returns the process that is sending from the ledger; undefined if there is none. */
  holder(): Promise<Holder | undefined>;
}
