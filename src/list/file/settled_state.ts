import { wallTime } from "../../time/clock.ts";
import { sleep } from "../../time/sleep.ts";
import { type FileState, stateIfSeen } from "../../files/file_state.ts";

/**
 * Two changes within one tick of the file system's clock have the same timestamp. Linux ticks every 1 to 10 ms. FAT
 * ticks every 2 s, so there the fingerprint at the end of the pass must detect a change.
 */
const TICK_MS = 20;

/** Returns `stateIfSeen()` once the last change is old enough for another one to get a different timestamp. */
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
