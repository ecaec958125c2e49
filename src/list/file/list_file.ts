import { dirname } from "node:path";
import { type FileHandle, open as openHandle, unlink } from "node:fs/promises";
import { type FileState, isUntouched, stateIfSeen } from "../../files/file_state.ts";
import { messageOf } from "../../sqlite/guarded.ts";
import { InputError } from "../../model/input_error.ts";
import { settledStateOf } from "./settled_state.ts";
import { fingerprintOf } from "./scan.ts";
import { openSource, type SourceDependencies } from "./source.ts";

/** About 100,000 rows: little compared with the memory of a run. */
const COPY_UP_TO = 4 * 1024 * 1024;

/** Bytes of a copied file that are read at a time. */
const CHUNK = 64 * 1024;

/** How often copying is retried when another program writes to the file meanwhile. */
const COPY_TRIES = 3;

/** How to keep a list as it was scanned. */
export interface ListFileOptions {
  /** Path of the list. */
  readonly recipients: string;
  /** Copy the list, whatever its size. */
  readonly snapshot: boolean;
  /** Lists up to this many bytes are copied into memory, so that rewriting them does not disturb a run; undefined: 4 MiB. */
  readonly copyUpTo?: number | undefined;
  /** The ledger; a large list is copied into its folder. */
  readonly ledger: string;
}

/** A copy of the bytes of a list. */
interface Copy extends AsyncDisposable {
  open(): ReadableStream<Uint8Array>;
}

/** How the file compares with what was scanned. `touched`: written to, or replaced, with the same bytes. */
export type ListChange = "same" | "touched" | "changed" | "gone";

/**
 * The list of a run, as a file that other programs may write to: it is read from a copy, or checked before each use.
 *
 * A row that is read while another program writes may be torn: half of one row and half of another, with an address
 * that was never in the list. So rows count only if the file, after they were read, is still what was scanned.
 */
export class ListFile implements AsyncDisposable {
  readonly #path: string;
  #state: FileState | undefined;
  readonly #copy: Copy | undefined;

  private constructor(path: string, state: FileState | undefined, copy: Copy | undefined) {
    this.#path = path;
    this.#state = state;
    this.#copy = copy;
  }

  /**
   * Opens the list, copying it if it is small or if `snapshot` is set. A file that cannot be opened is reported when it
   * is read.
   *
   * @throws {InputError} if another program keeps writing to it, or the copy cannot be written
   */
  static async open(options: ListFileOptions, signal: AbortSignal): Promise<ListFile> {
    const { recipients: path, snapshot, copyUpTo = COPY_UP_TO } = options;
    for (let left = COPY_TRIES;; left--) {
      const state = await settledStateOf(path, signal);
      signal.throwIfAborted();
      if (!state?.isFile || (!snapshot && state.size > copyUpTo)) {
        return new ListFile(path, state, undefined);
      }
      const copy = state.size <= copyUpTo
        ? await memoryCopy(path)
        : await diskCopy(options, signal);
      if (copy === undefined) return new ListFile(path, state, undefined);
      if (isUntouched(state, stateIfSeen(path))) return new ListFile(path, state, copy);
      await copy[Symbol.asyncDispose]();
      if (left === 0) throw beingWritten(path);
    }
  }

  /** Whether rows are read from a copy, which cannot change. */
  get isCopy(): boolean {
    return this.#copy !== undefined;
  }

  /** The source of the list's bytes, if they are not to be read from its path. */
  get reading(): Pick<SourceDependencies, "open"> {
    const copy = this.#copy;
    return copy === undefined ? {} : { open: () => copy.open() };
  }

  /** @throws {InputError} if the file has changed since it was opened */
  assertUnchanged(): void {
    if (this.isDisturbed) throw beingWritten(this.#path);
  }

  /** Whether rows read so far may be torn. Costs a system call. */
  get isDisturbed(): boolean {
    return !this.isCopy && !isUntouched(this.#state, stateIfSeen(this.#path));
  }

  /**
   * Compares the file at the path with what was scanned. A large file is read only if the system says that it was
   * written to.
   *
   * @param fingerprint The fingerprint from the scan.
   */
  async compare(fingerprint: string, signal: AbortSignal): Promise<ListChange> {
    const now = await settledStateOf(this.#path, signal);
    if (now === undefined) return "gone";
    const untouched = isUntouched(this.#state, now);
    // A program can restore size and time; reading a small list costs less than being wrong.
    if (untouched && now.size > COPY_UP_TO) return "same";
    // Opening a pipe would wait for a writer.
    if (!now.isFile) return "changed";
    const same = await fingerprintIfRead(this.#path, signal) === fingerprint;
    if (!same || !isUntouched(now, stateIfSeen(this.#path))) return "changed";
    this.#state = now;
    return untouched ? "same" : "touched";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#copy?.[Symbol.asyncDispose]();
  }
}

function beingWritten(path: string): InputError {
  return new InputError("The list changed while it was being read, so nothing was sent", {
    place: { file: path },
    hint: "Run again when the program that writes it has finished.",
  });
}

/** Returns undefined if the file cannot be read. */
async function memoryCopy(path: string): Promise<Copy | undefined> {
  const bytes = await Deno.readFile(path).catch(() => undefined);
  return bytes && {
    open: () => ReadableStream.from([bytes]),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** Returns undefined if the list can no longer be read: it is a directory now, or permission is denied. */
async function fingerprintIfRead(path: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await fingerprintOf(path, signal);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Makes a copy without a name, if the system allows that, so that it disappears with this process, however it ends. */
async function diskCopy(
  { recipients, ledger }: ListFileOptions,
  signal: AbortSignal,
): Promise<Copy | undefined> {
  const source = await openSource(recipients, { signal }).catch((error) => {
    if (error instanceof InputError) return undefined;
    throw error;
  });
  if (source === undefined) return undefined;
  let copy: Unnamed | undefined;
  try {
    copy = await unnamedFile(dirname(ledger));
    for (let bytes; (bytes = await source.read()) !== undefined;) await copy.append(bytes);
    return copy;
  } catch (error) {
    await copy?.[Symbol.asyncDispose]();
    signal.throwIfAborted();
    throw new InputError(
      `Cannot copy the list beside the ledger '${ledger}': ${messageOf(error)}`,
      { hint: "Omit --snapshot, or free some space there.", cause: error },
    );
  } finally {
    await source.close();
  }
}

interface Unnamed extends Copy {
  append(bytes: Uint8Array): Promise<void>;
}

async function unnamedFile(folder: string): Promise<Unnamed> {
  const path = await Deno.makeTempFile({ dir: folder, prefix: ".list-" });
  const handle = await openHandle(path, "r+");
  const isNamed = await unlink(path).then(() => false, () => true);
  return {
    open: () => readFrom(handle),
    async append(bytes) {
      for (let rest = bytes; rest.length > 0;) {
        rest = rest.subarray((await handle.write(rest)).bytesWritten);
      }
    },
    async [Symbol.asyncDispose]() {
      await handle.close();
      if (isNamed) await Deno.remove(path);
    },
  };
}

/** Reads from a shared handle at a separate position. */
function readFrom(handle: FileHandle): ReadableStream<Uint8Array> {
  let position = 0;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const buffer = new Uint8Array(CHUNK);
      const { bytesRead } = await handle.read(buffer, 0, CHUNK, position);
      if (bytesRead === 0) return controller.close();
      position += bytesRead;
      controller.enqueue(buffer.subarray(0, bytesRead));
    },
  }, { highWaterMark: 0 });
}
