import { StorageError } from "../../../sqlite/storage_error.ts";
import { after } from "../../../time/clock.ts";
import type { SqliteStore } from "../store.ts";
import * as sql from "../statements.ts";
import type { WriterState } from "../writer_state.ts";

/** Maximum lag of the tally in the file while a campaign runs. */
const LAG_MS = 100;

/** Writes the tally into the file for processes that read it while a campaign runs. */
export class TallyWriter implements Disposable {
  readonly #store: SqliteStore;
  readonly #writer: WriterState;
  /** Set while the tally in the file is out of date. */
  #timer: Disposable | undefined;

  constructor(store: SqliteStore, writer: WriterState) {
    this.#store = store;
    this.#writer = writer;
  }

  /** Writes it; call it inside a transaction. `exact`: nothing will change any more, so opening the ledger needs no count. */
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

  /** Ignores storage errors: if they persist, the next writer gets them. */
  #writeNow(): void {
    this.#timer = undefined;
    try {
      this.#store.commit(() => this.write(false));
    } catch (error) {
      if (!(error instanceof StorageError)) throw error;
    }
  }
}
