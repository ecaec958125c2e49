import type { Tally } from "../report/tally.ts";
import type {
  CampaignFacts,
  Change,
  Claim,
  Entry,
  Ledger,
  LedgerRow,
  Opened,
  Owed,
} from "./ledger.ts";
import { countsAsTry } from "./outcome.ts";
import { guarded, lockLedger, openForWriting } from "./sqlite_file.ts";
import { enter } from "./sqlite_entry.ts";
import { recount, takeOver } from "./sqlite_recovery.ts";
import { readRows } from "./sqlite_rows.ts";
import { SqliteStore } from "./sqlite_store.ts";
import { newStanding } from "./standing.ts";
import * as sql from "./statements.ts";
import { type State, stateNumber, stateOf } from "./state.ts";

/** A server's text is kept up to this many characters; longer ones are legal (RFC 5321, 4.5.3.1.5) and say no more. */
const LONGEST_TEXT = 500;

/** How a ledger is opened to send from it. */
export interface SqliteOptions {
  readonly path: string;
  readonly facts: CampaignFacts;
  /** Set recipients in doubt back to the queue: they may get a second mail. */
  readonly resendInDoubt: boolean;
}

/**
 * The ledger as one SQLite file. Statements run on the calling thread (some microseconds each); what costs is the commit,
 * so everything comes in batches.
 *
 * @throws {LedgerError} when the file is not ours, is newer, is in use by another process, or cannot be written
 */
export class SqliteLedger implements Ledger {
  readonly opened: Opened;
  readonly #path: string;
  readonly #store: SqliteStore;
  readonly #lock: Disposable;
  readonly #standing = newStanding();

  constructor(options: SqliteOptions) {
    this.#path = options.path;
    const database = openForWriting(options.path);
    this.#store = new SqliteStore(database, options.path);
    try {
      this.#lock = lockLedger(options.path, database);
    } catch (error) {
      database.close();
      throw error;
    }
    try {
      this.opened = this.#commit(() =>
        takeOver(this.#store, this.#standing, options.facts, options.resendInDoubt)
      );
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  claim(entries: readonly Entry[], upToLine: number | undefined): Promise<readonly Claim[]> {
    return promised(() =>
      this.#commit(() => {
        if (upToLine !== undefined) this.#standing.upToLine = upToLine;
        return entries.map((entry) => enter(this.#store, this.#standing, entry));
      })
    );
  }

  claimDue(now: number, limit: number, keys?: readonly string[]): Promise<readonly Owed[]> {
    return promised(() => {
      const rows = keys === undefined
        ? this.#store.statement(sql.DUE).all(now, this.#standing.revision, limit)
        : this.#store.statement(sql.DUE_OF_KEYS).all(
          JSON.stringify(keys),
          now,
          this.#standing.revision,
          limit,
        );
      if (rows.length === 0) return [];
      return this.#commit(() => rows.map((row) => this.#claimAgain(row as unknown as DueRow)));
    });
  }

  nextDue(keys?: readonly string[]): Promise<number | undefined> {
    return promised(() => {
      const row = keys === undefined
        ? this.#store.statement(sql.NEXT_DUE).get(this.#standing.revision)
        : this.#store.statement(sql.NEXT_DUE_OF_KEYS).get(
          JSON.stringify(keys),
          this.#standing.revision,
        );
      return (row as { due: number | null }).due ?? undefined;
    });
  }

  write(changes: readonly Change[]): Promise<void> {
    return promised(() => {
      const { counts, open } = this.#standing;
      const [countsBefore, openBefore] = [
        [...counts.toJSON()],
        changes.map(({ id }) => open.get(id)),
      ];
      try {
        this.#commit(() => changes.forEach((change) => this.#apply(change)));
      } catch (error) {
        // What is not in the file must not be in memory: the caller may try once more when there is room again.
        counts.load(countsBefore);
        changes.forEach(({ id }, index) => openBefore[index] && open.set(id, openBefore[index]));
        throw error;
      }
    });
  }

