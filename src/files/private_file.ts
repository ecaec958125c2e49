/**
 * The mode of every file that the program makes: they hold addresses, and are their owner's alone, whatever the umask and
 * whichever form of the program made them. A file that is there already keeps its mode.
 */
export const PRIVATE_FILE = 0o600;

/** The same for folders. */
export const PRIVATE_FOLDER = 0o700;

/**
 * Makes an empty file where there is none, for a library that would make one that others can read. One that is there is not
 * opened: to close it would give up the locks that this process has on it (fcntl(2)).
 */
export function makePrivateFile(path: string): void {
  try {
    Deno.openSync(path, { write: true, createNew: true, mode: PRIVATE_FILE }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}
