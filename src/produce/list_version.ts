import { sleep } from "../consume/sleep.ts";

/**
 * What the system says of a file: where it says the same as before, nobody has written to it, nor put another in its place.
 */
export interface ListVersion {
  readonly device: number;
  readonly inode: number | null;
  readonly size: number;
  /** Time of the last change of its bytes, ms since the epoch. */
  readonly changedAt: number | undefined;
}

/**
 * Two changes within one tick of the file system's clock bear the same time. Linux ticks every 1 to 10 ms, FAT every 2 s, where this is
 * not enough and the fingerprint at the end of the pass tells.
 */
const TICK_MS = 20;

/** The version of the file at a path; undefined where there is none. Throws what the system says otherwise. */
export function versionAt(path: string): ListVersion | undefined {
  try {
    const { dev, ino, size, mtime } = Deno.statSync(path);
    return { device: dev, inode: ino, size, changedAt: mtime?.getTime() };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The same, once its last change is so long ago that another one would show. */
export async function settledVersionAt(
  path: string,
  signal: AbortSignal,
): Promise<ListVersion | undefined> {
  const age = Date.now() - (versionAt(path)?.changedAt ?? 0);
  if (age >= 0 && age < TICK_MS) await sleep(TICK_MS - age, signal);
  return versionAt(path);
}

export function isSameVersion(a: ListVersion | undefined, b: ListVersion | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.device === b.device && a.inode === b.inode && a.size === b.size &&
    a.changedAt === b.changedAt;
}
