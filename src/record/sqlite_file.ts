import { hostname } from "node:os";
import { DatabaseSync } from "node:sqlite";
import { LedgerError } from "./ledger.ts";
import {
  APPLICATION_ID,
  CREATE_TABLES,
  READ_FACT,
  SCHEMA_VERSION,
  WRITE_FACT,
} from "./statements.ts";

/** Who writes to a ledger; stored in it, so that a second process can say who the first is. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
}

/** Offsets in the header of an SQLite file (https://sqlite.org/fileformat2.html, 1.3). */
const MAGIC = "SQLite format 3\0";
const USER_VERSION_OFFSET = 60;
const APPLICATION_ID_OFFSET = 68;
const HEADER_LENGTH = 100;

/**
 * Pages in the write-ahead log before it is copied into the file: 32 MiB. SQLite's 1,000 would copy (and wait for the
 * disk) several times a second at full speed.
 */
const CHECKPOINT_PAGES = 8_000;

/** Opens a ledger for writing, creating it where there is none. Files that are not ours, or newer, are left untouched. */
export function openForWriting(path: string): DatabaseSync {
  const fresh = inspect(path) === "absent";
  return guarded(`Cannot open the ledger '${path}'`, () => {
    const database = new DatabaseSync(path);
    try {
      database.exec(`PRAGMA journal_mode = WAL`);
      // The write-ahead log is written at each commit, which outlives a killed process; it reaches the disk at
      // checkpoints and by the recorder's sync, which is what power loss asks for.
      database.exec(`PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
      database.exec(`PRAGMA cache_size = -8192; PRAGMA busy_timeout = 5000`);
      if (fresh) create(database);
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Opens a ledger that exists, to read it; a process that sends is not disturbed. */
export function openForReading(path: string): DatabaseSync {
  if (inspect(path) === "absent") {
    throw new LedgerError(`Cannot read the ledger as there is none: found no file '${path}'`);
  }
  return guarded(`Cannot read the ledger '${path}'`, () => {
    const database = new DatabaseSync(path, { readOnly: true });
    database.exec(`PRAGMA busy_timeout = 5000`);
    return database;
  });
}

function create(database: DatabaseSync): void {
  database.exec("BEGIN IMMEDIATE");
  database.exec(CREATE_TABLES);
  database.exec(
    `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}`,
  );
  database.exec("COMMIT");
}

/** Reads the file's header itself, so that nothing is opened, recovered or rewritten before it is known to be ours. */
function inspect(path: string): "absent" | "ours" {
  const header = readHeader(path);
  if (header === undefined || header.length === 0) return "absent";
  const magic = new TextDecoder("latin1").decode(header.subarray(0, MAGIC.length));
  if (header.length < HEADER_LENGTH || magic !== MAGIC) {
    throw new LedgerError(
      `Cannot use '${path}' as a ledger as it is not one: it is left untouched`,
    );
  }
  const view = new DataView(header.buffer, header.byteOffset);
  // A ledger whose process died while creating it has the header of an empty database: all else is in the log.
  const [application, version] = [
    view.getUint32(APPLICATION_ID_OFFSET),
    view.getUint32(USER_VERSION_OFFSET),
  ];
  if (application === 0 && version === 0 && hasLog(path)) return "ours";
  if (application !== APPLICATION_ID) {
    throw new LedgerError(
      `Cannot use '${path}' as a ledger as another program made it: it is left untouched`,
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new LedgerError(
      `Cannot use the ledger '${path}' as a newer version of this program made it: found schema ${version}, know ${SCHEMA_VERSION}; it is left untouched`,
    );
  }
  return "ours";
}

function hasLog(path: string): boolean {
  try {
    return Deno.statSync(`${path}-wal`).size > 0;
  } catch {
    return false;
  }
}

function readHeader(path: string): Uint8Array | undefined {
  try {
    using file = Deno.openSync(path, { read: true });
    const buffer = new Uint8Array(HEADER_LENGTH);
    return buffer.subarray(0, file.readSync(buffer) ?? 0);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new LedgerError(`Cannot read the ledger '${path}': ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * Keeps every other process from writing to the ledger until closed, or until this process is gone, however it goes: an
 * exclusive transaction on an empty database beside it, which the system's own file lock stands behind.
 *
 * @throws {LedgerError} naming the process that has it
 */
export function lockLedger(path: string, database: DatabaseSync): Disposable {
  const action = `Cannot lock the ledger '${path}'`;
  const lock = guarded(action, () => new DatabaseSync(lockPath(path)));
  if (!tryLock(lock)) {
    lock.close();
    const row = database.prepare(READ_FACT).get("holder") as { value: string } | undefined;
    const holder = row === undefined ? undefined : JSON.parse(row.value) as Holder;
    const who = holder === undefined
      ? "another process"
      : `process ${holder.pid} on ${holder.host}, since ${holder.since},`;
    throw new LedgerError(
      `Cannot open the ledger '${path}' as it is in use: ${who} is sending from it`,
    );
  }
  const holder: Holder = { pid: Deno.pid, host: hostname(), since: new Date().toISOString() };
  guarded(action, () => database.prepare(WRITE_FACT).run("holder", JSON.stringify(holder)));
  return { [Symbol.dispose]: () => lock.close() };
}

/** Whether a living process is sending from the ledger. */
export function isHeld(path: string): boolean {
  try {
    if (!Deno.statSync(lockPath(path)).isFile) return false;
    const lock = new DatabaseSync(lockPath(path));
    try {
      return !tryLock(lock);
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

/** SQLite tells "in use" from other faults by number only in some of its calls; here every fault means: not ours. */
function tryLock(lock: DatabaseSync): boolean {
  try {
    lock.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return true;
  } catch {
    return false;
  }
}

/** Runs what touches the store and turns its errors into a `LedgerError` that begins with `action`. */
export function guarded<T>(action: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof LedgerError) throw error;
    throw new LedgerError(`${action}: ${messageOf(error)}`, { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
