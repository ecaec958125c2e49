import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";

/** Result code of SQLite: another connection has the lock. */
const SQLITE_BUSY = 5;

/** Returns whether a statement failed because another connection has the lock. Errors of `exec()` do not carry this code. */
export function isBusy(error: unknown): boolean {
  return (error as { errcode?: number }).errcode === SQLITE_BUSY;
}

/** Thrown when a closed database is used: a bug, never reported as a fault of the file. */
export class ClosedDatabaseError extends Error {
  override readonly name = "ClosedDatabaseError";
}

/**
 * A connection to an SQLite file that knows whether it is open.
 *
 * The runtime does not track this: a statement of a closed database reads freed memory, and the process crashes or
 * hangs. Here, any use of a closed database throws, through whichever handle.
 *
 * @throws {ClosedDatabaseError} from every method but `close()` once it is closed
 */
export class Database implements Disposable {
  readonly #database: DatabaseSync;
  readonly #path: string;
  #open = true;

  /** Opens the file, or creates it if there is none and `readOnly` is not set. */
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

  /** Closes the database; does nothing if it is already closed. */
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
      throw new ClosedDatabaseError(`Cannot use the database '${this.#path}' because it is closed`);
    }
  }
}

/** Opens a file like `Database`, and prepares it; if that fails, closes the file again. */
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

/** A statement of a `Database`, usable while that is open. */
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

  /** Yields the rows one by one. If the database is closed in between, the next step throws. */
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
