import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

/** Result code of SQLite: another connection has the lock. */
const SQLITE_BUSY = 5;

/** Returns whether a statement failed because another connection has the lock. `exec()` does not tell. */
export function isBusy(error: unknown): boolean {
  return (error as { errcode?: number }).errcode === SQLITE_BUSY;
}

/** A closed database was used: a bug, and never reported as a fault of the file. */
export class ClosedDatabaseError extends Error {
  override readonly name = "ClosedDatabaseError";
}

/**
 * A connection to an SQLite file that knows whether it is open.
 *
 * The runtime does not: a statement of a closed database reads freed memory there, which ends in a crash or in a process that
 * hangs. Here the use of a closed one throws, whichever handle it comes through.
 *
 * @throws {ClosedDatabaseError} from every method but `close()` once it is closed
 */
export class Database implements Disposable {
  readonly #database: DatabaseSync;
  readonly #path: string;
  #open = true;

  /** Opens the file, or makes it where there is none and `readOnly` is not set. */
  constructor(path: string, options: { readonly readOnly?: boolean } = {}) {
    this.#path = path;
    this.#database = new DatabaseSync(path, { readOnly: options.readOnly ?? false });
  }

  exec(sql: string): void {
    this.assertOpen();
    this.#database.exec(sql);
  }

  prepare(sql: string): Statement {
    this.assertOpen();
    return new Statement(this, this.#database.prepare(sql));
  }

  /** Closes it; once it is closed, nothing. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#database.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  assertOpen(): void {
    if (!this.#open) {
      throw new ClosedDatabaseError(`Cannot use the database '${this.#path}' as it is closed`);
    }
  }
}

/** Opens a file, as `Database` does, and does what comes first; if that fails, the file is closed again. */
export function openPrepared(
  path: string,
  prepare: (database: Database) => void,
  options: { readonly readOnly?: boolean } = {},
): Database {
  const database = new Database(path, options);
  try {
    prepare(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** A statement of a `Database`; lives as long as that is open. */
export class Statement {
  readonly #owner: Database;
  readonly #statement: StatementSync;

  constructor(owner: Database, statement: StatementSync) {
    this.#owner = owner;
    this.#statement = statement;
  }

  run(...values: SQLInputValue[]): ReturnType<StatementSync["run"]> {
    this.#owner.assertOpen();
    return this.#statement.run(...values);
  }

  get(...values: SQLInputValue[]): ReturnType<StatementSync["get"]> {
    this.#owner.assertOpen();
    return this.#statement.get(...values);
  }

  all(...values: SQLInputValue[]): ReturnType<StatementSync["all"]> {
    this.#owner.assertOpen();
    return this.#statement.all(...values);
  }

  /** The rows one by one; the database may be closed while its reader waits, and then the next one throws. */
  *iterate(...values: SQLInputValue[]): Generator<unknown, void> {
    this.#owner.assertOpen();
    const rows = this.#statement.iterate(...values);
    for (;;) {
      this.#owner.assertOpen();
      const { done, value } = rows.next();
      if (done) return;
      yield value;
    }
  }
}
