/** How much one client may ask for. */
export interface RequestBudget {
  /** Requests at once. */
  readonly burst: number;
  /** Requests a second, in the long run. */
  readonly perSecond: number;
}

/** Clients that are kept in mind; beyond that, who asked least recently is forgotten. */
const MOST_CLIENTS = 20_000;

/** A token bucket for each client; pure arithmetic over the time it is given. */
export class RateLimit {
  readonly #allowance: RequestBudget;
  readonly #mostClients: number;
  /** What is left to each, and when that was so (ms); in the order of the last request. */
  readonly #buckets = new Map<string, { left: number; at: number }>();

  constructor(allowance: RequestBudget, mostClients: number = MOST_CLIENTS) {
    this.#allowance = allowance;
    this.#mostClients = mostClients;
  }

  /** Lets a request pass and counts it, or answers the whole seconds until one may; 0: it passes. */
  take(client: string, now: number): number {
    const { burst, perSecond } = this.#allowance;
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
