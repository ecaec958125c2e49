import { StorageError } from "../sqlite/storage_error.ts";

/**
 * Returns the result of a read, or undefined if the ledger can no longer be read: its writer has already reported why,
 * and a second error must not hide how the run ended.
 */
export async function unlessBroken<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof StorageError) return undefined;
    throw error;
  }
}