  skipMissing(list: string): Promise<number> {
    return promised(() => {
      if (this.#standing.counts.of("queued") + this.#standing.counts.of("deferred") === 0) return 0;
      return this.#commit(() => {
        const reason = `No longer in ${list}`;
        const { changes } = this.#store.statement(sql.SKIP_MISSING).run(
          Date.now(),
          reason,
          this.#standing.revision,
        );
        if (changes !== 0) recount(this.#store, this.#standing);
        return Number(changes);
      });
    });
  }

  tally(): Tally {
    return this.#standing.counts.tally();
  }

  rows(states?: readonly State[]): AsyncIterable<LedgerRow> {
    return readRows(this.#store, states);
  }

  /** Only the log needs it: the file itself is synced by SQLite before the log is used anew. */
  async sync(): Promise<void> {
    try {
      using log = await Deno.open(`${this.#path}-wal`, { read: true, write: true });
      await log.syncData();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      guarded(`Cannot bring the ledger '${this.#path}' to the disk`, () => {
        throw error;
      });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return promised(() => {
      try {
        this.#releaseClaimed();
      } finally {
        this.#close();
      }
    });
  }

  #releaseClaimed(): void {
    const { counts, open } = this.#standing;
    if (counts.of("claimed") === 0) return;
    this.#commit(() => {
      for (const [id, state] of open) {
        if (state === "handed-over") continue;
        this.#store.statement(sql.RELEASE).run(id);
        open.delete(id);
        counts.move("claimed", "queued");
      }
    });
  }

  #close(): void {
    try {
      this.#store[Symbol.dispose]();
    } finally {
      this.#lock[Symbol.dispose]();
    }
  }

  #claimAgain(row: DueRow): Owed {
    this.#store.statement(sql.CLAIM).run(row.id);
    this.#standing.counts.move(stateOf(row.state), "claimed");
    this.#standing.open.set(row.id, "claimed");
    const { key, line, address } = row;
    return {
      id: row.id,
      recipient: {
        kind: "recipient",
        key,
        line,
        address,
        fields: JSON.parse(row.fields) as string[],
      },
      attempts: row.attempts,
      firstTriedAt: row.first_tried_at ?? undefined,
    };
  }

  #apply(change: Change): void {
    const { id } = change;
    const { counts, open } = this.#standing;
    if (change.kind === "requeued") {
      this.#store.statement(sql.REQUEUE).run(id);
      return counts.move("failed", "queued");
    }
    const from = open.get(id);
    if (from === undefined) {
      throw new RangeError(`Cannot change recipient ${id} as this process has not claimed it`);
    }
    if (change.kind === "handed-over") {
      this.#store.statement(sql.HAND_OVER).run(change.relay, change.messageId, change.at, id);
      open.set(id, "handed-over");
      return counts.move(from, "handed-over");
    }
    this.#settle(change);
    open.delete(id);
    counts.move(from, change.outcome.state);
  }

  #settle({ id, at, relay, messageId, outcome }: Change & { kind: "outcome" }): void {
    const { reply } = outcome;
    this.#store.statement(sql.SETTLE).run(
      stateNumber(outcome.state),
      countsAsTry(outcome) ? 1 : 0,
      outcome.state === "deferred" ? outcome.notBefore : null,
      at,
      at,
      reply?.code ?? null,
      reply?.enhanced ?? null,
      reply?.text.slice(0, LONGEST_TEXT) ?? null,
      outcome.stage ?? null,
      relay,
      messageId,
      outcome.state === "sent" ? null : outcome.reason.slice(0, LONGEST_TEXT),
      id,
    );
  }

  /** Whatever is written, the tally goes with it, so that opening a ledger of any size counts nothing. */
  #commit<T>(run: () => T): T {
    return this.#store.commit(() => {
      const result = run();
      let openFrom = this.#standing.lastId + 1;
      for (const id of this.#standing.open.keys()) if (id < openFrom) openFrom = id;
      this.#store.statement(sql.WRITE_TALLY).run(
        JSON.stringify(this.#standing.counts),
        openFrom,
        this.#standing.upToLine,
      );
      return result;
    });
  }
}

interface DueRow {
  readonly id: number;
  readonly key: string;
  readonly line: number;
  readonly address: string;
  readonly fields: string;
  readonly attempts: number;
  readonly first_tried_at: number | null;
  readonly state: number;
}

/** The store answers at once; its callers wait for it as they would for a store across a network. */
function promised<T>(run: () => T): Promise<T> {
  return new Promise((resolve) => resolve(run()));
}
