import { hostname } from "node:os";
import { type Database, isBusy, openPrepared } from "../../../sqlite/database.ts";
import { guarded } from "../../../sqlite/guarded.ts";
import { isOpenElsewhere, readHolder, stillHolds, writeHolder } from "./holder.ts";
import { StorageError } from "../../../sqlite/storage_error.ts";
import { inspect, pagesBefore } from "./ledger_header.ts";
import { type LedgerPath, ledgerPath } from "./ledger_path.ts";
import { LockedLedger } from "./locked_ledger.ts";
import { openToRead } from "./read_only.ts";
import {
  refuseBesideSaved,
  refuseLedgerWithoutLog,
  refuseLogWithoutLedger,
  takeUpLog,
} from "./saved_record.ts";
import { inUse, lockFile, lockLedger, unlockFile } from "./lock.ts";
import {
  APPLICATION_ID,
  CREATE_TABLES,
  FROM_VERSION_1,
  FROM_VERSION_2,
  FROM_VERSION_3,
  SCHEMA_VERSION,
} from "./schema.ts";
import { PRIVATE_FILE } from "../../../files/private_file.ts";

/**
 * Pages in the write-ahead log before it is copied into the file: 32 MiB. SQLite's default of 1,000 would copy (and
 * wait for the disk) several times a second at full speed.
 */
const CHECKPOINT_PAGES = 8_000;

/**
 * Opens a ledger for writing. Foreign or newer files are left untouched, and so is a ledger that another process
 * holds: all locks are taken before anything is written.
 *
 * @param absent what to do if there is none
 * @throws {StorageError} also if another process holds it, which the message names
 */
export function openForWriting(name: string, absent: "create" | "refuse"): LockedLedger {
  const path = ledgerPath(name);
  if (inspect(path) === "absent" && absent === "refuse") throw noLedger(path);
  using opening = new DisposableStack();
  const lock = opening.use(lockLedger(path, () => readHolder(path)));
  refuseBesideSaved(path);
  refuseLogWithoutLedger(path);
  const main = opening.use(openMain(path));
  const locked = lockFile(main);
  if (locked === "another") throw inUse(path, readHolder(path));
  opening.defer(() => unlockFile(main));
  // Checked again: another process may have created it, and ended, since the first check.
  const fresh = inspect(path, main) === "absent";
  if (!fresh) refuseIfHeld(path, main);
  const database = opening.use(openUnderLock(path, main, fresh));
  const log = opening.use(
    guarded(
      `Cannot open the log of the ledger '${name}'`,
      () => Deno.openSync(`${path.file}-wal`, { read: true, write: true }),
    ),
  );
  const ledger = new LockedLedger({ path, database, main, log, lock });
  opening.move();
  return ledger;
}

/** Opens the ledger's file, creating it if there is none. */
function openMain(path: LedgerPath): Deno.FsFile {
  return guarded(`Cannot open the ledger '${path.name}'`, () => {
    try {
      return Deno.openSync(path.file, { read: true, write: true });
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      return Deno.openSync(path.file, {
        read: true,
        write: true,
        createNew: true,
        mode: PRIVATE_FILE,
      });
    }
  });
}

/**
 * Checks the holder recorded in the ledger itself, since the locks may have been deleted or be beside another name of
 * the file.
 */
function refuseIfHeld(path: LedgerPath, main: Deno.FsFile): void {
  const holder = readHolder(path);
  guarded(`Cannot open the ledger '${path.name}'`, () => {
    const isHeld = holder !== undefined && stillHolds(holder, path) ||
      // With several names for one file, the holder's log need not be beside this name.
      (main.statSync().nlink ?? 1) > 1 && isOpenElsewhere(path);
    if (isHeld) throw inUse(path, holder);
  });
  if (holder?.file !== undefined && holder.host === hostname()) {
    refuseLedgerWithoutLog(path, holder.file);
  }
}

function openUnderLock(path: LedgerPath, main: Deno.FsFile, fresh: boolean): Database {
  return guarded(`Cannot open the ledger '${path.name}'`, () => {
    try {
      return openDatabase(path, fresh);
    } catch (error) {
      if (!isBusy(error)) throw error;
      // On NFS, the lock on the whole file and SQLite's locks on parts of it exclude each other; the other locks must suffice.
      unlockFile(main);
      return openDatabase(path, fresh);
    }
  });
}

function openDatabase(path: LedgerPath, fresh: boolean): Database {
  return openPrepared(path.file, (database) => {
    // The first statement makes SQLite roll back what a killed process had begun.
    const { tables } = database.prepare("SELECT count(*) AS tables FROM sqlite_schema").get() as {
      tables: number;
    };
    if (fresh && tables > 0) throw new Error("another program is creating it");
    database.exec(`PRAGMA journal_mode = WAL`);
    // Each commit is written to the write-ahead log, so it survives a killed process. It reaches the disk at
    // checkpoints and by the recorder's sync, so that it survives a power failure too.
    database.exec(`PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    database.exec(`PRAGMA cache_size = -8192; PRAGMA busy_timeout = 5000`);
    if (fresh) create(database);
    else bringUpToDate(database);
    writeHolder(database, path);
    // Written into the file itself, so that the holder is known even without the log.
    takeUpLog(database, "PASSIVE");
  });
}

/** The error for a ledger that must exist. */
export function noLedger({ name }: LedgerPath): StorageError {
  return new StorageError(`Cannot open the ledger because there is none: found no file '${name}'`, {
    hint: "The send command creates it. Choose another one with --campaign or --ledger.",
  });
}

/**
 * Returns whether there is a ledger. A file whose process died while creating it does not count yet.
 *
 * @throws {StorageError} if the file is no ledger, or is of a newer version
 */
export function ledgerExists(name: string): boolean {
  return inspect(ledgerPath(name)) === "ours";
}

/** Opens an existing ledger to read it, without disturbing a process that is sending from it. */
export function openForReading(path: LedgerPath): Database {
  if (inspect(path) === "absent") throw noLedger(path);
  // A transaction that a dead process left must be rolled back first, under the lock.
  if (pagesBefore(path) !== undefined) openForWriting(path.name, "refuse")[Symbol.dispose]();
  return guarded(`Cannot read the ledger '${path.name}'`, () => {
    const database = openToRead(path);
    database.exec(`PRAGMA busy_timeout = 5000`);
    return database;
  });
}

function create(database: Database): void {
  database.exec("BEGIN IMMEDIATE");
  database.exec(CREATE_TABLES);
  database.exec(
    `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`,
  );
  database.exec("COMMIT");
}

/** Upgrades a ledger of an earlier version, or leaves it unchanged on failure. */
function bringUpToDate(database: Database): void {
  const version = versionOf(database);
  if (version === SCHEMA_VERSION) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    if (version < 2) database.exec(FROM_VERSION_1);
    if (version < 3) database.exec(FROM_VERSION_2);
    database.exec(FROM_VERSION_3);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

/** Returns the schema version. */
export function versionOf(database: Database): number {
  return (database.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
}
