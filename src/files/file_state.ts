/** Identity and last change of the file at a path, as far as the file system knows without reading it. */
export interface FileState {
  readonly dev: number;
  readonly ino: number | null;
  readonly size: number;
  /** Not a directory, a device, or a pipe. */
  readonly isFile: boolean;
  /** Milliseconds since the epoch; null if the system does not provide it. */
  readonly mtime: number | null;
  /** The same for the last change of content or metadata, which no program can set; precise to the second. */
  readonly ctime: number | null;
}

/** Returns the state of a file; undefined if there is none. Throws the system's error if it cannot be examined. */
export function fileStateOf(path: string): FileState | undefined {
  try {
    const { dev, ino, size, isFile, mtime, ctime } = Deno.statSync(path);
    const msOf = (time: Date | null | undefined) => time?.getTime() ?? null;
    return { dev, ino, size, isFile, mtime: msOf(mtime), ctime: msOf(ctime) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Returns the state of a file; undefined if there is none, or if it cannot be examined. */
export function stateIfSeen(path: string): FileState | undefined {
  try {
    return fileStateOf(path);
  } catch {
    return undefined;
  }
}

/** Returns whether both are the same file, whatever was written to it. A file renamed to another's path is a different one. */
export function isSameFile(a: FileState, b: FileState): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

/** Returns whether both are the same, unmodified file, or both are absent. */
export function isUntouched(a: FileState | undefined, b: FileState | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return isSameFile(a, b) && a.size === b.size && a.mtime === b.mtime && a.ctime === b.ctime;
}
