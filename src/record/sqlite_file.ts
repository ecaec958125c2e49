import { hostname } from "node:os";
import { Database } from "./database.ts";
import { guarded, messageOf } from "./guarded.ts";
import { LedgerError } from "./ledger.ts";
import { lockLedger } from "./sqlite_lock.ts";
import {
  APPLICATION_ID,
  CREATE_TABLES,
  FROM_VERSION_1,
  FROM_VERSION_2,
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

/** A ledger opened for writing, which no other process can write to until it is closed. */
export interface LockedLedger extends Disposable {
  readonly database: Database;
}

/**
 * Opens a ledger for writing. Files that are not ours, or newer, are left untouched, and so is one that another process
 * has: the lock comes before anything is written.
 *
 * @param absent what to do where there is none
 * @throws {LedgerError} also naming the process that has it
 */
export function openForWriting(path: string, absent: "create" | "refuse"): LockedLedger {
  if (inspect(path) === "absent" && absent === "refuse") throw noLedger(path);
  const lock = lockLedger(path, () => holderName(path));
  try {
    // Once more: another process may have made it, and ended, since the first look.
    const database = openDatabase(path, inspect(path) === "absent");
    return {
      database,
      [Symbol.dispose]: () => {
        try {
          guarded(`Cannot close the ledger '${path}'`, () => database.close());
        } finally {
          lock.close();
        }
      },
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

function openDatabase(path: string, fresh: boolean): Database {
  return guarded(`Cannot open the ledger '${path}'`, () => {
    const database = new Database(path);
    try {
      database.exec(`PRAGMA journal_mode = WAL`);
      // The write-ahead log is written at each commit, which outlives a killed process; it reaches the disk at
      // checkpoints and by the recorder's sync, which is what power loss asks for.
      database.exec(`PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
      database.exec(`PRAGMA cache_size = -8192; PRAGMA busy_timeout = 5000`);
      if (fresh) create(database);
      else bringUpToDate(database);
      const holder: Holder = { pid: Deno.pid, host: hostname(), since: new Date().toISOString() };
      database.prepare(WRITE_FACT).run("holder", JSON.stringify(holder));
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

function noLedger(path: string): LedgerError {
  return new LedgerError(`Cannot open the ledger as there is none: found no file '${path}'`);
}

/**
 * Whether there is a ledger; a file that a process died over while it made it is none yet.
 *
 * @throws {LedgerError} when the file is not ours, or of a newer version
 */
export function ledgerExists(path: string): boolean {
  return inspect(path) === "ours";
}

/** Opens a ledger that exists, to read it; a process that sends is not disturbed. */
export function openForReading(path: string): Database {
  if (inspect(path) === "absent") throw noLedger(path);
  return guarded(`Cannot read the ledger '${path}'`, () => {
    const database = new Database(path, { readOnly: true });
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

/** A ledger of an earlier version becomes one of this, or stays as it is. */
function bringUpToDate(database: Database): void {
  const version = versionOf(database);
  if (version === SCHEMA_VERSION) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    if (version < 2) database.exec(FROM_VERSION_1);
    database.exec(FROM_VERSION_2);
    database.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

/** Of a ledger of ours. */
export function versionOf(database: Database): number {
  return (database.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
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
  const [application, version] = [
    view.getUint32(APPLICATION_ID_OFFSET),
    view.getUint32(USER_VERSION_OFFSET),
  ];
  // A ledger whose process died while creating it has the header of an empty database: all else is in the log, or nowhere.
  if (application === 0 && version === 0) {
    const begun = lookInside(path);
    if (begun !== "another's") return begun;
  }
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

/** Asks SQLite, which reads the log too; opened to read, so that nothing is recovered into the file. */
function lookInside(path: string): "absent" | "ours" | "another's" {
  try {
    using database = new Database(path, { readOnly: true });
    const { application_id } = database.prepare("PRAGMA application_id").get() as {
      application_id: number;
    };
    if (application_id === APPLICATION_ID) return "ours";
    const { n } = database.prepare("SELECT count(*) AS n FROM sqlite_schema").get() as {
      n: number;
    };
    return n === 0 ? "absent" : "another's";
  } catch {
    return "another's";
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

function holderName(path: string): string {
  try {
    using database = openForReading(path);
    const row = database.prepare(READ_FACT).get("holder") as { value: string } | undefined;
    if (row === undefined) return "another process";
    const { pid, host, since } = JSON.parse(row.value) as Holder;
    return `process ${pid} on ${host}, since ${since},`;
  } catch {
    return "another process"; // which is just about to create it
  }
}
