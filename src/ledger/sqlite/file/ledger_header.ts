import { Database } from "../../../sqlite/database.ts";
import { messageOf } from "../../../sqlite/guarded.ts";
import { StorageError } from "../../../sqlite/storage_error.ts";
import type { LedgerPath } from "./ledger_path.ts";
import { isOpenHere } from "./opened_files.ts";
import { APPLICATION_ID, SCHEMA_VERSION } from "./schema.ts";

/** Offsets in the header of an SQLite file (https://sqlite.org/fileformat2.html, 1.3). */
const MAGIC = "SQLite format 3\0";
const USER_VERSION_OFFSET = 60;
const APPLICATION_ID_OFFSET = 68;
const HEADER_LENGTH = 100;

/** The header of a rollback journal (same document, 3): its magic number, and the offset of the original database size. */
const JOURNAL_MAGIC = "\xd9\xd5\x05\xf9\x20\xa1\x63\xd7";
const PAGES_BEFORE_OFFSET = 16;
const JOURNAL_HEADER_LENGTH = 28;

/**
 * Reads the file's header directly, so that nothing is opened, recovered or rewritten before it is known to be a
 * ledger.
 *
 * @param file its descriptor, if this process has one: closing another one would release SQLite's locks on the file
 * @throws {StorageError} if the file is no ledger, or is of a newer version
 */
export function inspect(path: LedgerPath, file?: Deno.FsFile): "absent" | "ours" {
  if (file === undefined && isOpenHere(path.file)) return "ours";
  const header = file === undefined ? readStart(path, path.file) : startOf(file);
  if (header === undefined || header.length === 0) return "absent";
  const refusal = (why: string) =>
    new StorageError(
      `Cannot use '${path.name}' as a ledger as ${why}; the file was left untouched`,
    );
  if (header.length < HEADER_LENGTH || latin1(header.subarray(0, MAGIC.length)) !== MAGIC) {
    throw refusal("it is not one");
  }
  const view = new DataView(header.buffer, header.byteOffset);
  const application = view.getUint32(APPLICATION_ID_OFFSET);
  const version = view.getUint32(USER_VERSION_OFFSET);
  const undoneToNothing = pagesBefore(path) === 0;
  // A ledger whose process died while creating it has the header of an empty database; everything else is in the
  // log, if anywhere.
  if (application === 0 && version === 0) {
    const begun = undoneToNothing ? "absent" : lookInside(path);
    if (begun !== "another's") return begun;
  }
  if (application !== APPLICATION_ID) throw refusal("another program created it");
  if (undoneToNothing) {
    throw refusal(
      `the journal '${path.shown}-journal' beside it belongs to another file, and SQLite would empty the ledger with it (move the journal elsewhere)`,
    );
  }
  if (version > SCHEMA_VERSION) {
    throw new StorageError(
      `Cannot use the ledger '${path.name}' because a newer version of this program created it: found schema ${version}, this version supports ${SCHEMA_VERSION}; the file was left untouched`,
    );
  }
  return "ours";
}

/**
 * Returns the number of pages before a transaction that a dead process left; undefined if there is no such
 * transaction. SQLite rolls it back when the file is opened for writing; until then the file cannot be read.
 */
export function pagesBefore(path: LedgerPath): number | undefined {
  const header = readStart(path, `${path.file}-journal`);
  if (header === undefined || header.length < JOURNAL_HEADER_LENGTH) return undefined;
  if (latin1(header.subarray(0, JOURNAL_MAGIC.length)) !== JOURNAL_MAGIC) return undefined;
  return new DataView(header.buffer, header.byteOffset).getUint32(PAGES_BEFORE_OFFSET);
}

/**
 * Looks at the content through SQLite, which includes the log. The file is opened read-only, so that nothing is
 * recovered into it.
 */
function lookInside({ file }: LedgerPath): "absent" | "ours" | "another's" {
  try {
    using database = new Database(file, { readOnly: true });
    const { application_id } = database.prepare("PRAGMA application_id").get() as {
      application_id: number;
    };
    if (application_id === APPLICATION_ID) return "ours";
    const { n } = database.prepare("SELECT count(*) AS n FROM sqlite_schema").get() as {
      n: number;
    };
    return n === 0 ? "absent" : "another's";
  } catch {
    return "another's";
  }
}

/** Reads the first bytes of a file; returns undefined if there is none. */
function readStart(path: LedgerPath, file: string): Uint8Array | undefined {
  try {
    using opened = Deno.openSync(file, { read: true });
    return startOf(opened);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new StorageError(`Cannot read the ledger '${path.name}': ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function startOf(file: Deno.FsFile): Uint8Array {
  const buffer = new Uint8Array(HEADER_LENGTH);
  file.seekSync(0, Deno.SeekMode.Start);
  return buffer.subarray(0, file.readSync(buffer) ?? 0);
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
