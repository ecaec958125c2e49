import assert from "node:assert/strict";
import type { CampaignFacts, LedgerRow } from "../../../src/ledger/ledger.ts";
import { openLedgerReader } from "../../../src/ledger/sqlite/reader.ts";
import { readRowsAtRest } from "../../../src/ledger/sqlite/rows.ts";
import { SqliteStore } from "../../../src/ledger/sqlite/store.ts";
import type { State } from "../../../src/model/state.ts";
import { Database } from "../../../src/sqlite/database.ts";
import { resultNow } from "./world/turns.ts";

/** What the ledger holds, as the next run will find it. */
export interface Observation {
  readonly rows: readonly LedgerRow[];
  /** By recipients' keys. */
  readonly byKey: ReadonlyMap<string, LedgerRow>;
  keysIn(state: State): ReadonlySet<string>;
  count(state: State): number;
  /** Rows that are claimed or handed over, by a process that is running or was killed. */
  readonly held: number;
  /** The list and the template of the last run, as the program identifies them. */
  readonly facts: Pick<CampaignFacts, "list" | "template"> | undefined;
}

export const NOTHING_YET: Observation = observationOf([], 0, undefined);

/** Reads a ledger that no run is using; it has no rows if it does not exist yet. */
export function observe(path: string): Observation {
  let database: Database;
  try {
    database = new Database(path, { readOnly: true });
  } catch {
    return NOTHING_YET;
  }
  try {
    const { tables } = database.prepare("SELECT count(*) AS tables FROM sqlite_schema").get() as {
      tables: number;
    };
    if (tables === 0) return NOTHING_YET;
    const rows = rowsOf(readRowsAtRest(new SqliteStore(database, path), path));
    const { held } = database.prepare(COUNT_HELD).get() as { held: number };
    const fact = database.prepare(READ_CAMPAIGN).get() as { value: string } | undefined;
    return observationOf(rows, held, fact && JSON.parse(fact.value) as CampaignFacts);
  } finally {
    database.close();
  }
}

/** `status` and `export` report what was observed. They also look for a running process, which takes time. */
export function assertReported(path: string, { rows, count }: Observation): void {
  if (rows.length === 0) return;
  using reader = openLedgerReader(path);
  assert.deepEqual(rowsOf(reader.rows()), rows);
  const { total, queued, deferred, sent, failed, invalid, skipped, inDoubt } = resultNow(
    reader.tally(),
  );
  assert.deepEqual(
    [total, queued, deferred, sent, failed, invalid, skipped, inDoubt],
    [rows.length, ...STATES.map(count)],
  );
}

const COUNT_HELD = "SELECT count(*) AS held FROM recipient WHERE state IN (1, 2)";

const READ_CAMPAIGN = "SELECT value FROM fact WHERE name = 'campaign'";

const STATES = ["queued", "deferred", "sent", "failed", "invalid", "skipped", "in-doubt"] as const;

function rowsOf(rows: AsyncIterable<LedgerRow>): readonly LedgerRow[] {
  return resultNow(Array.fromAsync(rows));
}

function observationOf(
  rows: readonly LedgerRow[],
  held: number,
  facts: Observation["facts"],
): Observation {
  return {
    held,
    facts,
    rows,
    byKey: new Map(rows.flatMap((row) => row.key === undefined ? [] : [[row.key, row]])),
    keysIn: (state) => new Set(rows.flatMap((row) => row.state === state ? row.key ?? [] : [])),
    count: (state) => rows.filter((row) => row.state === state).length,
  };
}
