import { wallTime } from "../../time/clock.ts";
import { sleep } from "../../time/sleep.ts";
import { type FileState, stateIfSeen } from "../../files/file_state.ts";

/**
 * Two changes within one tick of the file system's clock bear the same time. Linux ticks every 1 to 10 ms, FAT every 2 s, where this is
 * not enough and the fingerprint at the end of the pass tells.
 */
const TICK_MS = 20;

/** What `stateIfSeen()` says, once its last change is so long ago that another one would show. */
export async function settledStateOf(
  path: string,
  signal: AbortSignal,
): Promise<FileState | undefined> {
  const age = wallTime() - lastChangeOf(stateIfSeen(path));
  if (age >= 0 && age < TICK_MS) await sleep(TICK_MS - age, signal);
  return stateIfSeen(path);
}

function lastChangeOf(state: FileState | undefined): number {
  return Math.max(state?.mtime ?? 0, state?.ctime ?? 0);
}
