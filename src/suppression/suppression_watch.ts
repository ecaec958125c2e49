import { monotonic } from "../time/clock.ts";
import { ClosedDatabaseError, type Database, type Statement } from "../sqlite/database.ts";
import { type FileState, fileStateOf, isSameFile, isUntouched } from "../files/file_state.ts";
import { StorageError } from "../sqlite/storage_error.ts";
import { whySuppressed } from "./suppression.ts";
import { openToRead } from "./suppression_database.ts";
import { suppressedOf, type SuppressionRow } from "./suppression_list.ts";
import * as sql from "./suppression_statements.ts";
import { guardedList } from "./guarded_list.ts";

/** How often to check whether a missing list has been created. */
const LOOK_AGAIN_MS = 1_000;
/** How often it looks whether the list has changed: a look takes about ten microseconds, which is much for each mail. */
const LOOK_FOR_CHANGES_MS = 10;
/** Keys compared at a time when a list is replaced. */
const PAGE = 1_000;

/** Keys as a JSON array, and the last of them. */
interface KeyPage {
  readonly keys: string;
  readonly last: string | null;
}

/** An open list and its statements. */
interface Opened {
  readonly database: Database;
  readonly begin: Statement;
  readonly find: Statement;
  readonly commit: Statement;
  /** Changes with every commit of another connection. */
  readonly dataVersion: Statement;
  /** State of the file just before it was opened. */
  readonly file: FileState | undefined;
}

/**
 * Reads the suppression list during a run while other processes write to it: every lookup sees all addresses added
 * before it. A list that does not exist yet is found within a second of its creation.
 *
 * If the file is replaced by another, that is noticed before the next lookup; addresses that were only on the old list
 * stay suppressed. A list that disappears is an error, since later unsubscribes could not be seen.
 *
 * Lookups without an `await` between them share one snapshot: a transaction for each would cost ten times as much as
 * the lookup.
 */
export class SuppressionWatch implements Disposable {
  readonly #path: string;
  readonly #now: () => number;
  #opened: Opened | undefined;
  #closed = false;
  #inSnapshot = false;
  #lookedAt: number;
  #version = 0;
  #versionSeenAt = -Infinity;
  /** The state for which the version stands. */
  #seen: { readonly opened: Opened | undefined; readonly data: unknown } | undefined;
  /** Addresses on an earlier file at the path that are not on the one that replaced it. */
  readonly #earlier = new Set<string>();

  /** @throws {StorageError} if the list exists but cannot be read */
  constructor(path: string, now: () => number = monotonic) {
    this.#path = path;
    this.#now = now;
    this.#lookedAt = now();
    this.#opened = this.#open();
  }

  /** Addresses on the list; undefined: there is none. A million take a few hundredths of a second. */
  get size(): number | undefined {
    const opened = this.#opened;
    return opened && guardedList(
      `Cannot read the suppression list '${this.#path}'`,
      () => (opened.database.prepare(sql.COUNT).get() as { n: number }).n,
    );
  }

  /** Yields each address on the list, in pages, so that no statement is left open meanwhile. */
  *keys(): Generator<string> {
    for (let after: string | null = ""; this.#opened !== undefined;) {
      const { database } = this.#opened;
      const page = guardedList(
        `Cannot read the suppression list '${this.#path}'`,
        () => database.prepare(sql.KEYS_AFTER).get(after, PAGE) as unknown as KeyPage,
      );
      yield* JSON.parse(page.keys) as string[];
      if ((after = page.last) === null) return;
    }
  }

  /** Whether there is a list. */
  get isThere(): boolean {
    return this.#opened !== undefined;
  }

