import type { BadRow, Recipient } from "../model/recipient.ts";
import type { Scan } from "../model/scan.ts";
import type { Tally } from "../model/tally.ts";
import type { Outcome } from "../model/outcome.ts";
import type { State } from "../model/state.ts";

/** A row of the list as the producer brings it; `skip` is why a good recipient gets no mail (suppressed). */
export interface ListEntry {
  readonly row: Recipient | BadRow;
  readonly skip: string | undefined;
}

/** The ledger's answer to an entry. */
export type Claim =
  /** Ours to send. */
  | { readonly kind: "job"; readonly id: number }
  /** Settled in an earlier run, or the very row is known already; `due` (ms since the epoch) where it waits. */
  | {
    readonly kind: "known";
    readonly id: number;
    readonly state: State;
    readonly due: number | undefined;
  }
  /** Recorded now as not to be sent. */
  | { readonly kind: "invalid"; readonly reason: string }
  | { readonly kind: "skipped"; readonly reason: string };

/** A recipient that the ledger gives back for another try. */
export interface DueRecipient {
  readonly id: number;
  readonly recipient: Recipient;
  /** Counted tries so far. */
  readonly attempts: number;
  /** When it was first tried (ms since the epoch), never later than it is claimed; undefined: not yet. */
  readonly firstTriedAt: number | undefined;
}

/** Who is to be tried again although settled: those of the list in these states, and those with these keys. */
export interface Retry {
  readonly states: readonly ("failed" | "invalid")[];
  readonly keys: readonly string[];
}

/** Recipients who wait and were not met in a whole pass of the present list. */
export interface Missing {
  readonly count: number;
  /** Addresses of the first few. */
  readonly examples: readonly string[];
}

/** One thing to record. */
export type Change =
  | {
    readonly kind: "handed-over";
    readonly id: number;
    readonly at: number;
    readonly relay: string;
    readonly messageId: string;
  }
  | {
    readonly kind: "outcome";
    readonly id: number;
    /** By the wall clock: for people. */
    readonly at: number;
    /** The same moment by `SteadyTime`, which the time for retries is measured by; missing: as `at`. */
    readonly triedAt?: number;
    readonly relay: string;
    readonly messageId: string;
    readonly outcome: Outcome;
  };

/** One recipient's whole record, as `export` shows it. */
export interface LedgerRow {
  readonly id: number;
  /** `Recipient.key`; undefined for a row that is nobody of its own: invalid, or a duplicate. */
  readonly key: string | undefined;
  readonly line: number;
  readonly address: string;
  readonly fields: readonly string[];
  readonly state: State;
  readonly attempts: number;
  readonly code: number | undefined;
  readonly enhanced: string | undefined;
  readonly reply: string | undefined;
  readonly stage: string | undefined;
  readonly relay: string | undefined;
  readonly messageId: string | undefined;
  readonly at: number | undefined;
  readonly notBefore: number | undefined;
  readonly reason: string | undefined;
}

/** What identifies the work under a ledger; a change between two runs is allowed, and reported. */
export interface CampaignFacts {
  readonly campaign: string;
  /** Column names of the list; `fields` of every row are in this order. */
  readonly columns: readonly string[];
  /** Digest of the list's bytes and of how they are read; empty for standard input, which is never the same twice. */
  readonly list: string;
  /** SHA-256 of the template and what it includes. */
  readonly template: string;
  /** Names of the relays. */
  readonly relays: readonly string[];
  /** The relay was the sandbox, or it was not; missing in ledgers of earlier versions. */
  readonly trial?: boolean;
  /** The `list` of an earlier run that this one begins with, row for row: what follows was appended. */
  readonly continues?: string;
  /** The part of the list that the ledger is about, "1/4"; missing: the whole. */
  readonly shard?: string;
  /** What the scan of the list found; missing for standard input. */
  readonly scan?: Scan;
}

