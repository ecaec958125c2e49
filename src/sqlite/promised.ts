/** Runs at once, as SQLite does; its callers wait for the result as they would for a store across a network. */
export function promised<T>(run: () => T): Promise<T> {
  return new Promise((resolve) => resolve(run()));
}
