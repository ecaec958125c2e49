import { type Database, openPrepared } from "../../../sqlite/database.ts";
import type { LedgerPath } from "./ledger_path.ts";

/** Offset of the file format version numbers in the header, and their value for "no log" (sqlite.org/fileformat2.html, 1.3.3). */
const WRITE_VERSION_OFFSET = 18;
const WITHOUT_LOG = new Uint8Array([1, 1]);

/**
 * Opens a ledger for reading. SQLite shares its log through a file beside it, which it creates even for reading; that
 * fails in a folder without write permission. A ledger that was closed properly has no log. In that case a copy is
 * read whose header says so, and which is deleted as soon as it is open. (SQLite's own option, `immutable`, needs a
 * URI, which the runtime's permission check takes for a file name.)
 *
 * Throws the error of SQLite or of the file system.
 */
export function openToRead({ file }: LedgerPath): Database {
  try {
    return openNow(file);
  } catch (error) {
    if (hasLog(file)) throw error;
  }
  return openCopy(file);
}

/** Opens a file at once; SQLite itself opens it as late as possible. */
function openNow(file: string): Database {
  return openPrepared(file, (database) => {
    database.prepare("SELECT count(*) FROM sqlite_schema").get();
  }, { readOnly: true });
}

function openCopy(file: string): Database {
  const folder = Deno.makeTempDirSync({ prefix: "email-dispatcher-" });
  try {
    const copy = `${folder}/ledger`;
    const before = stateOf(file);
    Deno.copyFileSync(file, copy);
    if (stateOf(file) !== before || hasLog(file)) {
      throw new Error("a run started to write to it; try again");
    }
    Deno.chmodSync(copy, 0o600);
    markWithoutLog(copy);
    return openNow(copy);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function markWithoutLog(path: string): void {
  using copy = Deno.openSync(path, { read: true, write: true });
  copy.seekSync(WRITE_VERSION_OFFSET, Deno.SeekMode.Start);
  copy.writeSync(WITHOUT_LOG);
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
