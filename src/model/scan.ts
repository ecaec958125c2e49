import type { Columns, Recipient } from "./recipient.ts";

/** What one pass over the list found of the chosen rows; `rows` = `recipients` + `invalid` + `duplicates`. */
export interface Scan {
  readonly columns: Columns;
  readonly rows: number;
  /** Rows that a condition does not choose; missing: there is none. */
  readonly notChosen?: number;
  /** Mailboxes that can be mailed, each counted once. */
  readonly recipients: number;
  /** Copies of their mails; missing unless the template names somebody who gets any. */
  readonly copies?: number;
  /** Rows that cannot be mailed. */
  readonly invalid: number;
  /** Rows whose mailbox occurs in an earlier row. A figure for the plan; see `KeySet` for its error rate. */
  readonly duplicates: number;
  /** The duplicates that are not mere repetitions; missing: there are no duplicates, or `--key` tells them apart. */
  readonly differing?: DifferingRows;
  /** The first recipient, for the plan; missing if there is none, or if its row is very long. */
  readonly first?: Recipient;
  /** The first 20 invalid rows. */
  readonly examples: readonly { readonly line: number; readonly reason: string }[];
  readonly encoding: string;
  /** undefined: JSON Lines. */
  readonly delimiter: string | undefined;
  /** SHA-256 of the file's bytes, in hexadecimal. */
  readonly fingerprint: string;
  /** Size of the file. */
  readonly bytes: number;
  /** The last row ends with a line end, so anything appended starts a new row. */
  readonly endsLine: boolean;
}

/** Rows whose mailbox occurs in an earlier row with different cells. */
export interface DifferingRows {
  readonly count: number;
  /** All duplicates were compared; otherwise there may be more. */
  readonly isComplete: boolean;
  /** The first of them, each with the line of the mailbox's first row. */
  readonly examples: readonly { readonly line: number; readonly first: number }[];
}
