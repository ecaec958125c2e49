import type { Holder } from "../../reader.ts";
import { wallTime } from "../../../time/clock.ts";
import { getPriority, hostname } from "node:os";
import { Database, isBusy } from "../../../sqlite/database.ts";
import type { LedgerPath } from "./ledger_path.ts";
import { isHeld } from "./lock.ts";
import { READ_FACT, WRITE_FACT } from "../statements.ts";

/** Stored in the ledger, so that a second process can report the first. */
export interface StoredHolder extends Holder {
  /** The ledger's file, which distinguishes it from a copy; missing in ledgers of earlier versions. */
  readonly file?: string;
}

const FORGET_HOLDER = `DELETE FROM fact WHERE name = 'holder'`;

/** Readers usually release the file within this time. */
const READERS_PATIENCE_MS = 250;

/** Records this process as the ledger's holder. */
export function writeHolder(database: Database, { file }: LedgerPath): void {
  const holder: StoredHolder = {
    pid: Deno.pid,
    host: hostname(),
    since: new Date(wallTime()).toISOString(),
    file,
  };
  database.prepare(WRITE_FACT).run("holder", JSON.stringify(holder));
}

/** This process, as it is recorded in the ledger that it holds. */
export function ownHolder(database: Database): StoredHolder {
  const row = database.prepare(READ_FACT).get("holder") as { value: string };
  return JSON.parse(row.value) as StoredHolder;
}

/** Adds to the recorded holder, which is this process, that it waits until then (ms since the epoch), or removes that. */
export function noteWaiting(database: Database, time: number | undefined): void {
  const { waitingUntil: _, ...holder } = ownHolder(database);
  const waiting = time === undefined ? {} : { waitingUntil: new Date(time).toISOString() };
  database.prepare(WRITE_FACT).run("holder", JSON.stringify({ ...holder, ...waiting }));
}

/** Removes the holder when the ledger is closed. If that fails, the dead process stays recorded, which does no harm. */
export function forgetHolder(database: Database): void {
  try {
    database.prepare(FORGET_HOLDER).run();
  } catch {
    // See above.
  }
}

/** Reads the recorded holder, dead or alive, without writing anything. */
export function readHolder({ file }: LedgerPath): StoredHolder | undefined {
  try {
    using database = new Database(file, { readOnly: true });
    const row = database.prepare(READ_FACT).get("holder") as { value: string } | undefined;
    return row && JSON.parse(row.value) as StoredHolder;
  } catch {
    return undefined; // no ledger yet, or an unreadable one, which opening it will report
  }
}

/**
 * Returns the process that holds a ledger now, according to its lock, or, if the lock file is gone, according to this
 * host.
 *
 * @param stored the holder recorded in the ledger
 */
export function holderOf({ file }: LedgerPath, stored: unknown): Holder | undefined {
  if (stored === undefined) return undefined;
  const { file: holdersFile, ...holder } = stored as StoredHolder;
  // A copy is not written to, although it names the process that holds the original.
  const held = isHeld(file) ?? (holdersFile === file && isAlive(holder));
  return held ? holder : undefined;
}

/**
 * Returns whether the recorded process still holds the ledger, even if the lock file is gone. Call it before this
 * process opens a connection to the ledger.
 *
 * The process ID may belong to another process by now, and reading a process's start time needs all permissions. So
 * the file itself is checked as well: SQLite locks part of it while a connection is open, and the system releases that
 * lock when the process ends.
 */
export function stillHolds(holder: StoredHolder, path: LedgerPath): boolean {
  if (holder.pid === Deno.pid || holder.host !== hostname()) return false;
  if (isAlive(holder) === false) return false;
  if (holder.file !== undefined && holder.file !== path.file && isHeld(holder.file) === true) {
    return true; // a copy of a ledger in use: both runs would mail the same people
  }
  return isOpenElsewhere(path);
}

/** Returns whether the process is running on this host; undefined if that cannot be determined. */
export function isAlive({ pid, host }: Pick<Holder, "pid" | "host">): boolean | undefined {
  try {
    if (host !== hostname()) return undefined;
    getPriority(pid);
    return true;
  } catch (error) {
    return (error as { info?: { code?: string } }).info?.code === "ESRCH" ? false : undefined;
  }
}

/** Returns whether another process has a connection to the file, for reading or writing. */
export function isOpenElsewhere({ file }: LedgerPath): boolean {
  using database = new Database(file);
  try {
    database.exec(`PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = ${READERS_PATIENCE_MS}`);
    database.prepare("BEGIN EXCLUSIVE").run();
    database.exec("ROLLBACK");
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  }
}
