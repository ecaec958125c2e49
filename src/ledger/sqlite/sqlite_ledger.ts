import type { Tally } from "../../model/tally.ts";
import type {
  CampaignFacts,
  Change,
  ChoiceFound,
  Claim,
  Ledger,
  LedgerOpening,
  LedgerRow,
  ListEntry,
} from "../ledger.ts";
import type {
  DueRecipient,
  LeftOut,
  LeftOutPlace,
  Missing,
  Retry,
  ReturningKind,
} from "../returning.ts";
import { StorageError } from "../../sqlite/storage_error.ts";
import { guarded } from "../../sqlite/guarded.ts";
import { promised } from "../../sqlite/promised.ts";
import { KeyIndex } from "./key_index.ts";
import type { LockedLedger } from "./file/locked_ledger.ts";
import { openForWriting } from "./file/ledger_file.ts";
import { apply } from "./changes/change.ts";
import { enter } from "./changes/entry.ts";
import { forgetList, readMissing, skipMissing } from "./changes/missing.ts";
import { noteChoice } from "./changes/choice.ts";
import { claimRow, DueRows } from "./changes/due_rows.ts";
import { takeOver } from "./changes/recovery.ts";
import { releaseAll } from "./changes/release.ts";
import { queueAgain } from "./changes/retry.ts";
import { readRows, readRowsAtRest } from "./rows.ts";
import { SqliteStore } from "./store.ts";
import { WriterState } from "./writer_state.ts";
import type { State } from "../../model/state.ts";
import { countListRows, countSuppressed } from "./tally/list_counts.ts";
import { TallyWriter } from "./tally/tally_writer.ts";

/** Options for opening a ledger to send from it. */
export interface SqliteOptions {
  readonly path: string;
  readonly facts: CampaignFacts;
  /** Undefined: nobody is tried again. */
  readonly retry?: Retry;
  /** The ledger's file if this process has locked it; the ledger closes it. */
  readonly file?: LockedLedger;
}

/**
 * A ledger in one SQLite file. Statements run on the calling thread (a few microseconds each); the commit is the
 * expensive part, so everything is batched.
 *
 * @throws {StorageError} if the file is no ledger, is newer, is in use by another process, or cannot be written
 */
export class SqliteLedger implements Ledger {
  readonly opened: LedgerOpening;
  readonly #path: string;
  readonly #store: SqliteStore;
  readonly #file: LockedLedger;
  readonly #writer: WriterState;
  readonly #due: DueRows;
  readonly #tally: TallyWriter;
  /** Whether something was committed since the last sync. */
  #isUnsynced = true;
  #released = false;

