import { monotonic } from "../../../time/clock.ts";
import type { Database } from "../../../sqlite/database.ts";
import { guarded, messageOf } from "../../../sqlite/guarded.ts";
import { forgetHolder } from "./holder.ts";
import { StorageError } from "../../../sqlite/storage_error.ts";
import type { LedgerPath } from "./ledger_path.ts";
import { type FileChange, type LedgerFile, OpenedFiles } from "./opened_files.ts";
import { SavedRecord, takeUpLog } from "./saved_record.ts";
import { unlockFile } from "./lock.ts";

/** What keeps a ledger open and locked. The `LockedLedger` owns all of it, and closes it. */
export interface LedgerHandles {
  readonly path: LedgerPath;
  readonly database: Database;
  /**
   * The ledger's file, opened before the database and closed after it: closing any descriptor of a file ends all locks that
   * SQLite has on it in this process (POSIX, fcntl).
   */
  readonly main: Deno.FsFile;
  /** SQLite's write-ahead log; opened with the ledger, as a run may use up its file descriptors later. */
  readonly log: Deno.FsFile;
  readonly lock: Database;
}

/** How often, while rows are claimed, the ledger's files are compared with those that were opened. */
const CHECK_EVERY_MS = 1_000;

/** A ledger opened for writing, which no other process can write to until it is closed. */
export class LockedLedger implements Disposable {
  readonly database: Database;
  readonly #handles: LedgerHandles;
  readonly #files: OpenedFiles;
  readonly #saved: SavedRecord;
  #checkedAt = -Infinity;
  /** Why nothing new may begin. */
  #loss: StorageError | undefined;

  constructor(handles: LedgerHandles) {
    this.database = handles.database;
    this.#handles = handles;
    this.#files = new OpenedFiles(handles.path.file, handles.main);
    this.#saved = new SavedRecord(handles.path.file, handles.main);
  }

  /** Does what `check` does, if the last check was more than a second ago. */
  checkNowAndThen(): void {
    if (monotonic() - this.#checkedAt >= CHECK_EVERY_MS || this.#loss) this.check();
  }

  /**
   * Checks that the ledger's files are where the next run will look for them. If they are not, what is already written is
   * saved; what is under way can still be written.
   *
   * @throws {StorageError} saying which file is gone and what to do; from then on, each time
   */
  check(): void {
    this.#checkedAt = monotonic();
    if (this.#loss !== undefined) throw this.#loss;
    const changes = this.#files.changes();
    if (changes.length === 0) return;
    // SQLite continues with a log that nobody else will find: from here on, each commit goes into the file itself.
    this.database.exec("PRAGMA wal_autocheckpoint = 1");
    throw this.#loss = this.#lossOf(changes);
  }

  /** Makes what is written survive a power failure. Only the log needs it: SQLite syncs the other file itself. */
  async sync(): Promise<void> {
    await this.#handles.log.syncData();
  }

  /** A ledger that is closed in order names no holder, and can be read without any other file. */
  [Symbol.dispose](): void {
    const { path, database, main, log, lock } = this.#handles;
    using closing = new DisposableStack();
    closing.adopt(lock, (lock) => lock.close());
    closing.use(main);
    closing.defer(() => unlockFile(main));
    closing.use(this.#files);
    closing.defer(() => this.#saved.putBack());
    closing.use(log);
    forgetHolder(database);
    if (this.#files.changes().length > 0) this.#finish();
    guarded(`Cannot close the ledger '${path.name}'`, () => database.close());
  }

  /** SQLite takes up the log when it closes a file that has its name; one that has lost it would stay without. */
  #finish(): void {
    const { database } = this.#handles;
    try {
      const whole = takeUpLog(database, "TRUNCATE");
      if (this.#isLost || !whole) this.#saved.save(database);
    } catch {
      // What was saved when the loss was noticed stays; whoever was under way since is in doubt there.
    }
  }

  /** The ledger's own file is no longer in its place. */
  get #isLost(): boolean {
    return this.#files.changes().some(({ which, kind }) =>
      which === "ledger" && kind !== "shortened"
    );
  }

  #lossOf(changes: readonly FileChange[]): StorageError {
    const { name, shown } = this.#handles.path;
    const { which, suffix, kind } = changes[0]!;
    const file = which === "ledger" ? "it" : `'${shown}${suffix}'`;
    const how = kind === "missing" && which === "ledger" && this.#isDeleted
      ? "deleted"
      : HAPPENED[kind];
    return new StorageError(
      `Cannot continue with the ledger '${name}' as ${file} was ${how} while in use`,
      { hint: this.#remedy(which, kind) },
    );
  }

  /** Not only renamed: no name leads to the file any more. */
  get #isDeleted(): boolean {
    return this.#handles.main.statSync().nlink === 0;
  }

  /** Saves what can be saved, and says where it is. */
  #remedy(which: LedgerFile, kind: FileChange["kind"]): string {
    const { path: { shown }, database } = this.#handles;
    if (which === "lock") return REMEDIES.lock;
    // What was cut off the log is lost: to take the rest up would tear the ledger.
    if (which === "log" && kind === "shortened") return REMEDIES.shortened;
    try {
      takeUpLog(database, "PASSIVE");
      if (which !== "ledger") return REMEDIES.log;
      if (kind === "shortened") return REMEDIES.shortened;
      this.#saved.save(database);
    } catch (error) {
      if (which === "ledger" && !this.#isDeleted) return REMEDIES.moved;
      return `Its record cannot be saved (${
        messageOf(error)
      }). Check the relay's log before you run again, or everybody is mailed again`;
    }
    const saved = `Its record is saved as '${shown}.saved'`;
    if (kind === "replaced") return `${saved}. Rename that file to '${shown}' before you run again`;
    return `${saved} and moved back to '${shown}' when this run ends`;
  }
}

const HAPPENED = {
  missing: "deleted or renamed",
  replaced: "replaced",
  shortened: "cut short",
} as const;

const REMEDIES = {
  lock: "A second run could have started. Leave the ledger's files alone during a run",
  log:
    "Its record is complete again when this run ends. Leave the ledger's files alone during a run",
  moved: "The moved file holds its record. Put it back before you run again",
  shortened:
    "What it held is lost. Put a copy back, or check the relay's log, before you run again",
} as const;
