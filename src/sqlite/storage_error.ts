/** The ledger cannot be opened, read or written. Thrown; sending stops at once. */
export class StorageError extends Error {
  override readonly name = "StorageError";
  /** What to do about it; undefined: check that the file can be read and written. */
  readonly hint: string | undefined;

  constructor(message: string, options: ErrorOptions & { readonly hint?: string } = {}) {
    super(message, options);
    this.hint = options.hint;
  }
}
