import { type Database, openPrepared } from "../sqlite/database.ts";
import { StorageError } from "../sqlite/storage_error.ts";
import { APPLICATION_ID, CREATE_TABLE, SCHEMA_VERSION } from "./suppression_statements.ts";
import { makePrivateFile } from "../files/private_file.ts";
import { guardedList } from "./guarded_list.ts";

/**
 * How long a process waits for another that is writing. Each writer locks the file for a few milliseconds; SQLite
 * serves them one after the other.
 */
const PATIENCE = `PRAGMA busy_timeout = 10000`;

/** Octets in an SQLite file's header. SQLite takes a shorter file for a new one, and would overwrite it. */
const HEADER = 100;

/**
 * Opens a suppression list for writing, creating it if there is none. Any number of processes can do so.
 *
 * @throws {StorageError} if it cannot be opened, or is no suppression list, in which case it is left untouched
 */
export function openToWrite(path: string): Database {
  const isThere = inspect(path) === "ours";
  return guardedList(
    `Cannot open the suppression list '${path}'`,
    () => {
      makePrivateFile(path);
      return openPrepared(path, (database) => {
        database.exec(PATIENCE);
        // Each commit is on the disk when it returns, because a person is told that it is done.
        database.exec(`PRAGMA synchronous = FULL`);
        if (!isThere) create(database);
        database.prepare("PRAGMA journal_mode = WAL").get();
      });
    },
  );
}

/**
 * Opens a suppression list for reading, without disturbing writers; returns undefined if there is none.
 *
 * @throws {StorageError} if it cannot be opened, or is no suppression list
 */
export function openToRead(path: string): Database | undefined {
  return inspect(path) === "absent" ? undefined : openReadOnly(path);
}

function openReadOnly(path: string): Database {
  return guardedList(
    `Cannot read the suppression list '${path}'`,
    () =>
      openPrepared(path, (database) => {
        database.exec(PATIENCE);
      }, { readOnly: true }),
  );
}

function create(database: Database): void {
  database.exec("BEGIN IMMEDIATE");
  database.exec(CREATE_TABLE);
  database.exec(
    `PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`,
  );
}

/** Checks the file before anything is written; one that another process is still creating counts as absent. */
function inspect(path: string): "absent" | "ours" {
  if (isAbsentOrEmpty(path)) return "absent";
  const database = openReadOnly(path);
  try {
    const { application, version, tables } = guardedList(
      `Cannot use '${path}' as a suppression list`,
      () => ({
        application: numberOf(database, "PRAGMA application_id"),
        version: numberOf(database, "PRAGMA user_version"),
        tables: numberOf(database, "SELECT count(*) FROM sqlite_schema"),
      }),
    );
    if (application === 0 && tables === 0) return "absent";
    if (application !== APPLICATION_ID) {
      throw notOurs(path);
    }
    if (version > SCHEMA_VERSION) {
      throw new StorageError(
        `Cannot use the suppression list '${path}' because a newer version of this program created it: found schema ${version}, this version supports ${SCHEMA_VERSION}; the file was left untouched`,
        { kind: "suppression-list" },
      );
    }
    return "ours";
  } finally {
    database.close();
  }
}

function isAbsentOrEmpty(path: string): boolean {
  return guardedList(`Cannot read the suppression list '${path}'`, () => {
    try {
      const { isFile, size } = Deno.statSync(path);
      if (isFile && size > 0 && size < HEADER) throw notOurs(path);
      if (isFile) return size === 0;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return true;
      throw error;
    }
    throw new StorageError(`Cannot use '${path}' as a suppression list because it is not a file`, {
      kind: "suppression-list",
    });
  });
}

function notOurs(path: string): StorageError {
  return new StorageError(
    `Cannot use '${path}' as a suppression list because it is a different kind of file; it was left untouched`,
    { kind: "suppression-list" },
  );
}

function numberOf(database: Database, query: string): number {
  return Object.values(database.prepare(query).get() as Record<string, number>)[0] ?? 0;
}
