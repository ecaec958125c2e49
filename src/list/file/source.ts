import { InputError } from "../../model/input_error.ts";

/** What reading a list depends on besides its options. */
export interface SourceDependencies {
  /** Read when the path is "-". */
  readonly stdin?: ReadableStream<Uint8Array>;
  /** Opens the bytes of the file if they are to be read from a copy, not from the path. */
  readonly open?: () => ReadableStream<Uint8Array>;
  /** Cancels reading: pending reads reject with its reason. */
  readonly signal: AbortSignal;
  /** Receives all bytes as they are read, undecoded, for fingerprints. */
  readonly onBytes?: (bytes: Uint8Array) => void;
}

/** A file or standard input, read in chunks. */
export interface ListSource {
  /** Its name in messages. */
  readonly file: string;
  /** The next bytes; undefined at the end. */
  read(): Promise<Uint8Array | undefined>;
  /** Closes the file and removes the abort listener; may be called twice. */
  close(): Promise<void>;
}

/** The name of standard input in messages. */
export const STDIN = "standard input";

/**
 * Opens a path, or standard input for "-".
 *
 * @throws {InputError} if there is no such file, it is a directory, or it cannot be read.
 */
export async function openSource(
  path: string,
  dependencies: SourceDependencies,
): Promise<ListSource> {
  const { stdin, signal, open, onBytes } = dependencies;
  signal.throwIfAborted();
  if (path === "") throw new InputError("No file is given: the path is empty");
  if (path === "-" && stdin === undefined) {
    throw new InputError("Standard input cannot be read here", { place: { file: STDIN } });
  }
  const file = path === "-" ? STDIN : path;
  const stream = path === "-" && stdin !== undefined
    ? stdin
    : open?.() ?? await openFile(path, signal);
  const reader = stream.getReader();
  // Cancelling the reader resolves a pending read, while the system call behind it may never return.
  const onAbort = () => void reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", onAbort, { once: true });
  return {
    file,
    async read() {
      const { done, value } = await reader.read().catch((cause) => {
        signal.throwIfAborted();
        throw unreadable(file, cause);
      });
      signal.throwIfAborted();
      if (done) return undefined;
      onBytes?.(value);
      return value;
    },
    async close() {
      signal.removeEventListener("abort", onAbort);
      // A stream that failed has closed its file, and rejects here with the error that read() has thrown.
      await reader.cancel().catch(() => {});
    },
  };
}

/** Returns whether the list can be read again after a scan: it is neither standard input nor a named pipe. */
export async function canBeReadTwice(path: string): Promise<boolean> {
  if (path === "-") return false;
  // If it cannot be examined, `openSource` reports the error.
  return await Deno.stat(path).then((info) => info.isFile || info.isDirectory, () => true);
}

async function openFile(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  try {
    if ((await Deno.stat(path)).isDirectory) {
      throw new InputError("This is a directory, not a file", { place: { file: path } });
    }
    return (await openUnlessAborted(path, signal)).readable;
  } catch (cause) {
    signal.throwIfAborted();
    throw cause instanceof InputError ? cause : unreadable(path, cause);
  }
}

/** Opens a file unless aborted: opening a pipe waits for a writer, which may never come. Deno 2.5 blocks meanwhile. */
async function openUnlessAborted(path: string, signal: AbortSignal): Promise<Deno.FsFile> {
  const opening = Deno.open(path);
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([opening, aborted.promise]);
  } catch (error) {
    opening.then((late) => late.close(), () => {});
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

function unreadable(file: string, cause: unknown): InputError {
  const place = { file };
  if (cause instanceof Deno.errors.NotFound) {
    return new InputError("There is no such file", { place, cause });
  }
  if (cause instanceof Deno.errors.PermissionDenied) {
    return new InputError("The file cannot be read: permission denied", { place, cause });
  }
  const why = cause instanceof Error ? cause.message : String(cause);
  return new InputError(`The file cannot be read: ${why}`, { place, cause });
}
