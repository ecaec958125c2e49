import type { BadRow, Recipient } from "../model/recipient.ts";
import type { AttachedFile } from "../model/mail.ts";
import type { HandOver } from "./dispatch.ts";
import type { Scan } from "../model/scan.ts";
import type { Tally } from "../model/tally.ts";
import type { Outcome } from "../model/outcome.ts";
import type { DueRecipient, LeftOut, LeftOutPlace, Missing, ReturningKind } from "./returning.ts";
import type { State } from "../model/state.ts";

/** A row of the list from the producer; `skip` is why a valid recipient gets no mail (suppressed). */
export interface ListEntry {
  readonly row: Recipient | BadRow;
  readonly skip: string | undefined;
}

/** The ledger's answer to an entry. */
export type Claim =
  /** To be sent by this process. */
  | { readonly kind: "job"; readonly id: number }
  /** Settled in an earlier run, or the same row is already known; `due` (ms since the epoch) if it waits. */
  | {
    readonly kind: "known";
    readonly id: number;
    readonly state: State;
    readonly due: number | undefined;
  }
  /** Recorded as not to be sent. */
  | { readonly kind: "invalid"; readonly reason: string }
  | { readonly kind: "skipped"; readonly reason: string };

/** One thing to record. */
export type Change =
  | HandOver & { readonly kind: "handed-over"; readonly at: number }
  | {
    readonly kind: "outcome";
    readonly id: number;
    /** Wall clock time, for people. */
    readonly at: number;
    /** The same moment in `SteadyTime`, which measures the time for retries; defaults to `at`. */
    readonly triedAt?: number;
    /** Empty if no mail was offered to a relay: the row then keeps the one that was before. So does `messageId`. */
    readonly relay: string;
    readonly messageId: string;
    readonly outcome: Outcome;
  };

/** A relay's reply that accepted a mail, and when it came (ms since the epoch). */
export interface Acceptance {
  readonly at: number;
  readonly code: number;
  readonly enhanced: string | undefined;
  readonly text: string;
}

/** The complete record of one recipient, as `export` shows it. */
export interface LedgerRow {
  readonly id: number;
  /** `Recipient.key`; undefined for a row that is no recipient: invalid, or a duplicate. */
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
  /** The row whose mail this one is a copy of; missing for a row of the list. */
  readonly copyOf?: number;
  /** The run that handed over a mail last, counted from 1; undefined if none has, or only an earlier version did. */
  readonly run: number | undefined;
  /** `CampaignFacts.template` of that run. */
  readonly template: string | undefined;
  /** Of that mail, in bytes. */
  readonly size: number | undefined;
  readonly attachments: readonly AttachedFile[] | undefined;
  /** The last acceptance, also of a mail that bounced later. */
  readonly accepted: Acceptance | undefined;
}

/** What a ledger is about. Changes between two runs are allowed, and reported. */
export interface CampaignFacts {
  readonly campaign: string;
  /** Column names of the list; `fields` of every row are in this order. */
  readonly columns: readonly string[];
  /** Digest of the list's bytes and of the options for reading them; empty for standard input, which is never the same twice. */
  readonly list: string;
  /** SHA-256 of what the mails are made from: the template, all files that it names, and the settings that change the mail. */
  readonly template: string;
  /** Short digests of the same, by name; missing in ledgers of earlier versions. */
  readonly madeFrom?: Readonly<Record<string, string>>;
  /** Names of the relays. */
  readonly relays: readonly string[];
  /** Whether the relay was the sandbox; missing in ledgers of earlier versions. */
  readonly trial?: boolean;
  /** The `list` of an earlier run, if this list is that one with rows appended. */
  readonly continues?: string;
  /** The part of the list that the ledger covers, such as "1/4"; missing for the whole list. */
  readonly shard?: string;
  /** The column that identifies recipients together with their addresses; missing if their addresses alone do. */
  readonly key?: string;
  /** The result of scanning the list; missing for standard input. */
  readonly scan?: Scan;
  /** How a condition chose the rows; missing: there was none. */
  readonly choice?: ChoiceFacts;
  /** The longest of the earlier lists that have more recipients than the ledger; missing: there is none. */
  readonly earlier?: EarlierList;
}

/** A list that another one followed before it was through. */
export interface EarlierList {
  /** Its `CampaignFacts.list`. */
  readonly list: string;
  readonly recipients: number;
}

/** What a ledger remembers of a condition that leaves rows out. */
export interface ChoiceFacts extends ChoiceFound {
  /** Tells conditions apart; empty if the rows that it chooses depend on the time. */
  readonly condition: string;
  /** Rows of the list in the ledger before the first of the runs, down to the last one, that had this condition. */
  readonly enteredBefore: number;
}

