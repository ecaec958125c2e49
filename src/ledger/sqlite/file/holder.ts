import type { Holder } from "../../reader.ts";
import { wallTime } from "../../../time/clock.ts";
import { getPriority, hostname } from "node:os";
import { Database, isBusy } from "../../../sqlite/database.ts";
import type { LedgerPath } from "./ledger_path.ts";
import { isHeld } from "./lock.ts";
import { READ_FACT, WRITE_FACT } from "../statements.ts";

/** Stored in the ledger, so that a second process can name the first. */
interface StoredHolder extends Holder {
  /** The ledger's file, so that a copy can be told from it; missing in ledgers of earlier versions. */
  readonly file?: string;
}

const FORGET_HOLDER = `DELETE FROM fact WHERE name = 'holder'`;

/** Those who read let go of the file within this time, mostly. */
const READERS_PATIENCE_MS = 250;

/** Names this process in the ledger. */
export function writeHolder(database: Database, { file }: LedgerPath): void {
  const holder: StoredHolder = {
    pid: Deno.pid,
    host: hostname(),
    since: new Date(wallTime()).toISOString(),
    file,
  };
  database.prepare(WRITE_FACT).run("holder", JSON.stringify(holder));
}

/** For a ledger that is closed in order; where it cannot be written, the dead process stays named in it, which hinders nobody. */
export function forgetHolder(database: Database): void {
  try {
    database.prepare(FORGET_HOLDER).run();
  } catch {
    // See above.
  }
}

/** Who is named in the ledger, alive or not. Nothing is written. */
export function readHolder({ file }: LedgerPath): StoredHolder | undefined {
  try {
    using database = new Database(file, { readOnly: true });
    const row = database.prepare(READ_FACT).get("holder") as { value: string } | undefined;
    return row && JSON.parse(row.value) as StoredHolder;
  } catch {
    return undefined; // no ledger yet, or one that cannot be read, which opening it will tell
  }
}

/**
 * The process that has a ledger now, as far as its lock tells; where the lock file is gone, as far as this host knows.
 *
 * @param stored what the ledger says
 */
export function holderOf({ file }: LedgerPath, stored: unknown): Holder | undefined {
  if (stored === undefined) return undefined;
  const { pid, host, since, file: holdersFile } = stored as StoredHolder;
  // Nobody writes to a copy, though it names the process that has the original.
  const held = isHeld(file) ?? (holdersFile === file && isAlive({ pid, host }));
  return held ? { pid, host, since } : undefined;
}

/**
 * Returns whether the process named in a ledger still has it, whatever became of the lock file. To be asked before this process
 * has a connection to the ledger.
 *
 * A number can be another process's by now, and the time at which a process started cannot be read without all
 * permissions. So the file itself is asked as well: SQLite locks a part of it as long as a connection is open, and the
 * system ends that lock with the process.
 */
export function stillHolds(holder: StoredHolder, path: LedgerPath): boolean {
  if (holder.pid === Deno.pid || holder.host !== hostname()) return false;
  if (isAlive(holder) === false) return false;
  if (holder.file !== undefined && holder.file !== path.file && isHeld(holder.file) === true) {
    return true; // this is a copy of a ledger in use: both would mail the same people
  }
  return isOpenElsewhere(path);
}

/** Returns whether the process is there, as far as this host knows; undefined: nobody may say. */
export function isAlive({ pid, host }: Pick<Holder, "pid" | "host">): boolean | undefined {
  try {
    if (host !== hostname()) return undefined;
    getPriority(pid);
    return true;
  } catch (error) {
    return (error as { info?: { code?: string } }).info?.code === "ESRCH" ? false : undefined;
  }
}

/** Returns whether another process has a connection to the file: one that reads it, or writes to it. */
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
