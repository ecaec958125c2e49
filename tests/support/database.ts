import { DatabaseSync } from "node:sqlite";

/** An SQLite file that closes at the end of its scope: `DatabaseSync` does so only in newer runtimes. */
export function openDatabase(
  path: string,
  options: { readonly readOnly?: boolean } = {},
): DatabaseSync & Disposable {
  const database = new DatabaseSync(path, { readOnly: options.readOnly ?? false });
  return Object.assign(database, { [Symbol.dispose]: () => database.close() });
}
