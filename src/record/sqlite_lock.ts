import { Database } from "./database.ts";
import { guarded } from "./guarded.ts";
import { LedgerError } from "./ledger.ts";

/** Result code of SQLite: another connection has the lock. */
const SQLITE_BUSY = 5;
/** `status` takes the lock for a moment, to see whether it is free. */
const LOCK_PATIENCE_MS = 250;

/**
 * Keeps every other process from writing to the ledger until closed, or until this process is gone, however it goes: an
 * exclusive transaction on an empty database beside it, which the system's own file lock stands behind.
 *
 * @param holderName says who has it, where somebody has
 * @throws {LedgerError} naming the process that has it
 */
export function lockLedger(path: string, holderName: () => string): Database {
  return guarded(`Cannot lock the ledger '${path}'`, () => {
    const lock = new Database(lockPath(path));
    try {
      if (tryLock(lock, LOCK_PATIENCE_MS)) return lock;
      throw new LedgerError(
        `Cannot open the ledger '${path}' as it is in use: ${holderName()} is sending from it`,
      );
    } catch (error) {
      lock.close();
      throw error;
    }
  });
}

/** Whether a living process is sending from the ledger. */
export function isHeld(path: string): boolean {
  try {
    if (!Deno.statSync(lockPath(path)).isFile) return false;
    const lock = new Database(lockPath(path));
    try {
      return !tryLock(lock, 0);
    } finally {
      lock.close();
    }
  } catch {
    return false;
  }
}

function lockPath(path: string): string {
  return `${path}.lock`;
}

/** Whether the lock is ours now; throws where it cannot be told. */
function tryLock(lock: Database, patienceMs: number): boolean {
  lock.exec(`PRAGMA busy_timeout = ${patienceMs}`);
  try {
    // Prepared and not `exec`: only so does the error carry its number.
    lock.prepare("BEGIN EXCLUSIVE").run();
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
