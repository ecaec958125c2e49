/** The number of recipients in each state, over the whole ledger. */
export interface Tally {
  readonly total: number;
  /** Ready to be mailed: never tried, or put back into the queue by hand. */
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
  /** Handed over, with no reply recorded. */
  readonly inDoubt: number;
}
