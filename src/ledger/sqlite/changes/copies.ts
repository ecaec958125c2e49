import type { Recipient } from "../../../model/recipient.ts";
import type { State } from "../../../model/state.ts";
import type { SqliteStore } from "../store.ts";
import { stateOf } from "../state_numbers.ts";
import type { WriterState } from "../writer_state.ts";
import * as sql from "../statements.ts";

/** Name of the fact that a ledger has, or had, copies. */
export const HAS_COPIES = "has-copies";

/** States in which a mail may have left. Those who are named only later get no copy of it. */
const MAILED: readonly State[] = ["sent", "failed", "in-doubt", "handed-over"];

/** The row of the recipient whose mail is copied. */
export interface CopiedRow {
  readonly id: number;
  /** The mail may still go out, so a copy that is not in the ledger is entered. */
  readonly isOpen: boolean;
}

/**
 * Finds the row whose mail is copied; it has been entered just before. Undefined if that row of the list is not the
 * recipient's: a duplicate, of which there is no mail.
 */
export function findCopied(
  store: SqliteStore,
  writer: WriterState,
  { copyOf, line }: Recipient,
): CopiedRow | undefined {
  const id = copyOf && writer.keys.find(copyOf.key);
  if (id === undefined) return undefined;
  const row = store.statement(sql.READ_KNOWN).get(id) as {
    readonly line: number;
    readonly revision: number;
    readonly state: number;
    readonly replaced_by: string | null;
  };
  if (row.line !== line || row.revision !== writer.revision) return undefined;
  return { id, isOpen: row.replaced_by === null && !MAILED.includes(stateOf(row.state)) };
}

/** Marks a new row as a copy. */
export function markCopy(store: SqliteStore, id: number, copied: CopiedRow): void {
  store.statement(sql.MARK_COPY).run(copied.id, id);
  if (store.fact(HAS_COPIES) === undefined) store.setFact(HAS_COPIES, true);
}

/** Reads whose mail a row is a copy of; nothing for a recipient of the list. */
export function readCopied(store: SqliteStore, id: number | null): Pick<Recipient, "copyOf"> {
  if (id === null) return {};
  const { key, address } = store.statement(sql.READ_COPIED).get(id) as {
    key: string;
    address: string;
  };
  return { copyOf: { key, address } };
}
