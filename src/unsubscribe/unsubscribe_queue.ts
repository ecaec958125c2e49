import { after } from "../time/clock.ts";
import type { Suppressed } from "../suppression/suppression.ts";
import type { SuppressionList } from "../suppression/suppression_list.ts";

/** An entry, and the promise of its request. */
interface Waiting {
  readonly entry: Suppressed;
  readonly settle: { readonly resolve: () => void; readonly reject: (error: unknown) => void };
}

/**
 * Adds people to the suppression list. A commit waits for the disk, so those who arrive in the meantime go into the next one: a
 * thousand at once take a handful of commits.
 */
export class UnsubscribeQueue {
  readonly #list: SuppressionList;
  #waiting: Waiting[] = [];

  constructor(list: SuppressionList) {
    this.#list = list;
  }

  /** Resolves once the entry is on the disk. @throws {StorageError} When it cannot be written. */
  enter(entry: Suppressed): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    // A macrotask: requests that have already arrived are read first.
    if (this.#waiting.push({ entry, settle: { resolve, reject } }) === 1) {
      after(0, () => this.#commit());
    }
    return promise;
  }

  #commit(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    try {
      this.#list.add(batch.map(({ entry }) => entry));
      for (const { settle } of batch) settle.resolve();
    } catch (error) {
      for (const { settle } of batch) settle.reject(error);
    }
  }
}
