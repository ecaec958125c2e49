import type { Database } from "../../../sqlite/database.ts";
import { StorageError } from "../../../sqlite/storage_error.ts";
import type { LedgerPath } from "./ledger_path.ts";
import { PRIVATE_FILE } from "../../../files/private_file.ts";

const CHUNK_BYTES = 1 << 20;

/**
 * Refuses to open a ledger that has the saved record of an earlier run beside it: neither of the two may be complete,
 * and only a person can tell.
 */
export function refuseBesideSaved({ name, file, shown }: LedgerPath): void {
  if (!exists(`${file}.saved`)) return;
  throw new StorageError(
    `Cannot open the ledger '${name}' as '${shown}.saved' is beside it: a run whose ledger was deleted or replaced saved its record there; rename it to '${shown}', or delete it if '${shown}' is complete`,
  );
}

/** Refuses to create a ledger whose log exists: the ledger was deleted or renamed, and it knows who must not be mailed again. */
export function refuseLogWithoutLedger({ name, file, shown }: LedgerPath): void {
  if (sizeOf(file) > 0 || sizeOf(`${file}-wal`) === 0) return;
  throw new StorageError(
    `Cannot create the ledger '${name}' as the log of an earlier one, '${shown}-wal', still exists: put that ledger back, or delete the log to mail everybody again`,
  );
}

/**
 * Refuses a ledger whose last records are not beside it: its process died, and the log is beside another name of the
 * file, or beside its former name, or was not copied along.
 *
 * @param holdersFile the path under which that process opened the ledger
 */
export function refuseLedgerWithoutLog(
  { name, file, shown }: LedgerPath,
  holdersFile: string,
): void {
  if (holdersFile === file || sizeOf(`${file}-wal`) > 0 || sizeOf(`${holdersFile}-wal`) === 0) {
    return;
  }
  throw new StorageError(
    `Cannot open the ledger '${name}' because its last records are in the log '${holdersFile}-wal': use it as '${holdersFile}', or rename that log to '${shown}-wal'`,
  );
}

/**
 * The record of a ledger whose file has lost its name: it can still be read through the open descriptor, but not
 * opened again. It is copied to `<ledger>.saved`, and moved to the ledger's place at the end.
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

  /** Copies everything committed so far; can be called again for later commits. Throws errors of the file system. */
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

  /** Moves the copy to the ledger's place, if that is free; call it once the database is closed. */
  putBack(): void {
    if (!this.#saved || exists(this.#file)) return;
    try {
      // SQLite would take the log of the lost file for the log of this one.
      for (const suffix of ["-wal", "-shm"]) {
        if (exists(this.#file + suffix)) Deno.removeSync(this.#file + suffix);
      }
      Deno.renameSync(`${this.#file}.saved`, this.#file);
    } catch {
      // It stays where it is, and the next run refuses to start without it.
    }
  }
}

/**
 * Copies the log into the ledger's file. SQLite does so by itself from time to time, and when it closes a ledger whose
 * files have kept their names.
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
