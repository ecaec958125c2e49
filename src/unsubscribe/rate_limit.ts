/** How many requests one client can make. */
export interface RequestBudget {
  /** Requests at once. */
  readonly burst: number;
  /** Requests a second, in the long run. */
  readonly perSecond: number;
}

/** How many clients are remembered; beyond that, the one that asked least recently is forgotten. */
const MAX_CLIENTS = 20_000;

/** A token bucket for each client: pure arithmetic on the times it is given. */
export class RateLimit {
  readonly #budget: RequestBudget;
  readonly #mostClients: number;
  /** What each client has left, and since when (ms), in the order of the last request. */
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(budget: RequestBudget, mostClients: number = MAX_CLIENTS) {
    this.#budget = budget;
    this.#mostClients = mostClients;
  }

  /** Counts a request and returns 0 if it is allowed; otherwise returns the whole seconds until one is. */
  take(client: string, now: number): number {
    const { burst, perSecond } = this.#budget;
    const bucket = this.#buckets.get(client) ?? { left: burst, at: now };
    const left = Math.min(burst, bucket.left + Math.max(0, now - bucket.at) * perSecond / 1_000);
    const passes = left >= 1;
    this.#keep(client, { left: passes ? left - 1 : left, at: now });
    return passes ? 0 : Math.ceil((1 - left) / perSecond);
  }

  #keep(client: string, bucket: { left: number; at: number }): void {
    this.#buckets.delete(client);
    this.#buckets.set(client, bucket);
    if (this.#buckets.size <= this.#mostClients) return;
    const [oldest] = this.#buckets.keys();
    this.#buckets.delete(oldest!);
  }
}
