import type { Database, Statement } from "./database.ts";
import { guarded } from "./guarded.ts";
import { whySuppressed } from "./suppression.ts";
import { openToRead } from "./suppression_file.ts";
import { type Row, suppressedOf } from "./suppression_list.ts";
import * as sql from "./suppression_statements.ts";

/** How often a list that is not there is looked for. */
const LOOK_AGAIN_MS = 1_000;

/** The statements of a list that is there. */
interface Opened {
  readonly database: Database;
  readonly begin: Statement;
  readonly find: Statement;
  readonly commit: Statement;
}

/**
 * The suppression list as a run looks into it, while others write: who is entered before the question is asked is known to
 * the answer. A list that is not there yet is found within a second of being made.
 *
 * Questions asked in one go, without an `await` between them, are answered from one snapshot: a transaction for each would
 * cost ten times as much as its question.
 */
export class SuppressionWatch implements Disposable {
  readonly #path: string;
  readonly #now: () => number;
  #opened: Opened | undefined;
  #inSnapshot = false;
  #lookedAt: number;

  /** @throws {LedgerError} When it is there and cannot be read. */
  constructor(path: string, now: () => number = () => performance.now()) {
    this.#path = path;
    this.#now = now;
    this.#lookedAt = now();
    this.#open();
  }

  /** There is a list. */
  get isThere(): boolean {
    return this.#opened !== undefined;
  }

  /**
   * Why this recipient gets no mail: "unsubscribed 2026-11-24 (campaign spring)"; undefined for who may be mailed.
   *
   * @throws {LedgerError} When the list cannot be read: then nobody may be mailed.
   */
  why(key: string): string | undefined {
    if (this.#opened === undefined && !this.#looksAgain()) return undefined;
    const row = guarded(`Cannot read the suppression list '${this.#path}'`, () => {
      const { find } = this.#opened!;
      this.#holdSnapshot();
      return find.get(key) as unknown as Row | undefined;
    });
    return row && whySuppressed(suppressedOf(row));
  }

  [Symbol.dispose](): void {
    this.#opened?.database.close();
    this.#opened = undefined;
  }

  #looksAgain(): boolean {
    const now = this.#now();
    if (now - this.#lookedAt < LOOK_AGAIN_MS) return false;
    this.#lookedAt = now;
    this.#open();
    return this.isThere;
  }

  #open(): void {
    const database = openToRead(this.#path);
    if (database === undefined) return;
    this.#opened = guarded(`Cannot read the suppression list '${this.#path}'`, () => ({
      database,
      begin: database.prepare("BEGIN"),
      find: database.prepare(sql.FIND),
      commit: database.prepare("COMMIT"),
    }));
  }

  /** Holds the present state of the list until whoever is asking comes to a stop. */
  #holdSnapshot(): void {
    if (this.#inSnapshot) return;
    this.#opened!.begin.run();
    this.#inSnapshot = true;
    queueMicrotask(() => {
      this.#inSnapshot = false;
      try {
        this.#opened?.commit.run();
      } catch {
        // A failed question may have ended the transaction already; where it has not, the next one cannot begin and says so.
      }
    });
  }
}
