import type { Tally } from "../../model/tally.ts";
import { after, wallTime } from "../../time/clock.ts";
import type {
  CampaignFacts,
  Change,
  Claim,
  DueRecipient,
  Ledger,
  LedgerRow,
  ListEntry,
  Missing,
  Opened,
  Retry,
} from "../ledger.ts";
import { StorageError } from "../../sqlite/storage_error.ts";
import { guarded } from "../../sqlite/guarded.ts";
import { promised } from "../../sqlite/promised.ts";
import { KeyIndex } from "./key_index.ts";
import type { LockedLedger } from "./file/locked_ledger.ts";
import { openForWriting } from "./file/ledger_file.ts";
import { apply } from "./changes/change.ts";
import { enter } from "./changes/entry.ts";
import { recount, takeOver } from "./changes/recovery.ts";
import { claimOwed, OwedRows, readMissing } from "./changes/owed.ts";
import { queueAgain } from "./changes/retry.ts";
import { readRows, readRowsAtRest } from "./rows.ts";
import { SqliteStore } from "./store.ts";
import { WriterState } from "./writer_state.ts";
import * as sql from "./statements.ts";
import { type State, withoutHolder } from "../../model/state.ts";

/** The tally in the file is for those who look on while a campaign runs: it lags behind by so much at the most. */
const TELL_TALLY_MS = 100;

/** How a ledger is opened to send from it. */
export interface SqliteOptions {
  readonly path: string;
  readonly facts: CampaignFacts;
  /** undefined: nobody. */
  readonly retry?: Retry;
}

/**
 * The ledger as one SQLite file. Statements run on the calling thread (some microseconds each); what costs is the commit,
 * so everything comes in batches.
 *
 * @throws {StorageError} when the file is not ours, is newer, is in use by another process, or cannot be written
 */
export class SqliteLedger implements Ledger {
  readonly opened: Opened;
  readonly #path: string;
  readonly #store: SqliteStore;
  readonly #file: LockedLedger;
  readonly #writer: WriterState;
  readonly #owed: OwedRows;
  /** Something was committed since the last sync. */
  #isUnsynced = true;
  /** Changes that the tally in the file does not show yet are to be told. */
  #tallyDue: Disposable | undefined;
  #released = false;

  constructor(options: SqliteOptions) {
    this.#path = options.path;
    this.#file = openForWriting(options.path, "create");
    this.#store = new SqliteStore(this.#file.database, options.path);
    try {
      this.#writer = guarded(
        `Cannot read the ledger '${options.path}'`,
        () => new WriterState(new KeyIndex(this.#store)),
      );
      this.#owed = new OwedRows(this.#store, this.#writer);
      this.opened = this.#store.commit(() => {
        const opened = takeOver(this.#store, this.#writer, options.facts);
        if (options.retry !== undefined) {
          this.#writer.retry = options.retry;
          queueAgain(this.#store, this.#writer);
        }
        this.#writeTally(false);
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
    return this.#claimAgain(now, () => this.#nobodyWaits ? [] : this.#owed.due(now, limit));
  }

  claimDueOf(ids: readonly number[], now: number): Promise<readonly DueRecipient[]> {
    return this.#claimAgain(now, () => this.#owed.dueOf(ids, now));
  }

  longestSetAside(): Promise<number | undefined> {
    return this.#promised(() => this.#nobodyWaits ? undefined : this.#owed.longestSetAside());
  }

  claimSetAside(
    from: number,
    to: number,
    now: number,
    limit: number,
  ): Promise<readonly DueRecipient[]> {
    return this.#claimAgain(
      now,
      () => this.#nobodyWaits ? [] : this.#owed.setAside(from, to, limit),
    );
  }

  claimSetAsideOf(ids: readonly number[], now: number): Promise<readonly DueRecipient[]> {
    return this.#claimAgain(now, () => this.#owed.setAsideOf(ids));
  }

  claimInDoubt(ids: readonly number[], now: number): Promise<readonly DueRecipient[]> {
    return this.#claimAgain(now, () => this.#owed.doubted(ids));
  }

  nextDue(now: number): Promise<number | undefined> {
    return this.#promised(() => this.#nobodyWaits ? undefined : this.#owed.nextDue(now));
  }

  inDoubt(): Promise<readonly number[]> {
    return this.#promised(() => {
      const { counts, revision } = this.#writer;
      if (counts.of("in-doubt") === 0) return [];
      return this.#store.statement(sql.IN_DOUBT).all(revision).map((row) =>
        (row as { id: number }).id
      );
    });
  }

