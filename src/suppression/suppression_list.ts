import type { Database } from "../sqlite/database.ts";
import { guarded } from "../sqlite/guarded.ts";
import type { Suppressed, SuppressionSource } from "./suppression.ts";
import { openToRead, openToWrite } from "./suppression_database.ts";
import * as sql from "./suppression_statements.ts";

/** Opens the suppression list to write to it, creating it where there is none. @throws {StorageError} */
export function openSuppressionList(path: string): SuppressionList {
  return new SuppressionList(openToWrite(path), path);
}

/** Opens the suppression list to read it; undefined where there is none. @throws {StorageError} */
export function readSuppressionList(path: string): SuppressionList | undefined {
  const database = openToRead(path);
  return database && new SuppressionList(database, path);
}

/**
 * Who must get no mail from any campaign: one SQLite file that several processes read and write at once.
 *
 * Every method throws a `StorageError` where the file cannot be read or written.
 */
export class SuppressionList implements Disposable {
  readonly #database: Database;
  readonly #path: string;

  constructor(database: Database, path: string) {
    this.#database = database;
    this.#path = path;
  }

  /** Enters all or none, and has them on the disk when it returns. Earlier entries stay as they are. Returns how many are new. */
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

  /** Takes addresses off the list; returns those that were on it. */
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

  /** All of them, oldest first, as they are when it begins. */
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
    return guarded(`Cannot read the suppression list '${this.#path}'`, read);
  }

  #commit<T>(write: () => T): T {
    return guarded(`Cannot write to the suppression list '${this.#path}'`, () => {
      this.#database.exec("BEGIN IMMEDIATE");
      try {
        const result = write();
        this.#database.exec("COMMIT");
        return result;
      } catch (error) {
        try {
          this.#database.exec("ROLLBACK");
        } catch {
          // A full disk ends the transaction by itself; the first error is the one to report.
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
