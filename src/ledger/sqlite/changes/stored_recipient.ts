import type { Recipient } from "../../../model/recipient.ts";
import { readCopied } from "./copies.ts";
import type { SqliteStore } from "../store.ts";

/** What a row holds of the recipient, as `SELECT_RECIPIENT` reads it. */
export interface StoredRecipient {
  readonly id: number;
  readonly key: string;
  readonly line: number;
  readonly address: string;
  /** JSON. */
  readonly fields: string;
  readonly copy_of: number | null;
}

/** Returns the recipient of a row. */
export function readRecipient(
  store: SqliteStore,
  { key, line, address, fields, copy_of }: StoredRecipient,
): Recipient {
  const cells = JSON.parse(fields) as string[];
  return {
    ...{ kind: "recipient", key, line, address, fields: cells },
    ...readCopied(store, copy_of),
  };
}
