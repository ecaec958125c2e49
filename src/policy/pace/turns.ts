/** A mutex: one at a time, first come, first served. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when all earlier turns have ended, with the function that ends this one. */
  async take(): Promise<() => void> {
    const before = this.#last;
    const turn = Promise.withResolvers<void>();
    this.#last = turn.promise;
    await before;
    return turn.resolve;
  }
}