/** What opening a ledger found. */
export interface LedgerOpening {
  /** The facts of the last run; undefined for a new ledger. */
  readonly before: CampaignFacts | undefined;
  /** Recipients that a process which ended abruptly left handed over: in doubt now. */
  readonly newlyInDoubt: number;
  /** Line of the last row of this list, or of the one it continues, that is in the ledger; rows up to it need no claim. 0: start at the top. */
  readonly resumeAfterLine: number;
  /** Of the tokens in return paths (see `src/compose/unsubscribe/verp.ts`): made with the ledger, and never shown. */
  readonly verpSecret: string;
}

/**
 * The part of the contract for a run: what happened to whom, durably. One process writes at a time; a store with other rules
 * (several machines) can be behind the same methods, so all of them are asynchronous and work in batches.
 *
 * Closing it releases it, see `release()`; where that cannot be written, the next one to open it does it. Every method rejects with a
 * `StorageError` when the store cannot be read or written; nothing may be sent after that.
 */
export interface Ledger extends AsyncDisposable {
  readonly opened: LedgerOpening;
  /**
   * Enters rows of the list, in the order of the list, and claims those that are to be sent.
   * `upToLine`: every row of the list up to this line has now been entered; undefined while rows are passed over.
   */
  claim(entries: readonly ListEntry[], upToLine: number | undefined): Promise<readonly Claim[]>;
  /**
   * Claims up to `limit` recipients of the present list whose time has come, longest due first. A due time later than the
   * longest pause from now was written by a clock that has been set back since: such a recipient is due, too.
   */
  claimDue(now: number, limit: number): Promise<readonly DueRecipient[]>;
  /** Claims those of the rows `ids` whose time has come, by the same rule. */
  claimDueOf(ids: readonly number[], now: number): Promise<readonly DueRecipient[]>;
  /** Of the recipients of the present list who are set aside (`SET_ASIDE`), the row of who was set aside longest ago; undefined: there is none. */
  longestSetAside(): Promise<number | undefined>;
  /** Claims up to `limit` of them, of the rows from `from` to `to`, in the order of the rows. */
  claimSetAside(
    from: number,
    to: number,
    now: number,
    limit: number,
  ): Promise<readonly DueRecipient[]>;
  /** Claims those of the rows `ids` that are set aside. */
  claimSetAsideOf(ids: readonly number[], now: number): Promise<readonly DueRecipient[]>;
  /** Claims those of the rows `ids` that are in doubt: they may get a second mail. */
  claimInDoubt(ids: readonly number[], now: number): Promise<readonly DueRecipient[]>;
  /** When the next recipient of the present list falls due (ms since the epoch), by the same rule; undefined: none waits for a time. */
  nextDue(now: number): Promise<number | undefined>;
  /** Rows of the present list that are in doubt. */
  inDoubt(): Promise<readonly number[]>;
  /** Writes all the changes or none; resolves when they outlive this process. */
  write(changes: readonly Change[]): Promise<void>;
  /** Recipients that wait but were not met in a whole pass of the present list. */
  missing(): Promise<Missing>;
  /** Skips them, for they were taken off the list. Returns how many. */
  skipMissing(list: string): Promise<number>;
  /** The list is not what it was taken for: the next run meets every row of it again, whatever it holds then. */
  forgetList(): Promise<void>;
  tally(): Promise<Tally>;
  /** How many rows of the present list are in the ledger. */
  met(): Promise<number>;
  rows(states?: readonly State[]): AsyncIterable<LedgerRow>;
  /**
   * The end of a run: what was claimed is queued again, untried; what was handed over and has no recorded outcome is in doubt.
   * From now on `tally()` and `rows()` say what the next run will find, even where the store can no longer be written; nothing is
   * claimed or written after it. Never rejects for that reason.
   */
  release(): Promise<void>;
  /** Makes what is written survive a power failure; rejects as well when the store will not be found where it is now. */
  sync(): Promise<void>;
}
