import { dirname } from "node:path";
import { type FileHandle, open as openHandle, unlink } from "node:fs/promises";
import { type FileState, isUntouched, stateIfSeen } from "../../files/file_state.ts";
import { messageOf } from "../../sqlite/guarded.ts";
import { InputError } from "../../model/input_error.ts";
import { settledStateOf } from "./settled_state.ts";
import { fingerprintOf } from "./scan.ts";
import { openSource, type SourceDependencies } from "./source.ts";

/** Some 100,000 rows: small beside what a run takes anyway. */
const COPY_UP_TO = 4 * 1024 * 1024;

/** Bytes of a copied file that are read at a time. */
const CHUNK = 64 * 1024;

/** How often a copy is begun again that another program has written into. */
const COPY_TRIES = 3;

/** How a list is kept as it was scanned. */
export interface ListFileOptions {
  /** A path of a file. */
  readonly recipients: string;
  /** Copy the list, whatever its size. */
  readonly snapshot: boolean;
  /** Lists up to so many bytes are copied into memory, so that whoever rewrites them disturbs no run; undefined: 4 MiB. */
  readonly copyUpTo?: number | undefined;
  /** A large list is copied into this file's folder. */
  readonly ledger: string;
}

/** The bytes of a list, apart from its file. */
interface Copy extends AsyncDisposable {
  open(): ReadableStream<Uint8Array>;
}

/** The file now, beside what was scanned. `touched`: written to, or replaced, by the same bytes. */
export type ListChange = "same" | "touched" | "changed" | "gone";

/**
 * The list of a run as a file that other programs may write to: read from a copy, or looked at before each use.
 *
 * A row that is read while another program writes may be torn: half of one row and half of another, with an address that no list
 * ever held. So what was read counts only where the file is, after the reading, still what it was when it was scanned.
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
   * Copies the list where it is small or `snapshot` says so. What cannot be opened is left to whoever reads it to report.
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

  /** Whether rows are read from a copy, which nobody changes. */
  get isCopy(): boolean {
    return this.#copy !== undefined;
  }

  /** For whoever reads the list: its bytes, where they are not to be read at its path. */
  get reading(): Pick<SourceDependencies, "open"> {
    const copy = this.#copy;
    return copy === undefined ? {} : { open: () => copy.open() };
  }

  /** @throws {InputError} when the file is no longer what it was when this was opened */
  assertUnchanged(): void {
    if (this.isDisturbed) throw beingWritten(this.#path);
  }

  /** Whether rows read up to now may be torn. Costs a call of the system. */
  get isDisturbed(): boolean {
    return !this.isCopy && !isUntouched(this.#state, stateIfSeen(this.#path));
  }

  /**
   * Compares the file at the path with what was scanned; a large one is read only where the system says that it was written to.
   *
   * @param fingerprint Of the scan.
   */
  async compare(fingerprint: string, signal: AbortSignal): Promise<ListChange> {
    const now = await settledStateOf(this.#path, signal);
    if (now === undefined) return "gone";
    const untouched = isUntouched(this.#state, now);
    // A program can put size and time back; to read a small list costs less than to be wrong.
    if (untouched && now.size > COPY_UP_TO) return "same";
    // Whoever opened a pipe would wait for somebody to write to it.
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
  return new InputError("The list changed while it was being read: nothing was sent", {
    place: { file: path },
    hint: "Run again when the program that writes it has finished",
  });
}

/** undefined where the file cannot be read. */
async function memoryCopy(path: string): Promise<Copy | undefined> {
  const bytes = await Deno.readFile(path).catch(() => undefined);
  return bytes && {
    open: () => ReadableStream.from([bytes]),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** undefined where the list cannot be read any more: a directory now, or closed to us. */
async function fingerprintIfRead(path: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await fingerprintOf(path, signal);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** A copy without a name where the system allows that: it is gone with this process, however that ends. */
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
      { hint: "Omit --snapshot, or free some space there", cause: error },
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

/** Several readers of one handle, each at its own place. */
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
