/** Limits how many mails are handed over and not yet settled in the ledger. */
export class HandoverSlots {
  readonly #most: number;
  readonly #taken = new Set<number>();
  /** First come, first served, so that the mails of a connection stay in order. */
  readonly #waiting: { readonly id: number; readonly resolve: () => void }[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  has(id: number): boolean {
    return this.#taken.has(id);
  }

  /** Takes a free slot; returns false if there is none. */
  tryTake(id: number): boolean {
    if (this.#taken.size >= this.#most) return false;
    this.#taken.add(id);
    return true;
  }

  /** Resolves when the recipient has a slot, or when no more slots are given out. */
  wait(id: number): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ id, resolve }));
  }

  /** Passes the recipient's slot, if any, to the one that has waited longest. */
  release(id: number): void {
    if (!this.#taken.delete(id)) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    // Taken at once, so that a request made before the next one wakes up cannot get in between.
    this.#taken.add(next.id);
    next.resolve();
  }

  /** Wakes all waiters without giving them a slot. */
  giveUp(): void {
    this.#waiting.splice(0).forEach(({ resolve }) => resolve());
  }
}
