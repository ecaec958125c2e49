import type { LedgerRow } from "../../../src/ledger/ledger.ts";
import { ledgerExists } from "../../../src/ledger/sqlite/file/ledger_file.ts";
import { openLedgerReader } from "../../../src/ledger/sqlite/reader.ts";
import type { State } from "../../../src/model/state.ts";
import type { Tally } from "../../../src/model/tally.ts";
import { resultNow } from "./turns.ts";

/** What the ledger says, as `status` and `export` read it. */
export interface Observation {
  readonly rows: readonly LedgerRow[];
  readonly tally: Tally | undefined;
  /** By recipients' keys. */
  readonly byKey: ReadonlyMap<string, LedgerRow>;
  keysIn(state: State): ReadonlySet<string>;
}

/** Reads a ledger that nobody is sending from; nothing where there is none yet. */
export function observe(path: string): Observation {
  const found = exists(path) ? read(path) : { rows: [], tally: undefined };
  return {
    ...found,
    byKey: new Map(found.rows.flatMap((row) => row.key === undefined ? [] : [[row.key, row]])),
    keysIn: (state) =>
      new Set(found.rows.flatMap((row) => row.state === state ? row.key ?? [] : [])),
  };
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return ledgerExists(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function read(path: string): { readonly rows: readonly LedgerRow[]; readonly tally: Tally } {
  using reader = openLedgerReader(path);
  return { rows: resultNow(Array.fromAsync(reader.rows())), tally: reader.tally() };
}