/** What a run finds about its condition. */
export interface ChoiceFound {
  /** Once a run has been through the list: rows that it did not choose. */
  readonly notChosen?: number;
  /** Once everybody chosen is settled: recipients of earlier runs who wait, and were not chosen. */
  readonly waiting?: number;
}

/** What opening a ledger found. */
export interface LedgerOpening {
  /** The facts of the last run; undefined for a new ledger. */
  readonly before: CampaignFacts | undefined;
  /** Recipients that a process left handed over when it died, and that are in doubt now. */
  readonly newlyInDoubt: number;
  /**
   * Line of the last row of this list, or of the one it continues, in the ledger; rows up to it need no claim. 0: start
   * at the top.
   */
  readonly resumeAfterLine: number;
  /** The secret of return path tokens (see `src/compose/unsubscribe/verp.ts`): created with the ledger, and never shown. */
  readonly verpSecret: string;
}

/**
 * The part of the contract for a run: a durable record of what happened to whom. One process writes at a time. All
 * methods are asynchronous and work in batches, so that a store shared by several machines can implement them too.
 *
 * Closing it also releases it, see `release()`; if the release cannot be written, the next process that opens the
 * ledger does it. Every method rejects with a `StorageError` when the store cannot be read or written; nothing may be
 * sent after that.
 */
export interface Ledger extends AsyncDisposable {
  readonly opened: LedgerOpening;
  /** The facts of this run. */
  readonly facts: CampaignFacts;
  /**
   * Enters rows of the list, in list order, and claims those that are to be sent. With `upToLine`, every row up to that
   * line has now been entered; it is undefined if rows were left out.
   */
  claim(entries: readonly ListEntry[], upToLine: number | undefined): Promise<readonly Claim[]>;
  /**
   * Claims up to `limit` recipients of the current list who are due, longest due first. A due time further ahead than
   * the longest pause was written before the clock was set back; such a recipient is due, too.
   */
  claimDue(now: number, limit: number): Promise<readonly DueRecipient[]>;
  /** Claims the rows among `ids` that are still of this kind. */
  claimRows(
    kind: ReturningKind,
    ids: readonly number[],
    now: number,
  ): Promise<readonly DueRecipient[]>;
  /** Returns the recipient of the current list who was set aside (`SET_ASIDE`) longest ago; undefined if there is none. */
  longestSetAside(): Promise<number | undefined>;
  /** Claims up to `limit` recipients who are set aside, between the rows `from` and `to`, in row order. */
  claimSetAside(
    from: number,
    to: number,
    now: number,
    limit: number,
  ): Promise<readonly DueRecipient[]>;
  /**
   * Returns recipients of the current list whom earlier runs left out, in row order. A recipient replaced by another
   * one (`settle --replaced-by`) is not among them.
   */
  leftOut(place: LeftOutPlace): Promise<readonly LeftOut[]>;
  /**
   * Returns when the next recipient of the current list is due (ms since the epoch), by the same rule; undefined if
   * there is none.
   */
  nextDue(now: number): Promise<number | undefined>;
  /** Returns the rows of the current list that are in doubt. */
  inDoubt(): Promise<readonly number[]>;
  /** Writes all changes or none; resolves once they would outlive this process. */
  write(changes: readonly Change[]): Promise<void>;
  /** Returns waiting recipients who did not occur in a complete pass over the current list, and who was left behind. */
  missing(): Promise<Missing>;
  /** Skips them, because they were removed from the list. Returns their number. */
  skipMissing(list: string): Promise<number>;
  /** Adds to the facts about the condition of this run. */
  noteChoice(found: ChoiceFound): Promise<void>;
  /** Forgets which list was read, so that the next run enters every row again, whatever the list holds then. */
  forgetList(): Promise<void>;
  tally(): Promise<Tally>;
  /** Counts the rows of the current list that are in the ledger. */
  countListRows(): Promise<number>;
  /** Counts the skipped recipients of the current list who are suppressed. */
  countSuppressed(): Promise<number>;
  rows(states?: readonly State[]): AsyncIterable<LedgerRow>;
  /**
   * Ends a run: claimed recipients are queued again, untried, and those handed over without a recorded outcome are in
   * doubt. From now on `tally()` and `rows()` show what the next run will find, and nothing can be claimed or written.
   * If the store can no longer be written, this happens in memory only, without an error.
   */
  release(): Promise<void>;
  /** Makes everything written survive a power failure. Also rejects if the store is no longer in its place. */
  sync(): Promise<void>;
}
