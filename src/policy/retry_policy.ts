/** When to try again. */
export interface RetryPolicy {
  /** Counted tries after the first. */
  readonly retries: number;
  /** Time from the first try after which nothing is tried again, in ms. */
  readonly retryForMs: number;
  /** Longest pause before the first retry, in ms; each further one is up to `RETRY_GROWTH` times as long. */
  readonly firstRetryMs: number;
}
