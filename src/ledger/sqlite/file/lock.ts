import { Database, isBusy } from "../../../sqlite/database.ts";
import { guarded } from "../../../sqlite/guarded.ts";
import { StorageError } from "../../../sqlite/storage_error.ts";
import type { Holder } from "../../reader.ts";
import type { LedgerPath } from "./ledger_path.ts";
import { makePrivateFile } from "../../../files/private_file.ts";

/** Allows for processes that hold a shared lock for a moment to check whether the ledger is in use. */
const LOCK_PATIENCE_MS = 250;

/**
 * Keeps all other processes from writing to the ledger until the lock is closed or this process ends, however it ends.
 * It is an exclusive transaction on an empty database beside the ledger, and so a file lock of the system.
 *
 * @param holderOf returns the process that holds the ledger, if it is known
 * @throws {StorageError} naming the process that holds it
 */
export function lockLedger(path: LedgerPath, holderOf: () => Holder | undefined): Database {
  return guarded(`Cannot lock the ledger '${path.name}'`, () => {
    makePrivateFile(lockPath(path.file));
    const lock = new Database(lockPath(path.file));
    try {
      if (tryLock(lock, LOCK_PATIENCE_MS)) return lock;
      throw inUse(path, holderOf());
    } catch (error) {
      lock.close();
      throw error;
    }
  });
}

/** @param holder undefined while a process is still creating the ledger */
export function inUse({ name }: LedgerPath, holder: Holder | undefined): StorageError {
  const who = holder === undefined
    ? "another process"
    : `process ${holder.pid} on ${holder.host}, since ${holder.since},`;
  return new StorageError(
    `Cannot open the ledger '${name}' because it is in use: ${who} is sending from it`,
    {
      kind: "ledger-in-use",
      heldBy: holder && { pid: holder.pid, host: holder.host, since: holder.since },
    },
  );
}

/**
 * Returns whether a running process holds the lock of a ledger; undefined if there is no lock file.
 *
 * @param file the ledger's path, without links
 */
export function isHeld(file: string): boolean | undefined {
  try {
    if (!Deno.statSync(lockPath(file)).isFile) return undefined;
    const lock = new Database(lockPath(file));
    try {
      // A shared lock: two processes that check at the same moment would otherwise take each other for the sender.
      // A PRAGMA, because a statement that reads the schema fails while being prepared, and then the error of Deno
      // 2.5 has no code.
      return !tryLock(lock, 0, "PRAGMA schema_version");
    } finally {
      lock.close();
    }
  } catch {
    return undefined;
  }
}

/**
 * Locks the ledger's own file as well, if the runtime supports it (Deno 2.9 on Linux), because somebody may delete the
 * lock file as a leftover. The lock ends with this process, or with `unlockFile`. On other systems it would conflict
 * with SQLite's locks on parts of the same file; only on Linux are the two independent.
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
    return "none"; // the file system has no such locks
  }
}

/**
 * Releases the lock of `lockFile`, if there is one. Closing the file is not enough: the lock belongs to the open file
 * description (flock(2)), which a process that another thread has just started shares until its program is loaded.
 */
export function unlockFile(file: Deno.FsFile): void {
  try {
    file.unlockSync();
  } catch {
    // The file system has no such locks.
  }
}

function lockPath(file: string): string {
  return `${file}.lock`;
}

/** Returns whether this process has the lock now; throws if that cannot be determined. */
function tryLock(lock: Database, patienceMs: number, statement = "BEGIN EXCLUSIVE"): boolean {
  lock.exec(`PRAGMA busy_timeout = ${patienceMs}`);
  try {
    // Prepared, not `exec`: only then does the error have a code.
    lock.prepare(statement).run();
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}
