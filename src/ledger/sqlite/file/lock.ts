import { Database, isBusy } from "../../../sqlite/database.ts";
import { guarded } from "../../../sqlite/guarded.ts";
import { StorageError } from "../../../sqlite/storage_error.ts";
import type { LedgerPath } from "./ledger_path.ts";
import { makePrivateFile } from "../../../files/private_file.ts";

/** A process that only checks whether the lock is free holds a share of it for a moment. */
const LOCK_PATIENCE_MS = 250;

/**
 * Keeps every other process from writing to the ledger until closed, or until this process is gone, however it goes: an
 * exclusive transaction on an empty database beside it, which the system's own file lock stands behind.
 *
 * @param holderName says who has it, where somebody has
 * @throws {StorageError} naming the process that has it
 */
export function lockLedger(path: LedgerPath, holderName: () => string): Database {
  return guarded(`Cannot lock the ledger '${path.name}'`, () => {
    makePrivateFile(lockPath(path.file));
    const lock = new Database(lockPath(path.file));
    try {
      if (tryLock(lock, LOCK_PATIENCE_MS)) return lock;
      throw inUse(path, holderName());
    } catch (error) {
      lock.close();
      throw error;
    }
  });
}

export function inUse({ name }: LedgerPath, holderName: string): StorageError {
  return new StorageError(
    `Cannot open the ledger '${name}' as it is in use: ${holderName} is sending from it`,
  );
}

/**
 * Returns whether a living process has the lock of a ledger; undefined: there is no lock file to ask.
 *
 * @param file the ledger's path, without links
 */
export function isHeld(file: string): boolean | undefined {
  try {
    if (!Deno.statSync(lockPath(file)).isFile) return undefined;
    const lock = new Database(lockPath(file));
    try {
      // With a share of it: two who look at the same moment would else take each other for the one who sends. A PRAGMA, as
      // what reads the schema fails in being prepared, and then the error of Deno 2.5 carries no number.
      return !tryLock(lock, 0, "PRAGMA schema_version");
    } finally {
      lock.close();
    }
  } catch {
    return undefined;
  }
}

/**
 * Locks the ledger's own file as well, where the runtime can (Deno 2.9 and Linux): the file beside it may be deleted by
 * somebody who takes it for a leftover. The lock ends with this process, or by `unlockFile`. Elsewhere it would be in SQLite's way, which
 * locks parts of the same file: its locks and this one know nothing of each other on Linux alone.
 *
 * @returns "taken" by this process, held by "another", or "none" where there are no such locks
 */
export function lockFile(file: Deno.FsFile): "taken" | "another" | "none" {
  if (Deno.build.os !== "linux") return "none";
  const lockable = file as Deno.FsFile & { tryLockSync?: (exclusive?: boolean) => boolean };
  if (lockable.tryLockSync === undefined) return "none";
  try {
    return lockable.tryLockSync(true) ? "taken" : "another";
  } catch {
    return "none"; // a file system without such locks
  }
}

/**
 * Ends the lock of `lockFile`, if there is one. To close the file is not enough: the lock is the open file's (flock(2)), and
 * whatever process another thread has just started shares that until its program is loaded.
 */
export function unlockFile(file: Deno.FsFile): void {
  try {
    file.unlockSync();
  } catch {
    // A file system without such locks.
  }
}

function lockPath(file: string): string {
  return `${file}.lock`;
}

/** Returns whether the lock is ours now; throws where it cannot be told. */
function tryLock(lock: Database, patienceMs: number, statement = "BEGIN EXCLUSIVE"): boolean {
  lock.exec(`PRAGMA busy_timeout = ${patienceMs}`);
  try {
    // Prepared and not `exec`: only so does the error carry its number.
    lock.prepare(statement).run();
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}
