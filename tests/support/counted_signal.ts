import assert from "node:assert/strict";

/** An AbortSignal that counts its listeners. Deno's sanitizers do not notice those left behind. */
export class CountedSignal {
  readonly #controller = new AbortController();
  readonly #listeners = new Set<unknown>();
  #added = 0;

  constructor() {
    const { signal } = this;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>): void => {
      // One that is already aborted never calls it, and keeps it.
      this.#listeners.add(args[1]);
      this.#added++;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>): void => {
      this.#listeners.delete(args[1]);
      remove(...args);
    };
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The number of listeners now. After an abort, those that have not been removed, `once` or not. */
  get listeners(): number {
    return this.#listeners.size;
  }

  /** How many were ever put on it. */
  get added(): number {
    return this.#added;
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }
}

/** Fails unless `wait` has put listeners on the signal and taken all of them away by its end, whether it throws or not. */
export async function assertLeavesNoListener(
  wait: (signal: AbortSignal, counted: CountedSignal) => unknown,
): Promise<void> {
  const counted = new CountedSignal();
  await Promise.resolve().then(() => wait(counted.signal, counted)).catch((error) => {
    if (error instanceof assert.AssertionError) throw error;
  });
  assert(counted.added > 0, "it listens");
  assert.equal(counted.listeners, 0, `${counted.listeners} of ${counted.added} listeners are left`);
}
