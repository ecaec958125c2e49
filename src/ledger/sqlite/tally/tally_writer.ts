import { StorageError } from "../../../sqlite/storage_error.ts";
import { after } from "../../../time/clock.ts";
import type { SqliteStore } from "../store.ts";
import * as sql from "../statements.ts";
import type { WriterState } from "../writer_state.ts";

/** How far the tally in the file lags behind while a campaign runs. */
const LAG_MS = 100;

/** Writes the tally into the file for those who only read it while a campaign runs. */
export class TallyWriter implements Disposable {
  readonly #store: SqliteStore;
  readonly #writer: WriterState;
  /** Runs while there are changes that the tally in the file does not show. */
  #timer: Disposable | undefined;

  constructor(store: SqliteStore, writer: WriterState) {
    this.#store = store;
    this.#writer = writer;
  }

  /** Writes it; inside a transaction. `exact`: nothing changes any more, so that whoever opens the ledger need not count. */
  write(exact: boolean): void {
    const { counts, upToLine } = this.#writer;
    this.#store.statement(sql.WRITE_TALLY).run(JSON.stringify(counts), upToLine, exact ? 1 : 0);
  }

  /** Writes it soon. */
  writeLater(): void {
    this.#timer ??= after(LAG_MS, () => this.#writeNow());
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  /** A failure is left to the next writer, who gets the error or has no trouble. */
  #writeNow(): void {
    this.#timer = undefined;
    try {
      this.#store.commit(() => this.write(false));
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
    }
  }
}
