import { ClosedDatabaseError } from "./database.ts";
import { StorageError } from "./storage_error.ts";

/** Runs what touches the store and turns its errors, but for bugs of ours, into a `StorageError` that begins with `action`. */
export function guarded<T>(action: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof StorageError || error instanceof ClosedDatabaseError) throw error;
    throw new StorageError(`${action}: ${messageOf(error)}`, { cause: error });
  }
}

/** What an error says. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
