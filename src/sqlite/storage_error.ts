import type { StopKind } from "../model/stop_kind.ts";

/** The process that keeps others from using a store. */
export interface HeldBy {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
}

/** What a {@link StorageError} can say besides its message. */
export interface StorageErrorOptions extends ErrorOptions {
  readonly hint?: string;
  readonly kind?: StopKind;
  readonly heldBy?: HeldBy | undefined;
}

/** The ledger cannot be opened, read or written. Thrown; sending stops at once. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  /** What to do about it; undefined: check that the file can be read and written. */
  readonly hint: string | undefined;
  /** The store that it is about, and whether another process is using it. */
  readonly kind: StopKind;
  /** The process that is using it, if it is known. */
  readonly heldBy: HeldBy | undefined;

  constructor(message: string, options: StorageErrorOptions = {}) {
    super(message, options);
    this.hint = options.hint;
    this.kind = options.kind ?? "ledger";
    this.heldBy = options.heldBy;
  }
}
