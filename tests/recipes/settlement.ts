import assert from "node:assert/strict";
import type { ExportedRow } from "./recipe.ts";

/** Counts how often each address occurs. */
export function timesOf(addresses: readonly string[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const address of addresses) times.set(address, (times.get(address) ?? 0) + 1);
  return times;
}

/**
 * Compares a ledger's final state with the relay's log, recipient by recipient: whoever is sent was mailed once for each of
 * their rows, and nobody else was mailed.
 *
 * @param mailed Addresses in the relay's log; also those who were returned later, whose row is failed.
 * @param column The column of the list that holds the address.
 */
export function assertLedgerIsLog(
  rows: readonly ExportedRow[],
  mailed: readonly string[],
  { column = "email", returned = [] }: {
    readonly column?: string;
    readonly returned?: readonly string[];
  } = {},
): void {
  const sent = rows.filter(({ _state }) => _state === "sent").map((row) => row[column]!);
  assert.deepEqual(sorted(timesOf(mailed)), sorted(timesOf([...sent, ...returned])));
}

function sorted(times: ReadonlyMap<string, number>): unknown {
  return [...times].sort(([a], [b]) => a < b ? -1 : 1);
}

/** Counts the rows of an export by state. */
export function statesOf(rows: readonly ExportedRow[]): Record<string, number> {
  return Object.fromEntries(timesOf(rows.map(({ _state }) => _state!)));
}
