/** Runs a function at once and returns a promise, so that callers are ready for a store across a network. */
export function promised<T>(run: () => T): Promise<T> {
  return new Promise((resolve) => resolve(run()));
}
