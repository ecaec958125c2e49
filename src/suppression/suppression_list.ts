import type { Database } from "../sqlite/database.ts";
import type { Suppressed, SuppressionSource } from "./suppression.ts";
import { openToRead, openToWrite } from "./suppression_database.ts";
import * as sql from "./suppression_statements.ts";
import { guardedList } from "./guarded_list.ts";

/** Opens the suppression list for writing, creating it if there is none. @throws {StorageError} */
export function openSuppressionList(path: string): SuppressionList {
  return new SuppressionList(openToWrite(path), path);
}

/** Opens the suppression list for reading; returns undefined if there is none. @throws {StorageError} */
export function readSuppressionList(path: string): SuppressionList | undefined {
  const database = openToRead(path);
  return database && new SuppressionList(database, path);
}

/**
 * The addresses that must get no mail from any campaign: one SQLite file that several processes can read and write at
 * once.
 *
 * Every method throws a `StorageError` if the file cannot be read or written.
 */
export class SuppressionList implements Disposable {
  readonly #database: Database;
  readonly #path: string;

  constructor(database: Database, path: string) {
    this.#database = database;
    this.#path = path;
  }

  /** Adds all entries or none, durably; existing entries stay as they are. Returns the number of new ones. */
  add(entries: readonly Suppressed[]): number {
    return this.#commit(() => {
      const add = this.#database.prepare(sql.ADD);
      let added = 0;
      for (const { key, at, campaign, source, reason } of entries) {
        added += Number(add.run(key, at, campaign ?? null, source, reason ?? null).changes);
      }
      return added;
    });
  }

  /** Removes addresses from the list; returns those that were on it. */
  remove(keys: readonly string[]): readonly string[] {
    return this.#commit(() => {
      const remove = this.#database.prepare(sql.REMOVE);
      return keys.filter((key) => Number(remove.run(key).changes) > 0);
    });
  }

  find(key: string): Suppressed | undefined {
    return this.#reading(() => {
      const row = this.#database.prepare(sql.FIND).get(key) as unknown as
        | SuppressionRow
        | undefined;
      return row && suppressedOf(row);
    });
  }

  get size(): number {
    return this.#reading(() => (this.#database.prepare(sql.COUNT).get() as { n: number }).n);
  }

  /** Yields all entries, oldest first, as of the first step. */
  *entries(): Generator<Suppressed> {
    const rows = this.#reading(() => this.#database.prepare(sql.ALL).iterate());
    while (true) {
      const { done, value } = this.#reading(() => rows.next());
      if (done) return;
      yield suppressedOf(value as unknown as SuppressionRow);
    }
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #reading<T>(read: () => T): T {
    return guardedList(`Cannot read the suppression list '${this.#path}'`, read);
  }

  #commit<T>(write: () => T): T {
    return guardedList(`Cannot write to the suppression list '${this.#path}'`, () => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        const result = write();
        this.#database.exec("COMMIT");
        return result;
      } catch (error) {
        try {
          this.#database.exec("ROLLBACK");
        } catch {
          // On a full disk, SQLite has already rolled back; the first error is the one to report.
        }
        throw error;
      }
    });
  }
}

/** A row as stored. */
export interface SuppressionRow {
  readonly key: string;
  readonly at: number;
  readonly campaign: string | null;
  readonly source: string;
  readonly reason: string | null;
}

export function suppressedOf({ key, at, campaign, source, reason }: SuppressionRow): Suppressed {
  return {
    key,
    at,
    campaign: campaign ?? undefined,
    source: source as SuppressionSource,
    reason: reason ?? undefined,
  };
}
