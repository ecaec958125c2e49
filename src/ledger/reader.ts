import type { State } from "../model/state.ts";
import type { Tally } from "../model/tally.ts";
import type { CampaignFacts, LedgerRow, Retry } from "./ledger.ts";

/** The process that is sending from a ledger. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
}

/** Mails accepted, or perhaps accepted, by the sandbox and by real relays. */
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
 * The part of the contract for those who only look. Reading disturbs nobody who sends from the ledger; where nobody does,
 * recipients are in the states in which the next run will find them.
 *
 * Every method rejects with a `StorageError` when the store cannot be read.
 */
export interface LedgerReader extends AsyncDisposable {
  /** What the last run was about. */
  readonly facts: CampaignFacts;
  /** Lags behind a running process by a moment; read it again for news. */
  tally(): Promise<Tally>;
  /** Rows of the list that no run has reached; undefined where that is unknown. Reads the whole ledger. */
  notReached(): Promise<number | undefined>;
  rows(states?: readonly State[]): AsyncIterable<LedgerRow>;
  /** How many of those to be tried again are in each state. Reads the whole ledger. */
  countRetried(retry: Retry): Promise<ReadonlyMap<State, number>>;
  /** One of these keys whose recipient was sent a mail. Reads the whole ledger. */
  findSent(keys: readonly string[]): Promise<string | undefined>;
  /** Reads the whole ledger. */
  takenBy(): Promise<TakenBy>;
  /** Recipients who wait, of the present list and of earlier ones, many at a time. */
  waiting(): AsyncIterable<readonly WaitingRecipient[]>;
  /** Whether some of them were not met in the present list. */
  waitsElsewhere(): Promise<boolean>;
  /** undefined: nobody is sending from it. */
  holder(): Promise<Holder | undefined>;
}
