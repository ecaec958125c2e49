import { StorageError } from "../sqlite/storage_error.ts";

/**
 * What is read from a ledger, or undefined where it cannot be read any more: whoever writes to it has reported why, and that
 * must not hide how the run ends.
 */
export async function unlessBroken<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof StorageError) return undefined;
    throw error;
  }
}
