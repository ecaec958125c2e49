/**
 * The mode of every file that the program creates. They hold addresses, so only their owner can read them, whatever
 * the umask. An existing file keeps its mode.
 */
export const PRIVATE_FILE = 0o600;

/** The same for folders. */
export const PRIVATE_FOLDER = 0o700;

/**
 * Creates an empty file if there is none, for a library that would create one that others can read. An existing file
 * is not opened, because closing it would release the locks that this process has on it (fcntl(2)).
 */
export function makePrivateFile(path: string): void {
  try {
    Deno.openSync(path, { write: true, createNew: true, mode: PRIVATE_FILE }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}
