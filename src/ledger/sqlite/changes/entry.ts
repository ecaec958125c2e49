import { wallTime } from "../../../time/clock.ts";
import { type BadRow, foldedCells, type Recipient } from "../../../model/recipient.ts";
import type { Claim, ListEntry } from "../../ledger.ts";
import { LEFT_OUT_STATES } from "../../returning.ts";
import { findCopied, markCopy } from "./copies.ts";
import { isRetried, queueOne } from "./retry.ts";
import type { SqliteStore } from "../store.ts";
import { findReplaced } from "../by_hand/replacement.ts";
import type { WriterState } from "../writer_state.ts";
import * as sql from "../statements.ts";
import type { State } from "../../../model/state.ts";
import { stateNumber, stateOf } from "../state_numbers.ts";

/** Enters one row of the list; call it inside a transaction. */
export function enter(store: SqliteStore, writer: WriterState, { row, skip }: ListEntry): Claim {
  if (row.kind === "bad-row") return enterBad(store, writer, row);
  if (row.copyOf !== undefined) return enterCopy(store, writer, row, skip);
  const known = writer.keys.find(row.key);
  if (known !== undefined) return meet(store, writer, row, read(store, known), skip);
  return enterNew(store, writer, row, skip);
}

/** Enters a copy, which follows the row whose mail it is in the same transaction. */
function enterCopy(
  store: SqliteStore,
  writer: WriterState,
  row: Recipient,
  skip: string | undefined,
): Claim {
  const copied = findCopied(store, writer, row);
  if (copied === undefined) return { kind: "skipped", reason: "Copy of a duplicate" };
  const known = writer.keys.find(row.key);
  if (known !== undefined) return meet(store, writer, row, read(store, known), skip);
  if (!copied.isOpen) return { kind: "skipped", reason: "Copy of a mail of an earlier run" };
  const claim = enterNew(store, writer, row, skip);
  markCopy(store, claim.kind === "job" ? claim.id : writer.keys.find(row.key)!, copied);
  return claim;
}

/** Enters a recipient who is not in the ledger. */
function enterNew(
  store: SqliteStore,
  writer: WriterState,
  row: Recipient,
  skip: string | undefined,
): Claim {
  if (skip !== undefined) return enterSettled(store, writer, "skipped", row.key, row, skip);
  const { lastInsertRowid } = store.statement(sql.ENTER_RECIPIENT)
    .run(row.key, row.line, writer.revision, row.address, JSON.stringify(row.fields));
  const id = Number(lastInsertRowid);
  writer.enter(row.key, id);
  writer.counts.add("claimed");
  writer.hold(id, "claimed");
  return { kind: "job", id };
}

/** An invalid row, unless it is that of a recipient who was replaced: the list is allowed to keep it. */
function enterBad(store: SqliteStore, writer: WriterState, row: BadRow): Claim {
  const replaced = findReplaced(store, writer, row.address);
  if (replaced === undefined) return enterSettled(store, writer, "invalid", null, row, row.reason);
  const { id, key } = replaced;
  return meet(store, writer, { ...row, kind: "recipient", key }, read(store, id), undefined);
}

/** Handles a key that is already in the ledger: from the same row, an earlier row of this list, or an earlier list. */
function meet(
  store: SqliteStore,
  writer: WriterState,
  row: Recipient,
  known: KnownRow,
  skip: string | undefined,
): Claim {
  const state = stateOf(known.state);
  const mayReturn = skip === undefined && known.replaced_by === null;
  if (known.revision === writer.revision) {
    return meetInList(store, writer, row, { ...known, mayReturn });
  }
  store.statement(sql.MEET_AGAIN)
    .run(row.line, writer.revision, row.address, JSON.stringify(row.fields), known.id);
  if (mayReturn && isRetried(writer, row.key, state)) {
    queueOne(store, writer, { id: known.id, state });
    return { kind: "known", id: known.id, state: "queued", due: 0 };
  }
  // Settled by the list or the suppression list, not by a relay, so another list can overrule them.
  if (mayReturn && LEFT_OUT_STATES.some((one) => one === state)) {
    store.statement(sql.REJOIN).run(known.id);
    writer.counts.move(state, "queued");
    return { kind: "known", id: known.id, state: "queued", due: 0 };
  }
  if (skip === undefined || (state !== "queued" && state !== "deferred")) {
    return { kind: "known", id: known.id, state, due: known.not_before ?? undefined };
  }
  store.statement(sql.SKIP_ONE).run(skip, wallTime(), known.id);
  writer.counts.move(state, "skipped");
  return { kind: "skipped", reason: skip };
}

/** Handles a key that the current list has had before: in this very row, or in an earlier one. */
function meetInList(
  store: SqliteStore,
  writer: WriterState,
  row: Recipient,
  known: KnownRow & { readonly mayReturn: boolean },
): Claim {
  const state = stateOf(known.state);
  if (known.line === row.line) {
    if (known.mayReturn && isRetriedNow(writer, row.key, { id: known.id, state })) {
      writer.retried.add(known.id);
      queueOne(store, writer, { id: known.id, state });
      return { kind: "known", id: known.id, state: "queued", due: 0 };
    }
    return { kind: "known", id: known.id, state, due: known.not_before ?? undefined };
  }
  return enterSettled(
    store,
    writer,
    "skipped",
    null,
    row,
    duplicateReason(store, writer, row, known),
  );
}

/** Returns whether a condition has chosen somebody who is to be tried again; a second pass does not queue them again. */
function isRetriedNow(
  writer: WriterState,
  key: string,
  { id, state }: { readonly id: number; readonly state: State },
): boolean {
  return writer.facts.choice !== undefined && !writer.retried.has(id) &&
    isRetried(writer, key, state);
}

/** Says of which row it is a duplicate, and if it is not a mere repetition. */
function duplicateReason(
  store: SqliteStore,
  { facts }: WriterState,
  { fields }: Recipient,
  { id, line }: KnownRow,
): string {
  const stored = store.statement(sql.READ_FIELDS).get(id) as { fields: string };
  const folded = (cells: readonly string[]) => foldedCells(cells, facts.scan?.columns.email);
  const isSame = folded(fields) === folded(JSON.parse(stored.fields) as string[]);
  return `Duplicate of line ${line}${isSame ? "" : ", with different cells"}`;
}

function enterSettled(
  store: SqliteStore,
  writer: WriterState,
  state: "invalid" | "skipped",
  key: string | null,
  row: ListEntry["row"],
  reason: string,
): Claim {
  const { line, address } = row;
  const { changes, lastInsertRowid } = store.statement(sql.ENTER_SETTLED).run(
    key,
    line,
    writer.revision,
    stateNumber(state),
    address,
    JSON.stringify(row.fields),
    reason,
    wallTime(),
  );
  // The same line of this list is already there.
  if (changes === 0) return { kind: state, reason };
  if (key !== null) writer.enter(key, Number(lastInsertRowid));
  writer.counts.add(state);
  return { kind: state, reason };
}

/** The columns read of a row that is already in the ledger. */
interface KnownRow {
  readonly id: number;
  readonly line: number;
  readonly revision: number;
  readonly state: number;
  readonly not_before: number | null;
  /** Key of the recipient who gets the mail instead. */
  readonly replaced_by: string | null;
}

function read(store: SqliteStore, id: number): KnownRow {
  return store.statement(sql.READ_KNOWN).get(id) as unknown as KnownRow;
}
