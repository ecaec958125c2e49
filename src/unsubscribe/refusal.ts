/** Why a request is not answered by the desk, and the status it gets. */
export interface RequestRefusal {
  readonly status: 400 | 405 | 408 | 413 | 431 | 501 | 505;
  readonly reason: string;
}
