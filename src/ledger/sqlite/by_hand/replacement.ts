import { wallTime } from "../../../time/clock.ts";
import type { CampaignFacts } from "../../ledger.ts";
import {
  REPLACEABLE,
  type Replacement,
  type ReplacementResult,
} from "../../by_hand/replacement.ts";
import { withoutHolder } from "../../../model/state.ts";
import { openForWriting } from "../file/ledger_file.ts";
import { KeyIndex } from "../key_index.ts";
import { STATE_NUMBERS, stateOf } from "../state_numbers.ts";
import { READ_KEYED, READ_KNOWN, WRITE_COUNTS } from "../statements.ts";
import { SqliteStore } from "../store.ts";
import type { StateCounts } from "../tally/state_counts.ts";
import { readTally } from "../tally/stored_tally.ts";
import type { WriterState } from "../writer_state.ts";

/** Invalid rows that are no recipients. Reads every row, on request. */
const INVALID_ROWS = `SELECT id, key, state, replaced_by, address FROM recipient
   WHERE key IS NULL AND state = ${STATE_NUMBERS.invalid} ORDER BY id`;

/** Skips a recipient, for good, because another one gets the mail. */
const REPLACE = `UPDATE recipient SET state = ${STATE_NUMBERS.skipped}, not_before = NULL, at = ?,
   reason = ?, replaced_by = ? WHERE id = ?`;

const GIVE_KEY = `UPDATE recipient SET key = ? WHERE id = ?`;

/** Adds one key to the index, of a row that had none when its neighbours were added. */
const INDEX_KEY = `INSERT INTO recipient_of_key (key, id) VALUES (?, ?)`;

/** Records that one recipient gets the mail of another; see `Replacement`. */
export function replaceRecipient(path: string, replacement: Replacement): ReplacementResult {
  using file = openForWriting(path, "refuse");
  const store = new SqliteStore(file.database, path);
  const keys = new KeyIndex(store);
  const result = store.commit(() => {
    const { counts } = readTally(store);
    const result = replace(store, keys, counts, replacement);
    store.statement(WRITE_COUNTS).run(JSON.stringify(counts));
    return result;
  });
  file.check();
  return result;
}

/** The columns read of a row that is replaced, or replaces. */
interface ReplacedRow {
  readonly id: number;
  readonly key: string;
  readonly state: number;
  readonly replaced_by: string | null;
}

function replace(
  store: SqliteStore,
  keys: KeyIndex,
  counts: StateCounts,
  { old, key, by }: Replacement,
): ReplacementResult {
  const successors = rowsOf(store, keys, by);
  if (successors.length > 1) return { kind: "several", which: "by" };
  const [successor] = successors;
  if (successor === undefined) return { kind: "unknown", which: "by" };
  const own = rowsOf(store, keys, key ?? keyOfInvalid(old));
  if (own.length > 1) return { kind: "several", which: "old" };
  const rows = own.length > 0 ? own : invalidRows(store, old);
  const [row] = rows;
  if (row === undefined) return { kind: "unknown", which: "old" };
  if (row.id === successor.id) return { kind: "itself" };
  if (successor.replaced_by !== null) return { kind: "passed-on", to: successor.replaced_by };
  const before = withoutHolder(stateOf(row.state));
  const isOpen = row.replaced_by !== null || REPLACEABLE.some((state) => state === before);
  if (!isOpen) return { kind: "refused", state: before };
  if (own.length === 0) {
    if (key !== undefined && hasKeyColumn(store)) return { kind: "no-key" };
    // Of two rows with the same invalid address, the second is a duplicate of the first from now on.
    giveKey(store, key ?? keyOfInvalid(old), row.id);
  }
  for (const { id, state } of rows) {
    store.statement(REPLACE).run(wallTime(), `Replaced by ${successor.key}`, successor.key, id);
    counts.move(stateOf(state), "skipped");
  }
  return { kind: "replaced", before };
}

function rowsOf(store: SqliteStore, keys: KeyIndex, name: string): readonly ReplacedRow[] {
  // The key of an invalid row begins with a space, which ends a mailbox.
  const own = name.startsWith(" ") ? [keys.find(name)] : keys.rowsOf(name);
  return own.filter((id) => id !== undefined)
    .map((id) => store.statement(READ_KNOWN).get(id) as unknown as ReplacedRow);
}

function invalidRows(store: SqliteStore, address: string): readonly ReplacedRow[] {
  const rows = store.statement(INVALID_ROWS).iterate() as unknown as Iterable<
    ReplacedRow & { readonly address: string }
  >;
  const wanted = address.trim();
  return [...rows].filter((row) => row.address.trim() === wanted);
}

function hasKeyColumn(store: SqliteStore): boolean {
  return (store.fact("campaign") as CampaignFacts | undefined)?.key !== undefined;
}

/** Gives a row a key, and enters that in the index unless it is still to be indexed with others. */
function giveKey(store: SqliteStore, key: string, id: number): void {
  store.statement(GIVE_KEY).run(key, id);
  const { keyed_up_to } = store.statement(READ_KEYED).get() as { keyed_up_to: number };
  if (id <= keyed_up_to) store.statement(INDEX_KEY).run(key, id);
}

/**
 * The key that an invalid row gets when it is replaced, by which it is found in a changed list. Keys of recipients begin
 * with no space, so that an invalid address is never taken for somebody's key.
 */
function keyOfInvalid(address: string): string {
  return ` ${address.trim()}`;
}

/** Returns the row and key of a replaced recipient with the address of an invalid row; undefined if there is none. */
export function findReplaced(
  store: SqliteStore,
  { keys }: WriterState,
  address: string,
): { readonly id: number; readonly key: string } | undefined {
  if (address.trim() === "") return undefined;
  for (const key of [keyOfInvalid(address), address.trim().toLowerCase()]) {
    const id = keys.find(key);
    if (id === undefined) continue;
    const row = store.statement(READ_KNOWN).get(id) as unknown as ReplacedRow;
    if (row.replaced_by !== null) return { id, key };
  }
  return undefined;
}
