import { Database } from "./database.ts";
import type { LedgerPath } from "./ledger_path.ts";

/** A ledger opened to read. */
export interface OpenedToRead {
  readonly database: Database;
  /** Throws where what was read may be torn. */
  readonly assertWhole: () => void;
}

/**
 * Opens a ledger to read. SQLite shares its log through a file beside it, which it makes where there is none, though it only reads;
 * in a folder that this user may not write to it cannot. A ledger that was closed in order has no log: it is read as it stands
 * (`immutable`, https://sqlite.org/uri.html). A run that begins meanwhile would not be noticed by SQLite, so it is noticed here.
 *
 * Throws what SQLite says.
 */
export function openToRead({ file }: LedgerPath): OpenedToRead {
  const shared = new Database(file, { readOnly: true });
  try {
    shared.prepare("SELECT count(*) FROM sqlite_schema").get();
    return { database: shared, assertWhole: () => {} };
  } catch (error) {
    shared.close();
    if (hasLog(file)) throw error;
  }
  const before = stateOf(file);
  const database = new Database(immutable(file), { readOnly: true });
  return {
    database,
    assertWhole() {
      if (stateOf(file) === before && !hasLog(file)) return;
      throw new Error("a run began to write to it meanwhile; read it again");
    },
  };
}

function immutable(file: string): string {
  return `file:${encodeURI(file).replaceAll("?", "%3F").replaceAll("#", "%23")}?immutable=1`;
}

function hasLog(file: string): boolean {
  try {
    return Deno.statSync(`${file}-wal`).size > 0;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

function stateOf(file: string): string {
  const { size, mtime, ino } = Deno.statSync(file);
  return [size, mtime?.getTime(), ino].join();
}
