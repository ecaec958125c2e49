/** Why a request is refused before it reaches the handler, and the status of the response. */
export interface RequestRefusal {
  readonly status: 400 | 405 | 408 | 413 | 431 | 501 | 505;
  readonly reason: string;
}
