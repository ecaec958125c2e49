import { monotonic } from "../../../time/clock.ts";
import type { Database } from "../../../sqlite/database.ts";
import { guarded, messageOf } from "../../../sqlite/guarded.ts";
import { forgetHolder } from "./holder.ts";
import { StorageError } from "../../../sqlite/storage_error.ts";
import type { LedgerPath } from "./ledger_path.ts";
import { type FileChange, type LedgerFile, OpenedFiles } from "./opened_files.ts";
import { SavedRecord, takeUpLog } from "./saved_record.ts";
import { unlockFile } from "./lock.ts";

/** The handles that keep a ledger open and locked. The `LockedLedger` owns and closes them. */
export interface LedgerHandles {
  readonly path: LedgerPath;
  readonly database: Database;
  /**
   * The ledger's file, opened before the database and closed after it: closing any descriptor of a file releases all
   * locks that SQLite has on it in this process (POSIX, fcntl).
   */
  readonly main: Deno.FsFile;
  /** SQLite's write-ahead log, opened with the ledger because a run may use up its file descriptors later. */
  readonly log: Deno.FsFile;
  readonly lock: Database;
}

/** How often, while rows are claimed, the ledger's files are compared with those that were opened. */
const CHECK_EVERY_MS = 1_000;

/** A ledger opened for writing; no other process can write to it until it is closed. */
export class LockedLedger implements Disposable {
  readonly database: Database;
  readonly #handles: LedgerHandles;
  readonly #files: OpenedFiles;
  readonly #saved: SavedRecord;
  #checkedAt = -Infinity;
  /** Why no new work may begin. */
  #loss: StorageError | undefined;

  constructor(handles: LedgerHandles) {
    this.database = handles.database;
    this.#handles = handles;
    this.#files = new OpenedFiles(handles.path.file, handles.main);
    this.#saved = new SavedRecord(handles.path.file, handles.main);
  }

  /** Calls `check` if the last check was more than a second ago. */
  checkNowAndThen(): void {
    if (monotonic() - this.#checkedAt >= CHECK_EVERY_MS || this.#loss) this.check();
  }

  /**
   * Checks that the ledger's files are where the next run will look for them. If they are not, everything written so far
   * is saved; work in progress can still be written.
   *
   * @throws {StorageError} saying which file is gone and what to do; every later call throws it again
   */
  check(): void {
    this.#checkedAt = monotonic();
    if (this.#loss !== undefined) throw this.#loss;
    const changes = this.#files.changes();
    if (changes.length === 0) return;
    // SQLite continues with a log that no other process will find, so from now on each commit goes into the file itself.
    this.database.exec("PRAGMA wal_autocheckpoint = 1");
    throw this.#loss = this.#lossOf(changes);
  }

  /** Makes what is written survive a power failure. Only the log needs it: SQLite syncs the other file itself. */
  async sync(): Promise<void> {
    try {
      await this.#handles.log.syncData();
    } catch (error) {
      guarded(`Cannot sync the ledger '${this.#handles.path.name}' to the disk`, () => {
        throw error;
      });
    }
  }

  /** Closes the ledger; after that it names no holder and can be read without any other file. */
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

  /** Checkpoints the log, which SQLite does on closing only for a file that still has its name. */
  #finish(): void {
    const { database } = this.#handles;
    try {
      const whole = takeUpLog(database, "TRUNCATE");
      if (this.#isLost || !whole) this.#saved.save(database);
    } catch {
      // The record saved when the loss was noticed stays; recipients handed over since then are in doubt there.
    }
  }

  /** Whether the ledger's own file is no longer in its place. */
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

  /** Whether the file was deleted rather than renamed: no name leads to it any more. */
  get #isDeleted(): boolean {
    return this.#handles.main.statSync().nlink === 0;
  }

  /** Saves what can be saved and returns a hint that says where it is. */
  #remedy(which: LedgerFile, kind: FileChange["kind"]): string {
    const { path: { shown }, database } = this.#handles;
    if (which === "lock") return REMEDIES.lock;
    // What was cut off the log is lost; checkpointing the rest would corrupt the ledger.
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
      }). Check the relay's log before you run again, or everybody is mailed again.`;
    }
    const saved = `Its record is saved as '${shown}.saved'`;
    if (kind === "replaced") {
      return `${saved}. Rename that file to '${shown}' before you run again.`;
    }
    return `${saved} and moved back to '${shown}' when this run ends.`;
  }
}

const HAPPENED = {
  missing: "deleted or renamed",
  replaced: "replaced",
  shortened: "cut short",
} as const;

const REMEDIES = {
  lock: "A second run could have started. Do not touch the ledger's files during a run.",
  log:
    "Its record will be complete again when this run ends. Do not touch the ledger's files during a run.",
  moved: "The moved file holds its record. Put it back before you run again.",
  shortened: "Its content is lost. Restore a copy, or check the relay's log, before you run again.",
} as const;
