import { ClosedDatabaseError } from "./database.ts";
import type { StopKind } from "../model/stop_kind.ts";
import { StorageError } from "./storage_error.ts";

/**
 * Runs a function that uses the store and turns its errors, except bugs of ours, into a `StorageError` that begins
 * with `action`.
 *
 * @param kind the store: a ledger, unless it says otherwise
 */
export function guarded<T>(action: string, run: () => T, kind: StopKind = "ledger"): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof StorageError || error instanceof ClosedDatabaseError) throw error;
    throw new StorageError(`${action}: ${messageOf(error)}`, { cause: error, kind });
  }
}

/** Returns the message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
