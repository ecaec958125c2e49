import type { Database } from "../../../sqlite/database.ts";
import { StorageError } from "../../../sqlite/storage_error.ts";
import type { LedgerPath } from "./ledger_path.ts";
import { PRIVATE_FILE } from "../../../files/private_file.ts";

const CHUNK_BYTES = 1 << 20;

/**
 * Refuses to open a ledger beside which the record of an earlier run lies: one of the two does not know whom the other
 * one's run has mailed, and only a person can tell.
 */
export function refuseBesideSaved({ name, file, shown }: LedgerPath): void {
  if (!exists(`${file}.saved`)) return;
  throw new StorageError(
    `Cannot open the ledger '${name}' as '${shown}.saved' is beside it: a run whose ledger was deleted or replaced saved its record there; rename it to '${shown}', or delete it if '${shown}' is complete`,
  );
}

/** Refuses to make a ledger whose log is there: the ledger itself was deleted or renamed, and knows whom not to mail again. */
export function refuseLogWithoutLedger({ name, file, shown }: LedgerPath): void {
  if (sizeOf(file) > 0 || sizeOf(`${file}-wal`) === 0) return;
  throw new StorageError(
    `Cannot create the ledger '${name}' as the log of an earlier one, '${shown}-wal', still exists: put that ledger back, or delete the log to mail everybody again`,
  );
}

/**
 * Refuses a ledger whose last records are not beside it: the process that had it died, and its log lies beside another name
 * of the same file, or beside the name that the file had before, or was not copied along.
 *
 * @param holdersFile the name that process knew the ledger by
 */
export function refuseLedgerWithoutLog(
  { name, file, shown }: LedgerPath,
  holdersFile: string,
): void {
  if (holdersFile === file || sizeOf(`${file}-wal`) > 0 || sizeOf(`${holdersFile}-wal`) === 0) {
    return;
  }
  throw new StorageError(
    `Cannot open the ledger '${name}' as its last records are in the log '${holdersFile}-wal': use it as '${holdersFile}', or rename that log to '${shown}-wal'`,
  );
}

/**
 * The record of a ledger whose file has lost its name: whoever has it open can still read it, but nobody can open it again.
 * It is copied to `<ledger>.saved`, and moved to the ledger's place at the end.
 */
export class SavedRecord {
  readonly #file: string;
  readonly #main: Deno.FsFile;
  #saved = false;

  /** @param main the descriptor of the ledger that is still open */
  constructor(file: string, main: Deno.FsFile) {
    this.#file = file;
    this.#main = main;
  }

  /** Copies all that is committed; again for what has been committed since. Throws what the file system says. */
  save(database: Database): void {
    if (!takeUpLog(database, "PASSIVE")) {
      throw new Error("another process is reading the ledger's earlier state");
    }
    const part = `${this.#file}.saved.part`;
    {
      using copy = Deno.openSync(part, {
        write: true,
        create: true,
        truncate: true,
        mode: PRIVATE_FILE,
      });
      const chunk = new Uint8Array(CHUNK_BYTES);
      this.#main.seekSync(0, Deno.SeekMode.Start);
      for (let size; (size = this.#main.readSync(chunk)) !== null;) {
        for (let at = 0; at < size;) at += copy.writeSync(chunk.subarray(at, size));
      }
      copy.syncDataSync();
    }
    Deno.renameSync(part, `${this.#file}.saved`);
    this.#saved = true;
  }

  /** Once the database is closed: puts the copy in the ledger's place, if nothing else has taken it. */
  putBack(): void {
    if (!this.#saved || exists(this.#file)) return;
    try {
      // SQLite would take the log of the lost file for the log of this one, whose pages are the same only for now.
      for (const suffix of ["-wal", "-shm"]) {
        if (exists(this.#file + suffix)) Deno.removeSync(this.#file + suffix);
      }
      Deno.renameSync(`${this.#file}.saved`, this.#file);
    } catch {
      // It stays where it is, and the next run refuses to begin without it.
    }
  }
}

/**
 * Copies what the log holds into the ledger's file. SQLite does so by itself now and then, and when it closes a ledger
 * whose files have kept their names.
 *
 * @returns whether everything is in the file now
 */
export function takeUpLog(database: Database, mode: "PASSIVE" | "TRUNCATE"): boolean {
  const { log, checkpointed } = database.prepare(`PRAGMA wal_checkpoint(${mode})`).get() as {
    log: number;
    checkpointed: number;
  };
  return log === checkpointed;
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}

function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