  constructor(options: SqliteOptions) {
    this.#path = options.path;
    this.#file = options.file ?? openForWriting(options.path, "create");
    this.#store = new SqliteStore(this.#file.database, options.path);
    try {
      const writer = () => new WriterState(new KeyIndex(this.#store));
      this.#writer = guarded(`Cannot read the ledger '${options.path}'`, writer);
      this.#due = new DueRows(this.#store, this.#writer);
      this.#tally = new TallyWriter(this.#store, this.#writer);
      this.opened = this.#store.commit(() => {
        const opened = takeOver(this.#store, this.#writer, options.facts);
        if (options.retry) queueAgain(this.#store, this.#writer, options.retry);
        this.#tally.write(false);
        return opened;
      });
    } catch (error) {
      this.#file[Symbol.dispose]();
      throw error;
    }
  }

  claim(entries: readonly ListEntry[], upToLine: number | undefined): Promise<readonly Claim[]> {
    return this.#promised(() => {
      this.#file.checkNowAndThen();
      if (this.#writer.keys.isFull) this.#writer.keys.merge();
      return this.#commit(() => {
        if (upToLine !== undefined) this.#writer.upToLine = upToLine;
        return entries.map((entry) => enter(this.#store, this.#writer, entry));
      });
    });
  }

  claimDue(now: number, limit: number): Promise<readonly DueRecipient[]> {
    return this.#claimAgain(now, () => this.#due.due(now, limit));
  }

  claimRows(
    kind: ReturningKind,
    ids: readonly number[],
    now: number,
  ): Promise<readonly DueRecipient[]> {
    return this.#claimAgain(now, () => this.#due.ofRows(kind, ids, now));
  }

  longestSetAside(): Promise<number | undefined> {
    return this.#promised(() => this.#due.longestSetAside());
  }

  claimSetAside(
    from: number,
    to: number,
    now: number,
    limit: number,
  ): Promise<readonly DueRecipient[]> {
    return this.#claimAgain(now, () => this.#due.setAside(from, to, limit));
  }

  leftOut(place: LeftOutPlace): Promise<readonly LeftOut[]> {
    return this.#promised(() => this.#due.leftOut(place));
  }

  nextDue(now: number): Promise<number | undefined> {
    return this.#promised(() => this.#due.nextDue(now));
  }

  inDoubt(): Promise<readonly number[]> {
    return this.#promised(() => this.#due.allInDoubt());
  }

  write(changes: readonly Change[]): Promise<void> {
    return this.#changed(() =>
      changes.forEach((change) => apply(this.#store, this.#writer, change))
    );
  }

  missing(): Promise<Missing> {
    return this.#promised(() => readMissing(this.#store, this.#writer));
  }

  get facts(): CampaignFacts {
    return this.#writer.facts;
  }

  noteChoice(found: ChoiceFound): Promise<void> {
    return this.#changed(() => noteChoice(this.#store, this.#writer, found));
  }

  forgetList(): Promise<void> {
    return this.#changed(() => {
      forgetList(this.#store, this.#writer);
      this.#tally.write(false);
    });
  }

  skipMissing(list: string): Promise<number> {
    return this.#changed(() => skipMissing(this.#store, this.#writer, list));
  }

  tally(): Promise<Tally> {
    return Promise.resolve(this.#writer.counts.tally());
  }

  countListRows(): Promise<number> {
    return this.#promised(() => countListRows(this.#store, this.#writer.revision));
  }

  countSuppressed(): Promise<number> {
    return this.#promised(() => countSuppressed(this.#store, this.#writer.revision));
  }

  rows(states?: readonly State[]): AsyncIterable<LedgerRow> {
    return this.#released
      ? readRowsAtRest(this.#store, this.#path, states)
      : readRows(this.#store, this.#path, states);
  }

  release(): Promise<void> {
    return this.#promised(() => this.#release());
  }

  async sync(): Promise<void> {
    this.#file.check();
    if (!this.#isUnsynced) return;
    this.#isUnsynced = false;
    await this.#file.sync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#promised(() => {
      try {
        this.#release();
      } finally {
        this.#file[Symbol.dispose]();
      }
    });
  }

  #release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#tally[Symbol.dispose]();
    try {
      this.#writer.transact(() =>
        this.#store.commit(() => {
          releaseAll(this.#writer, this.#store);
          this.#tally.write(true);
        })
      );
    } catch (error) {
      // The next run will do the same to the file; the error must not hide how this run ended.
      if (!(error instanceof StorageError)) throw error;
      releaseAll(this.#writer, undefined);
    }
  }

  #claimAgain(now: number, find: () => unknown[]): Promise<readonly DueRecipient[]> {
    return this.#promised(() => {
      this.#file.checkNowAndThen();
      const rows = find();
      if (rows.length === 0) return [];
      return this.#commit(() => rows.map((row) => claimRow(this.#store, this.#writer, row, now)));
    });
  }

  #promised<T>(run: () => T): Promise<T> {
    return promised(() => guarded(`Cannot use the ledger '${this.#path}'`, run));
  }

  #changed<T>(run: () => T): Promise<T> {
    return this.#promised(() => this.#commit(run));
  }

  #commit<T>(run: () => T): T {
    const result = this.#writer.transact(() => this.#store.commit(run));
    this.#isUnsynced = true;
    this.#tally.writeLater();
    return result;
  }
}
