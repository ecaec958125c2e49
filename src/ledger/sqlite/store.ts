import type { Database, Statement } from "../../sqlite/database.ts";
import { guarded } from "../../sqlite/guarded.ts";
import { READ_FACT, READ_VERSION, WRITE_FACT } from "./statements.ts";

/** A database with cached prepared statements and atomic transactions. */
export class SqliteStore {
  readonly #database: Database;
  readonly #path: string;
  readonly #prepared = new Map<string, Statement>();

  constructor(database: Database, path: string) {
    this.#database = database;
    this.#path = path;
  }

  statement(text: string): Statement {
    let statement = this.#prepared.get(text);
    if (statement === undefined) {
      statement = this.#database.prepare(text);
      this.#prepared.set(text, statement);
    }
    return statement;
  }

  /** Commits everything that `run` writes, or nothing; any error becomes a `StorageError`. */
  commit<T>(run: () => T): T {
    return guarded(`Cannot write to the ledger '${this.#path}'`, () => {
      this.statement("BEGIN IMMEDIATE").run();
      try {
        const result = run();
        this.statement("COMMIT").run();
        return result;
      } catch (error) {
        this.#rollBack();
        throw error;
      }
    });
  }

  /** The version of the file's tables; below the newest only for a reader, since opening to write migrates them. */
  get schema(): number {
    return (this.statement(READ_VERSION).get() as { user_version: number }).user_version;
  }

  fact(name: string): unknown {
    const row = this.statement(READ_FACT).get(name) as { value: string } | undefined;
    return row === undefined ? undefined : JSON.parse(row.value);
  }

  setFact(name: string, value: unknown): void {
    this.statement(WRITE_FACT).run(name, JSON.stringify(value));
  }

  #rollBack(): void {
    try {
      this.#database.exec("ROLLBACK");
    } catch {
      // On a full disk, SQLite has already rolled back; the first error is the one to report.
    }
  }
}