  /**
   * A number that changes within ten milliseconds of a change to the list: as long as it stays the same, nobody was
   * added. Calling `why()` for each mail instead, in its own transaction, would take as long as making the mail.
   *
   * @throws {StorageError} like `why()`
   */
  get version(): number {
    const now = this.#now();
    if (now - this.#versionSeenAt < LOOK_FOR_CHANGES_MS) return this.#version;
    this.#assertOpen();
    if (this.#opened !== undefined || this.#looksAgain()) this.#lookForChanges();
    this.#versionSeenAt = now;
    return this.#version;
  }

  /**
   * Returns why this recipient gets no mail, as "unsubscribed 2026-11-24 (campaign spring)", or undefined.
   *
   * @throws {StorageError} if the list cannot be read, or is gone; nobody may be mailed then
   */
  why(key: string): string | undefined {
    this.#assertOpen();
    if (this.#opened === undefined && !this.#looksAgain()) return undefined;
    const row = guardedList(`Cannot read the suppression list '${this.#path}'`, () => {
      this.#holdSnapshot();
      return this.#opened!.find.get(key) as unknown as SuppressionRow | undefined;
    });
    if (row !== undefined) return whySuppressed(suppressedOf(row));
    return this.#earlier.has(key) ? "on the list until it was replaced during the run" : undefined;
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#opened?.database.close();
    this.#opened = undefined;
  }

  #assertOpen(): void {
    if (!this.#closed) return;
    throw new ClosedDatabaseError(`The suppression list '${this.#path}' is closed`);
  }

  #lookForChanges(): void {
    guardedList(`Cannot read the suppression list '${this.#path}'`, () => {
      if (!this.#inSnapshot) this.#follow();
      const opened = this.#opened!;
      const data = opened.dataVersion.get()!["data_version"];
      if (opened === this.#seen?.opened && data === this.#seen.data) return;
      this.#seen = { opened, data };
      this.#version++;
    });
  }

  #looksAgain(): boolean {
    const now = this.#now();
    if (now - this.#lookedAt < LOOK_AGAIN_MS) return false;
    this.#lookedAt = now;
    this.#opened = this.#open();
    return this.isThere;
  }

  #open(): Opened | undefined {
    return guardedList(`Cannot read the suppression list '${this.#path}'`, () => {
      const file = fileStateOf(this.#path);
      const database = openToRead(this.#path);
      if (database === undefined) return undefined;
      return {
        database,
        begin: database.prepare("BEGIN"),
        find: database.prepare(sql.FIND),
        commit: database.prepare("COMMIT"),
        dataVersion: database.prepare("PRAGMA data_version"),
        file,
      };
    });
  }

  /** Holds a snapshot of the list until the caller yields to the event loop. */
  #holdSnapshot(): void {
    if (this.#inSnapshot) return;
    this.#follow();
    this.#opened!.begin.run();
    this.#inSnapshot = true;
    queueMicrotask(() => {
      this.#inSnapshot = false;
      try {
        this.#opened?.commit.run();
      } catch {
        // A failed lookup may have ended the transaction already; if not, the next one cannot begin and reports that.
      }
    });
  }

  /** Switches to the file that is at the path now. Costs one system call per snapshot, a few microseconds. */
  #follow(): void {
    const { file: before, database } = this.#opened!;
    const file = fileStateOf(this.#path);
    if (file !== undefined && isUntouched(before, file)) return;
    const replaced = file === undefined || before === undefined || !isSameFile(before, file);
    if (replaced) this.#refuseForeignLog();
    // Also if the same file was written to: by a writer that has closed it, or by a copy over it, which SQLite would not notice.
    const opened = this.#open();
    if (opened === undefined) throw gone(this.#path);
    try {
      if (replaced) this.#keepMissing(database, opened.database);
    } catch (error) {
      opened.database.close();
      throw error;
    }
    this.#opened = opened;
    database.close();
  }

  /** Refuses a replacement while the old file's log holds changes, which SQLite would apply to the new file. */
  #refuseForeignLog(): void {
    const log = `${this.#path}-wal`;
    if ((fileStateOf(log)?.size ?? 0) === 0) return;
    throw new StorageError(
      `Cannot use the suppression list '${this.#path}' any longer: it was replaced while '${log}' holds changes to the old list, and SQLite would mix the two; put one complete list in place, without '${log}' and '${this.#path}-shm', then run again`,
      { kind: "suppression-list" },
    );
  }

  /** Compares in pages, within SQLite: a list may hold millions of addresses, and each million takes a second. */
  #keepMissing(old: Database, successor: Database): void {
    const keysAfter = old.prepare(sql.KEYS_AFTER);
    const notListed = successor.prepare(sql.NOT_LISTED);
    for (let after: string | null = "";;) {
      const page = keysAfter.get(after, PAGE) as unknown as KeyPage;
      if ((after = page.last) === null) return;
      for (const { key } of notListed.all(page.keys)) this.#earlier.add(key as string);
    }
  }
}

function gone(path: string): StorageError {
  return new StorageError(
    `The suppression list '${path}' is missing, so people who unsubscribed cannot be recognized: restore it, then run again`,
    { kind: "suppression-list" },
  );
}
