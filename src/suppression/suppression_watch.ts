import { monotonic } from "../time/clock.ts";
import { ClosedDatabaseError, type Database, type Statement } from "../sqlite/database.ts";
import { type FileState, fileStateOf, isSameFile, isUntouched } from "../files/file_state.ts";
import { guarded } from "../sqlite/guarded.ts";
import { StorageError } from "../sqlite/storage_error.ts";
import { whySuppressed } from "./suppression.ts";
import { openToRead } from "./suppression_database.ts";
import { suppressedOf, type SuppressionRow } from "./suppression_list.ts";
import * as sql from "./suppression_statements.ts";

/** How often a list that is not there is looked for. */
const LOOK_AGAIN_MS = 1_000;
/** How often it looks whether the list has changed: a look takes about ten microseconds, which is much for each mail. */
const LOOK_FOR_CHANGES_MS = 10;
/** Keys compared at a time when a list is replaced. */
const PAGE = 1_000;

/** The statements of a list that is there. */
interface Opened {
  readonly database: Database;
  readonly begin: Statement;
  readonly find: Statement;
  readonly commit: Statement;
  /** Changes with every commit of others. */
  readonly dataVersion: Statement;
  /** The file as it was just before it was opened. */
  readonly file: FileState | undefined;
}

/**
 * The suppression list as a run reads it while others write: an address entered before the question is in the answer.
 * A list that does not exist yet is found within a second of being created.
 *
 * A list that is replaced by another file is noticed before the next question; whoever was only on the old one stays
 * suppressed. A list that is gone is an error: from then on nobody could tell who unsubscribes.
 *
 * Questions asked in one go, without an `await` between them, are answered from one snapshot: a transaction for each would
 * cost ten times as much as its question.
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
  /** What the version stands for. */
  #seen: { readonly opened: Opened | undefined; readonly data: unknown } | undefined;
  /** Who was on an earlier file at the path and is not on the one that replaced it. */
  readonly #earlier = new Set<string>();

  /** @throws {StorageError} When it is there and cannot be read. */
  constructor(path: string, now: () => number = monotonic) {
    this.#path = path;
    this.#now = now;
    this.#lookedAt = now();
    this.#opened = this.#open();
  }

  /** There is a list. */
  get isThere(): boolean {
    return this.#opened !== undefined;
  }

  /**
   * A number that changes within ten milliseconds of a change of the list: as long as it stays the same, nobody was added. To ask
   * `why()` for each mail instead, in a transaction of its own, would take as long as to make the mail.
   *
   * @throws {StorageError} as `why()`
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
   * Why this recipient gets no mail: "unsubscribed 2026-11-24 (campaign spring)"; undefined for who may be mailed.
   *
   * @throws {StorageError} When the list cannot be read, or is gone: then nobody may be mailed.
   */
  why(key: string): string | undefined {
    this.#assertOpen();
    if (this.#opened === undefined && !this.#looksAgain()) return undefined;
    const row = guarded(`Cannot read the suppression list '${this.#path}'`, () => {
      this.#holdSnapshot();
      return this.#opened!.find.get(key) as unknown as SuppressionRow | undefined;
    });
    if (row !== undefined) return whySuppressed(suppressedOf(row));
    return this.#earlier.has(key) ? "on the list before it was replaced during the run" : undefined;
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
    guarded(`Cannot read the suppression list '${this.#path}'`, () => {
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
    return guarded(`Cannot read the suppression list '${this.#path}'`, () => {
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

  /** Holds the present state of the list until whoever is asking comes to a stop. */
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
        // A failed question may have ended the transaction already; where it has not, the next one cannot begin and says so.
      }
    });
  }

  /** Switches to the file that is at the path now. One call of the system for each snapshot, some microseconds. */
  #follow(): void {
    const { file: before, database } = this.#opened!;
    const file = fileStateOf(this.#path);
    if (file !== undefined && isUntouched(before, file)) return;
    const replaced = file === undefined || before === undefined || !isSameFile(before, file);
    if (replaced) this.#refuseForeignLog();
    // Also where the same file was written to: by a writer that closed, or by a copy, which SQLite would not notice.
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

  /** Changes that are in the log of the old file only would be read into the new one by everybody who opens it. */
  #refuseForeignLog(): void {
    const log = `${this.#path}-wal`;
    if ((fileStateOf(log)?.size ?? 0) === 0) return;
    throw new StorageError(
      `Cannot use the suppression list '${this.#path}' any longer: it was replaced while '${log}' holds changes to the old list, and SQLite would mix the two; put one complete list in place, without '${log}' and '${this.#path}-shm', then run again`,
    );
  }

  /** By pages, and compared by SQLite, as a list may hold millions: a second for each. */
  #keepMissing(old: Database, successor: Database): void {
    const keysAfter = old.prepare(sql.KEYS_AFTER);
    const notListed = successor.prepare(sql.NOT_LISTED);
    for (let after: string | null = "";;) {
      const page = keysAfter.get(after, PAGE) as unknown as { keys: string; last: string | null };
      if ((after = page.last) === null) return;
      for (const { key } of notListed.all(page.keys)) this.#earlier.add(key as string);
    }
  }
}

function gone(path: string): StorageError {
  return new StorageError(
    `The suppression list '${path}' is missing, so unsubscribed people cannot be recognized: restore it, then run again`,
  );
}
