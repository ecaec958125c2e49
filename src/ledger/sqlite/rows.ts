import { guarded } from "../../sqlite/guarded.ts";
import type { AttachedFile } from "../../model/mail.ts";
import type { Acceptance, LedgerRow } from "../ledger.ts";
import { cellsByPresentColumns } from "./list_columns.ts";
import type { SqliteStore } from "./store.ts";
import { ALL_ROWS, READ_RUN, ROWS_IN_STATES } from "./statements.ts";
import { type State, STATES, withoutHolder } from "../../model/state.ts";
import { stateNumber, stateOf } from "./state_numbers.ts";

/** Yields the recipients in list order, in constant memory. */
export async function* readRows(
  store: SqliteStore,
  path: string,
  states?: readonly State[],
): AsyncGenerator<LedgerRow> {
  const read = <T>(run: () => T): T => guarded(`Cannot read the ledger '${path}'`, run);
  const cellsOf = read(() => cellsByPresentColumns(store));
  const templateOf = templatesOfRuns(store);
  let after = 0;
  for (;;) {
    const rows = read(() => page(store, after, states));
    for (const row of rows) yield read(() => toLedgerRow(row, cellsOf, templateOf));
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.id;
  }
}

/** Yields them in the states in which the next run will find them: what a dead process held is queued or in doubt. */
export async function* readRowsAtRest(
  store: SqliteStore,
  path: string,
  states?: readonly State[],
): AsyncGenerator<LedgerRow> {
  // A claimed row may have been in doubt before.
  const stored = states &&
    STATES.filter((state) => states.includes(withoutHolder(state)) || state === "claimed");
  for await (const row of readRows(store, path, stored)) {
    const state = stateAtRest(row);
    if (states !== undefined && !states.includes(state)) continue;
    if (state === row.state) yield row;
    else yield { ...row, state, ...(row.state === "handed-over" ? { reason: ABANDONED } : {}) };
  }
}

function stateAtRest({ state, relay, notBefore }: LedgerRow): State {
  const wasInDoubt = state === "claimed" && relay !== undefined && notBefore === undefined;
  return wasInDoubt ? "in-doubt" : withoutHolder(state);
}

const ABANDONED = "Handed over when the process ended; no reply was recorded";

/**
 * Rows read at a time. A statement left open while its reader waits would block checkpoints, and two readers of one
 * statement would get each other's rows.
 */
const PAGE = 500;

function page(store: SqliteStore, after: number, states?: readonly State[]): StoredRow[] {
  const rows = states === undefined
    ? store.statement(ALL_ROWS).all(after, PAGE)
    : store.statement(ROWS_IN_STATES).all(after, JSON.stringify(states.map(stateNumber)), PAGE);
  return rows as unknown as StoredRow[];
}

interface StoredRow {
  readonly id: number;
  readonly key: string | null;
  readonly line: number;
  readonly revision: number;
  readonly address: string;
  readonly fields: string;
  readonly state: number;
  readonly attempts: number;
  readonly code: number | null;
  readonly enhanced: string | null;
  readonly reply: string | null;
  readonly stage: string | null;
  readonly relay: string | null;
  readonly message_id: string | null;
  readonly at: number | null;
  readonly not_before: number | null;
  readonly reason: string | null;
  /** Missing in ledgers of earlier versions. */
  readonly copy_of?: number | null;
  /** These, and all others of version 4, are missing in a ledger of an earlier version. */
  readonly run?: number | null;
  readonly size?: number | null;
  readonly attachments?: string | null;
  readonly accepted?: string | null;
}

function toLedgerRow(
  row: StoredRow,
  cellsOf: ReturnType<typeof cellsByPresentColumns>,
  templateOf: (run: number) => string | undefined,
): LedgerRow {
  const { revision, address } = row;
  const run = row.run ?? undefined;
  return {
    id: row.id,
    key: row.key ?? undefined,
    line: row.line,
    address: row.address,
    fields: cellsOf({ revision, address, fields: JSON.parse(row.fields) as string[] }),
    state: stateOf(row.state),
    attempts: row.attempts,
    code: row.code ?? undefined,
    enhanced: row.enhanced ?? undefined,
    reply: row.reply ?? undefined,
    stage: row.stage ?? undefined,
    relay: row.relay ?? undefined,
    messageId: row.message_id ?? undefined,
    at: row.at ?? undefined,
    notBefore: row.not_before ?? undefined,
    reason: row.reason ?? undefined,
    ...(row.copy_of != null && { copyOf: row.copy_of }),
    run,
    template: run === undefined ? undefined : templateOf(run),
    size: row.size ?? undefined,
    attachments: attachmentsOf(row),
    accepted: acceptanceOf(row),
  };
}

function attachmentsOf({ attachments }: StoredRow): readonly AttachedFile[] | undefined {
  if (attachments === undefined || attachments === null) return undefined;
  const pairs = JSON.parse(attachments) as [name: string, sha256: string][];
  return pairs.map(([name, sha256]) => ({ name, sha256 }));
}

/** The relay's own acceptance is in the row itself, unless the mail bounced later; then it was kept. */
function acceptanceOf(row: StoredRow): Acceptance | undefined {
  const { at, code, enhanced, reply } = row;
  const isAccepted = stateOf(row.state) === "sent" && at !== null &&
    code !== null && code >= 200 && code < 300;
  if (isAccepted) return { at, code, enhanced: enhanced ?? undefined, text: reply ?? "" };
  if (row.accepted === undefined || row.accepted === null) return undefined;
  const kept = JSON.parse(row.accepted) as StoredAcceptance;
  return { ...kept, enhanced: kept.enhanced ?? undefined };
}

/** Column `accepted`, as `FAIL_BOUNCED` writes it. */
interface StoredAcceptance {
  readonly at: number;
  readonly code: number;
  readonly enhanced: string | null;
  readonly text: string;
}

/** Returns what the mails of each run were made from; there are few runs, and each is looked up once. */
function templatesOfRuns(store: SqliteStore): (run: number) => string | undefined {
  const known = new Map<number, string>();
  return (run) => {
    const before = known.get(run);
    if (before !== undefined) return before;
    const row = store.statement(READ_RUN).get(run) as { template: string } | undefined;
    if (row !== undefined) known.set(run, row.template);
    return row?.template;
  };
}
