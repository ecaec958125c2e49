/** How many recipients of the whole ledger are in which state. */
export interface Tally {
  readonly total: number;
  /** Owed and ready: never tried, or set back to the queue by hand. */
  readonly queued: number;
  /** Taken by a consumer of the running process. */
  readonly claimed: number;
  /** To be tried again at their due time. */
  readonly deferred: number;
  readonly sent: number;
  readonly failed: number;
  readonly invalid: number;
  /** Suppressed, duplicate, or no longer in the list. */
  readonly skipped: number;
  /** Handed over without a recorded reply. */
  readonly inDoubt: number;
}