  write(changes: readonly Change[]): Promise<void> {
    return this.#promised(() =>
      this.#commit(() => changes.forEach((change) => apply(this.#store, this.#writer, change)))
    );
  }

  missing(): Promise<Missing> {
    return this.#promised(() =>
      this.#nobodyWaits ? { count: 0, examples: [] } : readMissing(this.#store, this.#writer)
    );
  }

  forgetList(): Promise<void> {
    return this.#promised(() =>
      this.#commit(() => {
        this.#writer.upToLine = 0;
        const facts = this.#store.fact("campaign") as CampaignFacts;
        this.#store.setFact("campaign", { ...facts, list: "" });
        this.#writeTally(false);
      })
    );
  }

  skipMissing(list: string): Promise<number> {
    return this.#promised(() => {
      if (this.#nobodyWaits) return 0;
      return this.#commit(() => {
        const reason = `No longer in ${list}`;
        const { changes } = this.#store.statement(sql.SKIP_MISSING).run(
          wallTime(),
          reason,
          this.#writer.revision,
        );
        if (changes !== 0) recount(this.#store, this.#writer);
        return Number(changes);
      });
    });
  }

  tally(): Promise<Tally> {
    return Promise.resolve(this.#writer.counts.tally());
  }

  met(): Promise<number> {
    return this.#promised(() => {
      const row = this.#store.statement(sql.COUNT_MET).get(this.#writer.revision);
      return (row as { n: number }).n;
    });
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
    try {
      await this.#file.sync();
    } catch (error) {
      guarded(`Cannot bring the ledger '${this.#path}' to the disk`, () => {
        throw error;
      });
    }
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

  get #nobodyWaits(): boolean {
    const { counts } = this.#writer;
    return counts.of("queued") + counts.of("deferred") === 0;
  }

  #release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#tallyDue?.[Symbol.dispose]();
    try {
      this.#writer.transact(() => this.#store.commit(() => this.#giveBack("in the file")));
    } catch (error) {
      // The next run finds the file like this, and does the same; how this run ended must not be hidden by it.
      if (!(error instanceof StorageError)) throw error;
      this.#giveBack("in memory alone");
    }
  }

  /** Lets go of all that this process has, and leaves the tally exact. */
  #giveBack(where: "in the file" | "in memory alone"): void {
    const { counts, open, wereInDoubt } = this.#writer;
    for (const [id, hold] of [...open]) {
      const statement = hold === "claimed" ? sql.RELEASE : sql.HOLD_IN_DOUBT;
      if (where === "in the file") this.#store.statement(statement).run(id);
      counts.move(hold, wereInDoubt.has(id) ? "in-doubt" : withoutHolder(hold));
      this.#writer.letGo(id);
    }
    if (where === "in the file") this.#writeTally(true);
  }

  #claimAgain(now: number, find: () => unknown[]): Promise<readonly DueRecipient[]> {
    return this.#promised(() => {
      this.#file.checkNowAndThen();
      const rows = find();
      if (rows.length === 0) return [];
      return this.#commit(() => rows.map((row) => claimOwed(this.#store, this.#writer, row, now)));
    });
  }

  #promised<T>(run: () => T): Promise<T> {
    return promised(() => guarded(`Cannot use the ledger '${this.#path}'`, run));
  }

  #commit<T>(run: () => T): T {
    const result = this.#writer.transact(() => this.#store.commit(run));
    this.#isUnsynced = true;
    this.#tallyDue ??= after(TELL_TALLY_MS, () => this.#tellTally());
    return result;
  }

  /** For those who look on. Where it cannot be written, the next one who writes hears of it, and may be able to. */
  #tellTally(): void {
    this.#tallyDue = undefined;
    try {
      this.#store.commit(() => this.#writeTally(false));
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
    }
  }

  #writeTally(exact: boolean): void {
    const { counts, upToLine } = this.#writer;
    this.#store.statement(sql.WRITE_TALLY).run(JSON.stringify(counts), upToLine, exact ? 1 : 0);
  }
}
