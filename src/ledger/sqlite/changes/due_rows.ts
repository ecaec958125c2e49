import type { DueRecipient, LeftOut, LeftOutPlace, ReturningKind } from "../../returning.ts";
import { LONGEST_DEFERRAL_MS, SET_ASIDE } from "../../../model/outcome.ts";
import { readRecipient, type StoredRecipient } from "./stored_recipient.ts";
import type { SqliteStore } from "../store.ts";
import type { WriterState } from "../writer_state.ts";
import type { State } from "../../../model/state.ts";
import { CLAIM_LEFT_OUT, leftOut, leftOutOf } from "./left_out.ts";
import * as sql from "../statements.ts";
import { stateOf } from "../state_numbers.ts";

/** A row of the statements that find recipients to mail. */
interface DueRow extends StoredRecipient {
  readonly attempts: number;
  readonly first_tried_at: number | null;
  readonly state: number;
}

/** Finds the rows that can be claimed now. The queries are those of the `Ledger` contract. */
export class DueRows {
  readonly #store: SqliteStore;
  readonly #writer: WriterState;

  constructor(store: SqliteStore, writer: WriterState) {
    this.#store = store;
    this.#writer = writer;
  }

  due(now: number, limit: number): unknown[] {
    if (this.#writer.nobodyWaits) return [];
    const due = this.#store.statement(sql.DUE);
    const { revision } = this.#writer;
    const rows = due.all(revision, 0, now, limit);
    const ahead = now + LONGEST_DEFERRAL_MS + 1;
    return [...rows, ...due.all(revision, ahead, SET_ASIDE - 1, limit - rows.length)];
  }

  /** Returns the rows among `ids` that are of this kind. */
  ofRows(kind: ReturningKind, ids: readonly number[], now: number): unknown[] {
    const { revision } = this.#writer;
    const rows = JSON.stringify(ids);
    switch (kind) {
      case "due": {
        const ahead = now + LONGEST_DEFERRAL_MS + 1;
        return this.#store.statement(sql.DUE_OF_ROWS)
          .all(rows, revision, now, ahead, SET_ASIDE - 1);
      }
      case "set-aside":
        return this.#store.statement(sql.SET_ASIDE_OF_ROWS).all(rows, SET_ASIDE, revision);
      case "in-doubt":
        return this.#store.statement(sql.DOUBTED_OF_ROWS).all(rows, revision);
      case "left-out":
        return leftOutOf(this.#store, revision, ids);
    }
  }

  longestSetAside(): number | undefined {
    if (this.#writer.nobodyWaits) return undefined;
    const { revision } = this.#writer;
    const row = this.#store.statement(sql.LONGEST_SET_ASIDE).get(SET_ASIDE, revision);
    return (row as { id: number } | undefined)?.id;
  }

  setAside(from: number, to: number, limit: number): unknown[] {
    if (this.#writer.nobodyWaits) return [];
    const { revision } = this.#writer;
    return this.#store.statement(sql.SET_ASIDE_BETWEEN).all(SET_ASIDE, revision, from, to, limit);
  }

  allInDoubt(): number[] {
    if (this.#writer.counts.of("in-doubt") === 0) return [];
    const rows = this.#store.statement(sql.IN_DOUBT).all(this.#writer.revision);
    return rows.map((row) => (row as { id: number }).id);
  }

  leftOut(place: LeftOutPlace): readonly LeftOut[] {
    if ("state" in place && this.#writer.counts.of(place.state) === 0) return [];
    return leftOut(this.#store, this.#writer.revision, place);
  }

  nextDue(now: number): number | undefined {
    if (this.#writer.nobodyWaits) return undefined;
    const row = this.#store.statement(sql.NEXT_DUE).get(this.#writer.revision, SET_ASIDE);
    const { due } = row as { due: number | null };
    if (due === null) return undefined;
    return due > now + LONGEST_DEFERRAL_MS ? now : due;
  }
}

/** How recipients are claimed who do not wait. */
const CLAIM_FROM: Readonly<Partial<Record<State, string>>> = {
  "in-doubt": sql.CLAIM_IN_DOUBT,
  "invalid": CLAIM_LEFT_OUT,
  "skipped": CLAIM_LEFT_OUT,
};

/** Claims a recipient who waits, is in doubt or was left out; call it inside a transaction. */
export function claimRow(
  store: SqliteStore,
  writer: WriterState,
  found: unknown,
  now: number,
): DueRecipient {
  const row = found as DueRow;
  const { id, attempts, first_tried_at, state } = row;
  const from = stateOf(state);
  store.statement(CLAIM_FROM[from] ?? sql.CLAIM).run(now, id);
  writer.counts.move(from, "claimed");
  writer.hold(id, "claimed");
  if (from === "in-doubt") writer.wereInDoubt.add(id);
  return {
    id,
    recipient: readRecipient(store, row),
    attempts,
    firstTriedAt: first_tried_at === null ? undefined : Math.min(first_tried_at, now),
  };
}
