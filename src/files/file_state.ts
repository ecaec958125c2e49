/** Which file a path leads to, and whether it was written to: as far as the file system tells without reading it. */
export interface FileState {
  readonly dev: number;
  readonly ino: number | null;
  readonly size: number;
  /** Not a directory, a device, or a pipe. */
  readonly isFile: boolean;
  /** Milliseconds since the epoch; null where the system does not tell. */
  readonly mtime: number | null;
  /** The same for the last change of the file or of what is known of it, which no program can set; to the second. */
  readonly ctime: number | null;
}

/** undefined where there is no file. Throws the system's error where it cannot be looked at. */
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

/** undefined where there is no file, or none that can be looked at: its folder is closed to us, or is none. */
export function stateIfSeen(path: string): FileState | undefined {
  try {
    return fileStateOf(path);
  } catch {
    return undefined;
  }
}

/** The same file, whatever was written to it; a file that was renamed to the path of another is a different one. */
export function isSameFile(a: FileState, b: FileState): boolean {
  return a.dev === b.dev && a.ino === b.ino;
}

/** The same file, with nothing written to it; or none, then and now. */
export function isUntouched(a: FileState | undefined, b: FileState | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return isSameFile(a, b) && a.size === b.size && a.mtime === b.mtime && a.ctime === b.ctime;
}
