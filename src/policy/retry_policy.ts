/** When to try again. */
export interface RetryPolicy {
  /** Counted tries after the first. */
  readonly retries: number;
  /** Time from the first try after which there are no more retries, in ms. */
  readonly retryForMs: number;
  /** Longest pause before the first retry, in ms; each further pause is up to `RETRY_GROWTH` times as long. */
  readonly firstRetryMs: number;
}
